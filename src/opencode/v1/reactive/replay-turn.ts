import type { Sessions } from "../../../turn/sessions.ts"
import {
  abortReplay,
  beginReplay,
  dropReplay,
  endReplay,
  sendReplay,
  type Transition,
} from "../../../turn/transitions.ts"
import type { Choice, Turn, TurnPhase } from "../../../turn/turn.ts"
import type { TurnHost } from "../host/turn-host.ts"
import type { Ending, IdleSignal } from "./idle-signal.ts"

type RunDeps = { readonly host: Pick<TurnHost, "abort">; readonly idle: IdleSignal }

type ReplayDeps = RunDeps & { readonly sessions: Sessions; readonly host: Pick<TurnHost, "replay" | "log"> }

/** What the replay changes of the turn that it finds once the failed run is over. */
export type ReplayPlan = {
  readonly on: Choice
  readonly change: Transition
  /** The phase from the moment on when OpenCode has taken the message up. */
  readonly phase: TurnPhase
}

/** OpenCode's own longest pause is 32 s and a quarter more: what is longer was told by the provider. */
const longestOwnPauseMs = 40_000

/** Whether OpenCode waits for so long because the provider has said so, before it asks the same model again. */
export function isLongPause(ms: number): boolean {
  return ms > longestOwnPauseMs
}

/** @param pauseMs how long OpenCode waits before it asks the same model again; `undefined`: it has given up */
export function asksAgain(pauseMs: number | undefined): "soon" | "late" {
  return pauseMs !== undefined && isLongPause(pauseMs) ? "late" : "soon"
}

/** How often OpenCode calls a run idle that ended with an error: when the error comes, and when the loop is left. */
export const idlesAfterError = 2
/** An abort in the wait between two requests makes one, and each further abort another (1.18.33). */
const idlesAfterAbort = 1

/** Aborts the session's run. @returns how it came to its end */
export async function endRun({ host, idle }: RunDeps, sessionID: string): Promise<Ending> {
  const end = idle.settled(sessionID, idlesAfterAbort)
  await host.abort(sessionID)
  return end
}

/** Runs the session's newest message again under its own id, so that it stands in the history once. */
export function createReplayTurn({ sessions, host, idle }: ReplayDeps) {
  /**
   * @param ending when the run comes to its end by itself; without it the run is aborted
   * @param plan asked once the run is over, for the turn that is then the current one
   * @returns the turn that was replayed, as it was before; `undefined` when the user has ended it or gone on
   */
  return async (
    turn: Turn,
    ending: Promise<Ending> | undefined,
    plan: (current: Turn) => ReplayPlan,
  ): Promise<Turn | undefined> => {
    const { sessionID } = turn
    sessions.change(turn, "beginReplay", beginReplay)
    try {
      const end = await (ending ?? endRun({ host, idle }, sessionID))
      const isOwnAbort = ending === undefined
      if (isLater(turn) && !isOwnAbort && !(await idle.staysAtRest(sessionID))) return undefined
      const current = sessions.turn(sessionID)
      if (!current || !mayGoOn(turn, current, end, isOwnAbort)) return undefined
      const { on, change, phase } = plan(current)
      sessions.change(current, "change", change)
      sessions.change(current, "sendReplay", sendReplay(phase))
      await send(current, on)
      return current
    } finally {
      const left = sessions.turn(sessionID)
      if (left?.phase.is === "replaying" && left.phase.stage === "ending")
        sessions.change(left, "endReplay", endReplay)
    }
  }

  /** Whether a newer prompt has come in. */
  function isLater({ sessionID, messageID }: Turn): boolean {
    const current = sessions.turn(sessionID)
    return current !== undefined && current.messageID !== messageID
  }

  /** Whether nobody else has taken the session over while the run came to its end. */
  function mayGoOn(turn: Turn, current: Turn, end: Ending, isOwnAbort: boolean): boolean {
    if (current.phase.is === "aborted") return false
    const isEnding = current.phase.is === "replaying" && current.phase.stage === "ending"
    // The newer run takes the turn up.
    if (end.busyAgain && isEnding) sessions.change(current, "dropReplay", dropReplay)
    if (end.busyAgain) return false
    // A prompt that came before our abort, or while the failed run still lived, has joined that run, and nobody
    // but us would ever answer it.
    if (current.messageID !== turn.messageID) return current.inUse.step === undefined
    // Somebody else has sent the very same message again.
    if (current.phase.is !== "replaying" || current.phase.stage !== "ending") return false
    const { cut } = current.phase
    // The run goes on: OpenCode has told of something beside it, such as a file that it cannot read.
    if (!isOwnAbort && !cut && end.idles === 0) {
      sessions.change(current, "dropReplay", dropReplay)
      return false
    }
    // A request that was cut off makes one more: its own error. Where we abort nothing, the user has cut it off.
    const ours = isOwnAbort ? idlesAfterAbort + (cut ? 1 : 0) : idlesAfterError
    if (end.idles <= ours && (isOwnAbort || !cut)) return true
    host.log("info", "the turn was ended by the user while it was being replayed")
    sessions.change(current, "abortReplay", abortReplay)
    return false
  }

  async function send(turn: Turn, on: Choice): Promise<void> {
    try {
      await host.replay(turn, on)
    } catch (error) {
      sessions.change(turn, "endReplay", endReplay)
      throw error
    }
  }
}
