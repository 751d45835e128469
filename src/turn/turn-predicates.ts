import { type ModelKey, sameModel } from "../core/model-ref.ts"
import type { Turn } from "./turn.ts"

/** Whether the turn is on the user's own model. */
export function isOnOwn({ inUse, own }: Pick<Turn, "inUse" | "own">): boolean {
  return sameModel(inUse.model, own.model)
}

/** The text that has ended the turn, and that every further request of it is answered with. */
export function refusalOf({ phase }: Pick<Turn, "phase">): string | undefined {
  return phase.is === "exhausted" && phase.gives === "refusal" ? phase.text : undefined
}

/** Whether another model stands in for the own one, whose failure OpenCode has not been given. */
export function holdsBackOriginal(turn: Turn): boolean {
  const { original, own } = turn
  return original !== undefined && sameModel(original.model, own.model) && !isOnOwn(turn)
}

/** Whether OpenCode is still to be given the own model's failure. */
export function owesOriginal({ phase }: Pick<Turn, "phase">): boolean {
  return phase.is === "exhausted" && phase.gives === "original"
}

/** Whether OpenCode has not yet prepared a request for it. */
export function isUntaken({ phase, inUse }: Turn): boolean {
  return phase.is === "running" && inUse.step === undefined
}

/** Whether the own model is about to be asked for the first time in this turn, before anything has happened to it. */
export function isFirstOnOwn({ own, inUse, tried, walksAnew, phase }: Turn): boolean {
  const isUntouched = tried.length === 0 && walksAnew !== true && phase.is === "running"
  return isUntouched && sameModel(inUse.model, own.model) && inUse.requests === 1
}

/** Whether the model in use stands in for the own one and has not answered so far. */
export function isOnUntriedStandIn(turn: Turn): boolean {
  return !isOnOwn(turn) && turn.inUse.hasAnswered !== true
}

/** Late news of a turn that is over. Ids of messages ascend with time. */
export function isOfEarlierTurn(turn: Turn, answers: string | undefined): boolean {
  return answers === undefined ? turn.inUse.step === undefined : answers < turn.messageID
}

const mostOverwritten = 5

/** Whether this request is for a model that the turn has left: the host has put an older state over its message. */
export function isOverwritten(turn: Turn, messageID: string, model: ModelKey): boolean {
  const isLeft = [turn.own, ...turn.tried].some((left) => sameModel(left.model, model))
  const isStale = turn.messageID === messageID && isLeft && !sameModel(model, turn.inUse.model)
  return isStale && (turn.overwritten ?? 0) < mostOverwritten
}
