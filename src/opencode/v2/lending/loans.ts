import { createOneAtATime } from "../../../async/one-at-a-time.ts"
import { BoundedMap } from "../../../core/bounded-map.ts"
import { sameModel } from "../../../core/model-ref.ts"
import type { Host } from "../../../host/host.ts"
import { isSessionGone } from "../../../host/session-gone.ts"
import type { Context, ModelReference, SessionInfo } from "../host/context.ts"
import { keyOf, sameReference, withKnownVariant } from "../host/model-reference.ts"
import { type Loan, readStored, type StoredLoan } from "./stored-loan.ts"

/** When a session last came to rest, in OpenCode's words; `undefined`: never. */
type IdleAt = number | undefined

type Dated = Loan & {
  /** As it was lent: whatever becomes of the clock. */
  readonly idleAt: IdleAt
}

type Returning = Loan & Pick<StoredLoan, "left">

/** Each session has a key of its own: servers that share the storage take nothing of each other's out of it. */
const prefix = "loan:"
/** As many as OpenCode gives at once (2.0.15), and more than are lent at the same time. */
const mostStored = 1_000
/** Where stand-ins are to stay, they are known of so many sessions: those that were lent last. */
const mostKept = 500
/** More switches than happen to one session before OpenCode tells of the first. */
const mostUntold = 20

/** What all projects of a process share: any of them repairs what the storage holds, which is that of all. */
export function newLentSessions() {
  return {
    loans: new Map<string, Dated>(),
    /** The models that we have asked for, from the last one on of which OpenCode has told. */
    asked: new BoundedMap<string, readonly ModelReference[]>(),
    stuck: new BoundedMap<string, true>(),
    /** Sessions of which it is known here whether another process has left them lent. */
    claimed: new BoundedMap<string, true>(),
    /** Of one session: the end of a turn gives back while the next one may be lending already. */
    inOrder: createOneAtATime(),
  }
}

export type Loans = ReturnType<typeof createLoans>

type LoansDeps = {
  readonly context: {
    readonly storage: Context["storage"]
    readonly session: Pick<Context["session"], "get" | "switchModel">
  }
  readonly host: Pick<Host, "catalog">
  readonly lent: ReturnType<typeof newLentSessions>
  readonly pid: number
  readonly isAlive: (pid: number) => boolean
  /** Whether sessions stay on the model that stood in (`restore_primary: "never"`). */
  readonly keepsStandIn: boolean
  readonly now: () => number
  /** The storage has failed: a loan would be lost with the process. */
  readonly onStorageFault: (error: unknown) => void
}

/**
 * OpenCode 2 has one model per session and no model per turn: we switch the session, and back when the turn is
 * over. What is lent is kept in OpenCode's storage as well, so that a server that was killed leaves nothing behind.
 */
