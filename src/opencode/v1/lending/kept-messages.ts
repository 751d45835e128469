import { type ModelKey, sameModel } from "../../../core/model-ref.ts"
import type { Choice } from "../../../turn/turn.ts"
import type { PendingSummaries } from "./pending-summaries.ts"

/** One user message: as the user wrote it, and which model it is to name at this moment. */
export type Kept = {
  /** A shallow copy of OpenCode's own object: a deep one would lose the class of a JSON-schema `format`. */
  readonly written: Record<string, unknown>
  readonly own: Choice
  readonly agent: string
  /** Set where the copy came as JSON, without OpenCode's classes: OpenCode must build the `format` itself. */
  format?: unknown
  wanted: Choice
  /** The last stand-in that it was lent to. */
  lentTo: ModelKey | undefined
  /** A rewriting of ours is on its way through OpenCode: what comes in under this id is that one. */
  isRewriting: boolean
  /** What OpenCode's database says, as far as we know. */
  stored: ModelKey
  /** How often OpenCode has put an older state of the message over ours. */
  overwritten: number
}

export type KeptMessages = {
  readonly messages: Map<string, Kept>
  readonly summaries: PendingSummaries
}

/** Messages that one turn can hold: queued prompts, a compaction's, an agent change's. */
const mostMessages = 50

/** The messages that are not as the user wrote them. */
export function lentOf(
  kept: KeptMessages | undefined,
  upTo: string | undefined,
): readonly (readonly [string, Kept])[] {
  if (!kept) return []
  return [...kept.messages].filter(
    ([id, message]) => (upTo === undefined || id <= upTo) && !isAsWritten(message),
  )
}

/** Whom it is to name in the place of the user's own model. */
export function standInOf({ wanted, own }: Pick<Kept, "wanted" | "own">): ModelKey | undefined {
  return sameModel(wanted.model, own.model) ? undefined : wanted.model
}

/** Messages that are as the user wrote them are of no further use, but for the newest ones: they may be replayed. */
export function dropOldest(messages: Map<string, Kept>): void {
  for (const [id, message] of messages)
    if (isAsWritten(message) && messages.size > mostMessages / 2) messages.delete(id)
  const [oldest] = messages.keys()
  if (oldest !== undefined && messages.size > mostMessages) messages.delete(oldest)
}

function isAsWritten({ own, wanted, stored }: Kept): boolean {
  return sameModel(wanted.model, own.model) && sameModel(stored, own.model)
}
