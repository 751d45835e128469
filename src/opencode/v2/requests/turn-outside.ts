import { beginTurn } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { StepEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"

/** A request outside of the turn's loop (title, compaction), as a turn of its own: any model can take it. */
export function turnOutside({ sessionID, agent, model }: Omit<StepEvent, "kind">, messageID = ""): Turn {
  return beginTurn({
    sessionID,
    messageID,
    agent,
    own: { model: keyOf(model), variant: model.variant },
    needs: { images: false, pdf: false, tools: false, contextTokens: 0 },
  })
}
