import { BoundedMap } from "../../../core/bounded-map.ts"
import type { Core } from "../../../failover/assemble.ts"
import { createOwnFaults } from "../../../host/own-fault.ts"
import { delegateTaskName } from "../../../tools/delegate-task.ts"
import { isOnOwn } from "../../../turn/turn-predicates.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { HostEvent } from "../host/read-event.ts"
import type { TurnHost } from "../host/turn-host.ts"

export type LentWhileRead = ReturnType<typeof createLentWhileRead>

type LentWhileReadDeps = Pick<Core, "sessions" | "now"> & {
  readonly host: Pick<TurnHost, "giveBack" | "lend" | "log">
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

type Dialog = Extract<HostEvent, { type: "dialog" }>
type ToolCall = { readonly tool: string; readonly callID: string }

type State = {
  isStreaming: boolean
  isGivenBack: boolean
  /** Permissions and questions that are open, and tools at work: the loop goes on after the last of them. */
  readonly waits: Set<string>
  answeredAt: number
}

/** The terminal draws what has come every 16 ms, and a busy machine later. */
const drawnWithinMs = 150
/** A command and a subagent: minutes. They rarely fail as tools, which nothing of ours could have the loop wait for. */
const longTools: ReadonlySet<string> = new Set(["bash", "task", delegateTaskName])

/**
 * The terminal interface builds its prompt box from the session's newest message when somebody comes back to the
 * session, from another one or from a permission (1.18.33): were that lent then, the stand-in would be the user's choice
 * from there on. So the message is the user's own while a step is answered, a long tool runs or somebody is asked, and
 * lent again before the loop reads it. Of a subagent's requests it is the session at the top that shows them.
 */
export function createLentWhileRead({ host, sessions, pause, now }: LentWhileReadDeps) {
  const faults = createOwnFaults(host)
  /** Sessions whose turn is on a stand-in. */
  const states = new BoundedMap<string, State>()

  const stateOf = (sessionID: string): State => {
    const state = states.get(sessionID) ?? {
      isStreaming: false,
      isGivenBack: false,
      waits: new Set(),
      answeredAt: 0,
    }
    states.set(sessionID, state)
    return state
  }

  const giveBack = async ({ sessionID, messageID }: Turn): Promise<void> => {
    stateOf(sessionID).isGivenBack = true
    await faults.guardAsync(() => host.giveBack(sessionID, { upTo: messageID, isBusy: true }))
  }

  const waitFor = (sessionID: string, wait: string): Promise<void> | undefined => {
    const turn = sessions.turn(sessionID)
    if (!turn || !isLent(turn)) return undefined
    stateOf(sessionID).waits.add(wait)
    return giveBack(turn)
  }

  const lendAgain = async (sessionID: string): Promise<void> => {
    const state = states.get(sessionID)
    if (!state?.isGivenBack || state.isStreaming || state.waits.size > 0) return
    state.isGivenBack = false
    const undrawnMs = state.answeredAt + drawnWithinMs - now()
    if (undrawnMs > 0) await pause(undrawnMs, undefined)
    const turn = sessions.turn(sessionID)
    if (turn && isLent(turn)) await host.lend(turn, turn.inUse)
  }

  return {
    /** For the step that is on its way; of a structured one only a tool that runs tells that the turn goes on. */
    hasRead: (turn: Turn, { isStructured }: { readonly isStructured: boolean }): void => {
      if (!isLent(turn)) return
      stateOf(turn.sessionID).isStreaming = !isStructured
      void giveBack(turn)
    },
    /** The step's end is about to be passed on, and the turn goes on. */
    willRead: async ({ sessionID }: Turn): Promise<void> => {
      const state = states.get(sessionID)
      if (state) state.isStreaming = false
      await lendAgain(sessionID)
    },
    /** The turn is over, or the session at rest or gone. */
    forget: (sessionID: string): void => states.delete(sessionID),
    /** Whether the session's newest message is the user's own for now: one that comes in meanwhile is to be so too. */
    isGivenBack: (sessionID: string): boolean => states.get(sessionID)?.isGivenBack === true,
    onDialog: async ({ sessionID, requestID, isOpen }: Dialog): Promise<void> => {
      const top = sessions.topOf(sessionID)
      if (isOpen) return waitFor(top, requestID)
      const state = states.get(top)
      if (state?.waits.delete(requestID)) state.answeredAt = now()
    },
    onToolBegins: (sessionID: string, { tool, callID }: ToolCall): void => {
      if (longTools.has(tool)) void waitFor(sessionID, callID)
    },
    /** A tool has run, for which OpenCode waits before the loop goes on; or has failed, for which it does not. */
    onToolEnds: (sessionID: string, callID: string): Promise<void> => {
      states.get(sessionID)?.waits.delete(callID)
      return lendAgain(sessionID)
    },
  }
}

function isLent(turn: Turn): boolean {
  return turn.phase.is === "running" && !isOnOwn(turn)
}