export function createLoans({ context, host, lent, pid, onStorageFault, ...deps }: LoansDeps) {
  const { session, storage } = context
  const { loans, asked, stuck, claimed, inOrder } = lent
  const store = (sessionID: string, loan: StoredLoan | undefined): Promise<void> => {
    const key = `${prefix}${sessionID}`
    return inOrder(key, () => (loan ? storage.set(key, loan) : storage.remove(key))).catch(onStorageFault)
  }

  const keep = async (sessionID: string, loan: Dated, before?: Loan): Promise<void> => {
    loans.delete(sessionID)
    loans.set(sessionID, loan)
    const { own, inUse } = loan
    const left = before && { left: before.inUse }
    await store(sessionID, { own, inUse, ...left, pid, at: deps.now() })
    const [oldest] = loans.keys()
    if (deps.keepsStandIn && loans.size > mostKept && oldest !== undefined) await drop(oldest)
  }

  const switchTo = async (sessionID: string, model: ModelReference): Promise<void> => {
    asked.set(sessionID, [...(asked.get(sessionID) ?? []), model].slice(-mostUntold))
    stuck.set(sessionID, true)
    await session.switchModel({ sessionID, model })
    stuck.delete(sessionID)
  }

  /** The user has chosen a model: nothing is owed any longer. */
  const drop = async (sessionID: string): Promise<void> => {
    if (loans.delete(sessionID)) await store(sessionID, undefined)
  }

  const standsOn = async (sessionID: string, ...models: readonly ModelReference[]): Promise<boolean> => {
    const { model } = await session.get({ sessionID })
    return models.some((one) => model && sameModel(keyOf(model), keyOf(one)))
  }

  const putBack = async (sessionID: string, { own, inUse, left = inUse }: Returning): Promise<void> => {
    if (await standsOn(sessionID, inUse, left)) await switchTo(sessionID, own)
  }

  /** Puts the session back, unless somebody else has put it elsewhere. */
  const giveBack = (sessionID: string): Promise<void> =>
    inOrder(sessionID, async () => {
      const loan = loans.get(sessionID)
      if (!loan) return
      await putBack(sessionID, loan)
      await drop(sessionID)
    })

  /** Puts back what another process has lent, or takes it over where the stand-in is to stay. */
  const putRight = async (sessionID: string, loan: Returning): Promise<void> => {
    const { own, inUse } = loan
    // A session that is gone needs nothing any more; one that OpenCode does not give or switch is left to the next time.
    const found = await session.get({ sessionID }).catch((error: unknown) => {
      if (!isSessionGone(error)) throw error
    })
    if (found && deps.keepsStandIn && (await standsOn(sessionID, inUse)))
      return keep(sessionID, { own, inUse, idleAt: undefined })
    if (found) await putBack(sessionID, loan)
    await store(sessionID, undefined)
  }

  const isLeftBehind = (loan: StoredLoan): boolean => loan.pid === pid || !deps.isAlive(loan.pid)

  /** A stand-in that is to stay needs nothing before its session is worked on. */
  const forgetOldest = async (
    stored: readonly (readonly [sessionID: string, StoredLoan])[],
  ): Promise<void> => {
    const newestFirst = stored.toSorted(([, a], [, b]) => b.at - a.at)
    for (const [sessionID] of newestFirst.slice(mostKept)) await store(sessionID, undefined)
  }

  return {
    keepsStandIn: deps.keepsStandIn,
    /** Puts the session on another model; the first own one is remembered. Rejects when OpenCode refuses. */
    lend: (sessionID: string, own: ModelReference, wanted: ModelReference, idleAt?: IdleAt): Promise<void> =>
      inOrder(sessionID, async () => {
        const inUse = withKnownVariant(wanted, await host.catalog())
        const before = loans.get(sessionID)
        const loan: Dated = { own: before?.own ?? own, inUse, idleAt }
        await keep(sessionID, loan, before)
        // The user may have chosen a model in the meantime.
        if (loans.get(sessionID) !== loan) return
        try {
          await switchTo(sessionID, inUse)
        } catch (error) {
          // The session stands where it stood, and is given back from there.
          if (before && loans.get(sessionID) === loan) await keep(sessionID, before)
          throw error
        }
      }),
    /** Puts the session, which somebody has put back in the middle of its turn, on the model in use again. */
    lendAgain: (sessionID: string): Promise<void> =>
      inOrder(sessionID, async () => {
        const loan = loans.get(sessionID)
        if (loan && !(await standsOn(sessionID, loan.inUse))) await switchTo(sessionID, loan.inUse)
      }),
    giveBack,
    /** Puts a fork on the own model of the session that it was taken from, whose turn may be lent. */
    forked: (forkID: string, originID: string): Promise<void> =>
      inOrder(forkID, async () => {
        const loan = deps.keepsStandIn ? undefined : loans.get(originID)
        // It may have been prompted already.
        if (loan && !loans.has(forkID)) await putBack(forkID, loan)
      }),
    of: (sessionID: string): Loan | undefined => loans.get(sessionID),
    /** What the session is given back at the end of its turn; nothing where the stand-in is to stay. */
    owed: (sessionID: string): Loan | undefined => (deps.keepsStandIn ? undefined : loans.get(sessionID)),
    /** Whether the last attempt to switch this session has failed: then its model is asked whatever is known of it. */
    isStuck: (sessionID: string): boolean => stuck.get(sessionID) === true,
    /** Nothing can be done for this session at the moment. */
    stick: (sessionID: string): void => stuck.set(sessionID, true),
    /** Whether this switch, which OpenCode reports, is one of ours. It reports them in order, and some time later. */
    isOurs: (sessionID: string, model: ModelReference): boolean => {
      const all = asked.get(sessionID) ?? []
      const told = all.findIndex((one) => sameReference(one, model))
      const isOurs = told !== -1
      if (isOurs) asked.set(sessionID, all.slice(told))
      return isOurs
    },
    drop,
    /** Puts right what a process that has died has left on our models. */
    repair: async (): Promise<void> => {
      const { entries } = await storage.scan({ prefix, limit: mostStored })
      const stored = entries.flatMap(({ key, value }) => {
        const loan = readStored(value)
        return loan ? [[key.slice(prefix.length), loan] as const] : []
      })
      if (deps.keepsStandIn) return forgetOldest(stored)
      const all = stored.map(([sessionID, loan]) =>
        inOrder(sessionID, async () => {
          if (!loans.has(sessionID) && isLeftBehind(loan)) await putRight(sessionID, loan)
        }),
      )
      await Promise.all(all)
    },
    /**
     * The same for one session. Never rejects.
     *
     * @param from `anybody` before it is worked on here: no other process does, whoever has the number of the one that
     *   lent it by now (in a container, or after a restart of the machine)
     */
    claim: async (sessionID: string, from: "anybody" | "the dead"): Promise<void> => {
      if (claimed.get(sessionID)) return
      await inOrder(sessionID, async () => {
        const loan = loans.has(sessionID) ? undefined : readStored(await storage.get(`${prefix}${sessionID}`))
        if (loan && from === "the dead" && !isLeftBehind(loan)) return
        if (loan) await putRight(sessionID, loan)
        claimed.set(sessionID, true)
      }).catch(onStorageFault)
    },
    /** Gives back what has come to rest since it was lent, of which nobody may have told. */
    giveBackAtRest: async (): Promise<void> => {
      if (deps.keepsStandIn) return
      const all = [...loans].map(async ([sessionID, loan]) => {
        const { time } = await session.get({ sessionID }).catch((): Partial<SessionInfo> => ({}))
        if (time?.idle !== undefined && time.idle !== loan.idleAt) await giveBack(sessionID)
      })
      // One that OpenCode refuses keeps no other from being given back.
      await Promise.all(all)
    },
  }
}
