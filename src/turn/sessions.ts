import { BoundedMap } from "../core/bounded-map.ts"
import type { FallbackEntry, ModelKey, NamedModel } from "../core/model-ref.ts"
import { processWide } from "./process-wide.ts"
import type { Transition } from "./transitions.ts"
import type { Turn } from "./turn.ts"

/** What is known of one session beyond its current turn. */
type SessionState = {
  readonly turn?: Turn
  /** The newest step of OpenCode's run, until the session is idle: the turn may be of a prompt that has joined the run. */
  readonly step?: { readonly answers: string; readonly model: ModelKey } | undefined
  /** `/understudy off` and `on`; without a word it is as in the session that this one works for. */
  readonly off?: boolean
  /** The session that this one works for, as a subagent's. */
  readonly parentID?: string
  /** The session in which what is answered here was asked, and where its switches belong. */
  readonly answersFor?: string
  /** A chain given by hand for this session. */
  readonly chain?: readonly FallbackEntry[]
  /** `/understudy next` and `use`: for this choice of the user's another model takes every turn. */
  readonly handedOver?: { readonly own: ModelKey; readonly to: NamedModel } | undefined
  /** Tokens of the newest finished answer: how full the window is. */
  readonly contextTokens: number
  /** The newest assistant message that holds a tool call. */
  readonly callingMessage?: string
  /** A command of ours whose answer we give ourselves, in the place of a model. */
  readonly localReply?: LocalReply | undefined
  /** All such answers of this process, the newest last. */
  readonly replies?: readonly string[]
  /** Set while OpenCode compacts the session. */
  readonly compaction?: Compaction | undefined
}

export type LocalReply = {
  readonly messageID: string
  readonly text: string
  /** It was thrown into a turn, which goes on behind it. */
  readonly goesOn?: boolean
}

export type Compaction = {
  /** The compaction seen as a turn of its own: which model it is on, and which it has left. */
  readonly turn: Turn
  /** OpenCode began it by itself in the middle of a turn, which is to go on afterwards. */
  readonly isAutomatic: boolean
  /** We have aborted it and are about to start it again. */
  readonly repeating: boolean
  /** Nobody is left to write the summary: what its request is refused with. */
  readonly refusal?: string
}

const fresh: SessionState = { contextTokens: 0 }

/** Session ids are unique, so that all plugin instances of a process may know the same sessions. */
export function sessionsOfProcess(onRefused: OnRefused): Sessions {
  return createSessions(onRefused, processWide("sessions@4", newStates))
}

function newStates(): States {
  return new BoundedMap()
}

/** A transition was applied that the turn's phase does not allow: an internal error. */
type OnRefused = (what: string, turn: Turn) => void

export type Sessions = ReturnType<typeof createSessions>

type States = BoundedMap<string, SessionState>

export function createSessions(onRefused: OnRefused = () => undefined, states: States = newStates()) {
  const get = (sessionID: string): SessionState => states.get(sessionID) ?? fresh
  const put = (sessionID: string, change: Partial<SessionState>): void => {
    states.set(sessionID, { ...get(sessionID), ...change })
  }
  /** The session, the one that it works for as a subagent's, and so on up to the top. */
  const lineOf = (sessionID: string): readonly string[] => {
    const line: string[] = []
    for (let at: string | undefined = sessionID; at !== undefined && !line.includes(at);) {
      line.push(at)
      at = get(at).parentID
    }
    return line
  }
  return {
    get,
    topOf: (sessionID: string): string => lineOf(sessionID).at(-1) ?? sessionID,
    turn: (sessionID: string): Turn | undefined => get(sessionID).turn,
    /** Whether all switching is off in this session: the nearest word counts, its own or of whom it works for. */
    isOff: (sessionID: string): boolean =>
      lineOf(sessionID)
        .map((at) => get(at).off)
        .find((off) => off !== undefined) ?? false,
    patch: (sessionID: string, change: Partial<Omit<SessionState, "turn">>): void => put(sessionID, change),
    /** Puts a new turn in the place of the last one. */
    open: (turn: Turn): void => put(turn.sessionID, { turn }),
    /**
     * Changes the current turn; a turn that is no longer the current one is left alone.
     *
     * @param what the transition's name, for the log
     * @returns the turn as it is afterwards; `undefined` when nothing was changed
     */
    change: (
      { sessionID, messageID }: Pick<Turn, "sessionID" | "messageID">,
      what: string,
      transition: Transition,
    ): Turn | undefined => {
      const turn = get(sessionID).turn
      if (!turn || turn.messageID !== messageID) return undefined
      const changed = transition(turn)
      if (changed === undefined) onRefused(what, turn)
      else if (changed !== turn) put(sessionID, { turn: changed })
      return changed
    },
    /** Nothing where the session compacts no longer. */
    patchCompaction: (sessionID: string, change: Partial<Compaction>): void => {
      const { compaction } = get(sessionID)
      if (compaction) put(sessionID, { compaction: { ...compaction, ...change } })
    },
    endCompaction: (sessionID: string): void => {
      if (get(sessionID).compaction) put(sessionID, { compaction: undefined })
    },
    /** An empty list takes a chain given by hand away again. */
    setChain: (sessionID: string, chain: readonly FallbackEntry[]): void => {
      const { chain: _, ...rest } = get(sessionID)
      states.set(sessionID, chain.length === 0 ? rest : { ...rest, chain })
    },
    forget: (sessionID: string): void => states.delete(sessionID),
  }
}
