import { beginTurn } from "../../../src/turn/transitions.ts"
import type { Turn } from "../../../src/turn/turn.ts"

/** A turn of `ses_1` that has just begun. */
export function turnOf(change: Partial<Turn> = {}): Turn {
  const begun = beginTurn({
    sessionID: "ses_1",
    messageID: "msg_1",
    agent: "build",
    own: change.own ?? { model: "a/own" },
  })
  return { ...begun, ...change }
}
