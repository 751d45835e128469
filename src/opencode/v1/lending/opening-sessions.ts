import { BoundedMap } from "../../../core/bounded-map.ts"
import type { TurnHost } from "../host/turn-host.ts"

/** Sessions whose prompt box the terminal is about to build. */
export type OpeningSessions = ReturnType<typeof createOpeningSessions>

/** The terminal goes to a new session 50 ms after its first prompt was sent (1.18.33), on a busy machine later. */
const openWithinMs = 500

/**
 * The terminal builds the prompt box of a new session from the first message that it finds there: were that on a
 * stand-in by then, it would be the user's choice from there on.
 */
export function createOpeningSessions(deps: {
  /** Whether a terminal interface runs in this process. */
  readonly hasTerminal: boolean
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  readonly now: () => number
}) {
  const { hasTerminal, pause, now } = deps
  /** Until when, milliseconds since 1970. */
  const opening = new BoundedMap<string, number>()
  const remainingMs = (sessionID: string): number => (opening.get(sessionID) ?? 0) - now()

  const opened = async (sessionID: string): Promise<void> => {
    // Never longer than that, also where the clock is put back meanwhile.
    const ms = Math.min(remainingMs(sessionID), openWithinMs)
    opening.delete(sessionID)
    if (ms > 0) await pause(ms, undefined)
  }

  return {
    /** The first message of a session comes in. */
    begin: (sessionID: string): void => {
      if (hasTerminal) opening.set(sessionID, now() + openWithinMs)
    },
    has: (sessionID: string): boolean => remainingMs(sessionID) > 0,
    /** The same host, which puts no message on another model before the prompt box is there. */
    awaited: (inner: TurnHost): TurnHost => ({
      ...inner,
      lend: async (message, to) => {
        await opened(message.sessionID)
        await inner.lend(message, to)
      },
      replay: async (message, on) => {
        await opened(message.sessionID)
        await inner.replay(message, on)
      },
    }),
  }
}
