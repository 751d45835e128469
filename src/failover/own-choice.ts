import { withinTime } from "../async/within-time.ts"
import { BoundedMap } from "../core/bounded-map.ts"
import { type ModelKey, sameModel } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { SessionRecord, Store } from "../store/store.ts"
import type { Choice, Turn } from "../turn/turn.ts"

export type OwnChoice = ReturnType<typeof createOwnChoice>

/** A turn waits for it. Milliseconds. */
const longestKeepingMs = 300

/** The one owner of what is kept of a session: whose choice its model is, and what stands in for it. */
export function createOwnChoice(store: Store, now: () => number) {
  /** Sessions in which nothing is lent: they come to rest often, and the store need not be asked each time. */
  const settled = new BoundedMap<string, true>()

  const save = (record: Omit<SessionRecord, "updatedAt">): void =>
    store.saveSession({ ...record, updatedAt: now() })

  return {
    /**
     * Whose choice the model of a new message is. A client that names none gets the last message's model from
     * OpenCode, and one that opens an old session takes it from there too: that may be a model that we have lent
     * the message to.
     *
     * @param named the model that the message names
     * @param mayInherit whether it may have come to that name in one of these ways
     */
    of: (sessionID: string, named: Choice, mayInherit: boolean): Choice => {
      const record = store.session(sessionID)
      if (record?.lent === undefined || record.inUse === undefined) return named
      return mayInherit && sameModel(named.model, record.inUse) ? choiceOf(record, named.variant) : named
    },
    /** Messages that a process before this one has left lent, with the choice that they are to name again. */
    leftLent: (sessionID: string): readonly { readonly messageID: string; readonly own: Choice }[] => {
      const record = store.session(sessionID)
      if (record?.lent === undefined) return []
      const own = choiceOf(record, undefined)
      return [...(record.lentBefore ?? []), record.lent].map((messageID) => ({ messageID, own }))
    },
    /** What has stood in for this choice until now, and why. */
    standIn: ({
      sessionID,
      own,
    }: Pick<Turn, "sessionID" | "own">): Pick<SessionRecord, "inUse" | "reason"> | undefined => {
      const record = store.session(sessionID)
      return record?.inUse !== undefined && sameModel(record.own, own.model) ? record : undefined
    },
    /** A turn has begun: keeps the choice and the chain where the sidebar and the next process find them. */
    begin: ({ sessionID, own }: Turn, chain: readonly ModelKey[]): void => {
      const before = store.session(sessionID)
      const same = before && sameModel(before.own, own.model) ? before : undefined
      if (before && !same) store.forgetSession(sessionID)
      if ((same?.chain ?? []).join() === chain.join()) return
      save({ ...(same ?? { sessionID, ...recorded(own) }), chain })
    },
    /** The turn's message is lent to another model. */
    lend: (
      { sessionID, messageID, own }: Pick<Turn, "sessionID" | "messageID" | "own">,
      to: ModelKey,
      reason: FailureKind | undefined,
    ): void => {
      const before = store.session(sessionID)
      const chain = before?.chain
      const lentBefore = lentBeside(before, messageID)
      settled.delete(sessionID)
      save({
        sessionID,
        ...recorded(own),
        ...(chain && { chain }),
        inUse: to,
        lent: messageID,
        ...(lentBefore.length > 0 && { lentBefore }),
        ...(reason && { reason }),
      })
    },
    /** Resolves when the next process would find what was noted here, or a little later where the store is locked. */
    kept: (): Promise<void> => withinTime(store.flushed(), longestKeepingMs),
    /** The messages of the session are as the user wrote them. */
    giveBack: (sessionID: string): void => {
      if (settled.get(sessionID)) return
      const record = store.session(sessionID)
      settled.set(sessionID, true)
      if (record?.lent === undefined) return
      const { lent: _, lentBefore: __, ...rest } = record
      save(rest)
    },
    /** The own model has answered, or is asked for by name. @returns the model that had been in its place, if any */
    comeBack: ({ sessionID, own }: Pick<Turn, "sessionID" | "own">): ModelKey | undefined => {
      const record = store.session(sessionID)
      // A turn that another process has begun is known to stand on its stand-in, and no more.
      if (record?.inUse === undefined || !sameModel(record.own, own.model)) return undefined
      const { inUse, reason: _, ...rest } = record
      save(rest)
      return inUse
    },
  }
}

/** Prompts that one run of OpenCode can join. */
const mostLent = 20

function lentBeside(record: SessionRecord | undefined, messageID: string): readonly string[] {
  const { lent, lentBefore = [] } = record ?? {}
  const all = lent === undefined ? lentBefore : [...lentBefore, lent]
  return all.filter((other) => other !== messageID).slice(-mostLent)
}

function recorded({ model, variant }: Choice): Pick<SessionRecord, "own" | "ownVariant"> {
  return { own: model, ...(variant !== undefined && { ownVariant: variant }) }
}

function choiceOf({ own, ownVariant }: SessionRecord, otherwise: string | undefined): Choice {
  return { model: own, variant: ownVariant ?? otherwise }
}
