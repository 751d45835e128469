import { sameModel } from "../core/model-ref.ts"
import type { Notices } from "../notify/notices.ts"
import type { Sessions } from "../turn/sessions.ts"
import { recover } from "../turn/transitions.ts"
import type { Asking } from "../turn/turn.ts"
import type { Failover } from "./failover.ts"
import type { OwnChoice } from "./own-choice.ts"

type NoteAnswerDeps = {
  readonly failover: Pick<Failover, "succeeded">
  readonly sessions: Sessions
  readonly ownChoice: Pick<OwnChoice, "comeBack">
  readonly notices: Pick<Notices, "returned">
}

/** A model has properly answered the request that was sent at this time. */
export function noteAnswer(deps: NoteAnswerDeps, asking: Asking, sentAt: number): void {
  deps.failover.succeeded(asking, sentAt)
  const turn = deps.sessions.turn(asking.sessionID)
  if (!turn) return
  deps.sessions.change(turn, "recover", recover(asking.model))
  // News of a step may come after the turn has left its model: a subagent can have found it down meanwhile.
  const isOnOwn = [turn.own, turn.inUse].every(({ model }) => sameModel(asking.model, model))
  const from = isOnOwn ? deps.ownChoice.comeBack(turn) : undefined
  if (from !== undefined) void deps.notices.returned(turn, from)
}
