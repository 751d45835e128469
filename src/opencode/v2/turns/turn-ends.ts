import { BoundedMap } from "../../../core/bounded-map.ts"
import { field, text } from "../../../core/json-object.ts"
import type { ModelKey } from "../../../core/model-ref.ts"
import { tokensUsed } from "../../../core/tokens-used.ts"
import { noteAnswer } from "../../../failover/note-answer.ts"
import { chooseOwn, comeBack } from "../../../turn/transitions.ts"
import { isOnOwn } from "../../../turn/turn-predicates.ts"
import type { BusEvent, PromptEvent } from "../host/context.ts"
import { keyOf, readReference, sameReference } from "../host/model-reference.ts"
import { describeUnset } from "../lending/set-up-check.ts"
import type { Compactions } from "../requests/compaction.ts"
import type { OwnRequests } from "../requests/own-requests.ts"
import type { StepDeps } from "../requests/step-requests.ts"
import type { TurnStarts } from "./turn-starts.ts"

type TurnEndsDeps = StepDeps & {
  readonly starts: TurnStarts
  readonly ownRequests: OwnRequests
  readonly compactions: Compactions
}

/** OpenCode's class of it. */
const unusable = "provider.no-route"

/** Follows what becomes of steps and turns, and gives the user's own model back when a turn is over. */
export function createTurnEnds(deps: TurnEndsDeps) {
  const { failover, sessions, loans } = deps
  const answers = new BoundedMap<string, { readonly model: ModelKey; readonly sentAt: number }>()

  const onEvent = async (event: BusEvent): Promise<void> => {
    const sessionID = text(event.data, "sessionID")
    if (sessionID === undefined) return
    const created = field(event, "created")
    const at = typeof created === "number" ? created : deps.now()
    switch (event.type) {
      case "session.execution.started":
        return deps.starts.started(sessionID, at)
      case "session.execution.interrupted":
        deps.ownRequests.abandonAll(sessionID)
        deps.compactions.ended(sessionID)
        return ended(sessionID, at)
      case "session.execution.failed":
        await noteUnusable(sessionID, field(event.data, "error"))
        return ended(sessionID, at)
      case "session.execution.succeeded":
        return ended(sessionID, at)
      case "session.compaction.ended":
        // Until the next answer says how much is left.
        sessions.patch(sessionID, { contextTokens: 0 })
        return deps.compactions.ended(sessionID)
      case "session.compaction.failed":
        return deps.compactions.ended(sessionID)
      case "session.step.started":
        return stepStarted(event.data, at)
      case "session.step.ended":
        return stepEnded(sessionID, event.data)
      case "session.model.selected":
        return modelSelected(sessionID, event.data)
      case "session.forked":
        return loans.forked(sessionID, text(event.data, "parentID") ?? "")
      case "session.deleted":
        sessions.forget(sessionID)
        deps.steps.forget(sessionID)
        deps.compactions.ended(sessionID)
        deps.categories.forget(sessionID)
        return loans.drop(sessionID)
    }
  }

  return {
    onEvent,
    /** A prompt has had its time: where no turn has come of it, there is nothing to wait for. */
    hadItsTime: async ({ sessionID, messageID }: Pick<PromptEvent, "sessionID" | "messageID">) => {
      const isNewest = sessions.turn(sessionID)?.messageID === messageID
      if (isNewest && deps.starts.isAwaited(sessionID)) await ended(sessionID, deps.now())
    },
  }

  /** Of a model that OpenCode cannot set up (settings, a package that is missing) it asks nobody (2.0.15). */
  async function noteUnusable(sessionID: string, error: unknown): Promise<void> {
    const turn = sessions.turn(sessionID)
    const said = text(error, "message") ?? ""
    if (!turn || text(error, "type") !== unusable || !said.includes(turn.inUse.model)) return
    if (!failover.enabled(sessionID)) return
    deps.host.log("warn", describeUnset(turn.inUse.model, said))
    await failover.judge(turn, { status: 404 }, undefined)
  }

  async function ended(sessionID: string, at: number): Promise<void> {
    deps.steps.ended(sessionID)
    if (!deps.starts.ended(sessionID, at)) return
    const turn = sessions.turn(sessionID)
    if (turn) failover.endProbe({ sessionID, model: turn.inUse.model })
    deps.turns.ended(sessionID)
    if (loans.keepsStandIn) return
    await loans.giveBack(sessionID)
    deps.ownChoice.giveBack(sessionID)
  }

  function stepStarted(data: unknown, at: number): void {
    const message = text(data, "assistantMessageID")
    const model = readReference(field(data, "model"))
    const sentAt = field(data, "started")
    if (message === undefined || !model) return
    answers.set(message, { model: keyOf(model), sentAt: typeof sentAt === "number" ? sentAt : at })
  }

  function stepEnded(sessionID: string, data: unknown): void {
    deps.steps.ended(sessionID)
    const answer = answers.get(text(data, "assistantMessageID") ?? "")
    if (!answer) return
    noteAnswer(deps, { sessionID, model: answer.model }, answer.sentAt)
    const tokens = tokensUsed(field(data, "tokens"))
    if (tokens > 0) sessions.patch(sessionID, { contextTokens: tokens })
  }

  async function modelSelected(sessionID: string, data: unknown): Promise<void> {
    const model = readReference(field(data, "model"))
    if (!model || loans.isOurs(sessionID, model)) return
    const own = loans.owed(sessionID)?.own
    // With each prompt the terminal names what its prompt box shows; one that joins the turn is no choice.
    if (own && sameReference(model, own)) return loans.lendAgain(sessionID)
    await loans.drop(sessionID)
    deps.store.forgetSession(sessionID)
    const turn = sessions.turn(sessionID)
    const picked = { model: keyOf(model), variant: model.variant }
    const chosen = turn && sessions.change(turn, "chooseOwn", chooseOwn(picked))
    if (chosen && !isOnOwn(chosen)) sessions.change(chosen, "comeBack", comeBack)
  }
}
