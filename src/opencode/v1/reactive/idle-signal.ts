/** How a run of a session came to its end. */
export type Ending = {
  /** How often OpenCode has called the session idle since the watch began; 0 when it never did. */
  readonly idles: number
  /** Another run had begun before the session came to rest. */
  readonly busyAgain: boolean
}

export type IdleSignal = ReturnType<typeof createIdleSignal>

export type IdleTimes = {
  /** A run ends with several events within one millisecond (1.18.33). */
  readonly quietMs: number
  /** How long a missing idle is waited for after the last one. */
  readonly missingMs: number
  /** OpenCode goes idle within milliseconds after an abort; an event that never comes must not lock the session. */
  readonly longestMs: number
  /** OpenCode takes a prompt up within milliseconds. */
  readonly takenUpMs: number
}

const usualTimes: IdleTimes = { quietMs: 20, missingMs: 400, longestMs: 3_000, takenUpMs: 1_000 }

type Watch = { readonly onIdle: () => void; readonly onBusy: () => void }

/** Tells when a session has come to rest. */
export function createIdleSignal(unusual: Partial<IdleTimes> = {}) {
  const times = { ...usualTimes, ...unusual }
  const watches = new Map<string, Set<Watch>>()
  const atWork = new Set<string>()

  const begin = (sessionID: string, watch: Watch): void => {
    const others = watches.get(sessionID) ?? new Set()
    watches.set(sessionID, others.add(watch))
  }

  const end = (sessionID: string, watch: Watch): void => {
    const others = watches.get(sessionID)
    others?.delete(watch)
    if (others?.size === 0) watches.delete(sessionID)
  }

  /**
   * Listens from this call on. A failed run is called idle twice, and the first time it still lives: a message
   * that is sent then joins it and is never answered. So this resolves when the session has been idle as often as is
   * expected and nothing has followed for a moment. An idle too few is waited for a little longer. Never rejects.
   */
  const settled = (sessionID: string, expected: number): Promise<Ending> =>
    new Promise((resolve) => {
      let idles = 0
      let quiet: ReturnType<typeof setTimeout> | undefined
      const settle = (busyAgain: boolean): void => {
        clearTimeout(longest)
        clearTimeout(quiet)
        end(sessionID, watch)
        resolve({ idles, busyAgain })
      }
      const longest = setTimeout(() => settle(false), times.longestMs)
      const watch: Watch = {
        onIdle: () => {
          idles += 1
          clearTimeout(quiet)
          quiet = setTimeout(() => settle(false), idles < expected ? times.missingMs : times.quietMs)
        },
        // Before the first idle it is still the old run, whose pause between two requests was over.
        onBusy: () => {
          if (idles > 0) settle(true)
        },
      }
      begin(sessionID, watch)
    })

  /** Whether nobody works on the session, and nobody begins to within a moment. Never rejects. */
  const staysAtRest = (sessionID: string): Promise<boolean> =>
    new Promise((resolve) => {
      if (atWork.has(sessionID)) return resolve(false)
      const settle = (isAtRest: boolean): void => {
        clearTimeout(timer)
        end(sessionID, watch)
        resolve(isAtRest)
      }
      const timer = setTimeout(() => settle(true), times.takenUpMs)
      timer.unref()
      const watch = { onIdle: () => undefined, onBusy: () => settle(false) }
      begin(sessionID, watch)
    })

  return {
    settled,
    staysAtRest,
    /** Whether OpenCode has begun to work on the session and has not called it idle since. */
    isAtWork: (sessionID: string): boolean => atWork.has(sessionID),
    idle: (sessionID: string): void => {
      atWork.delete(sessionID)
      for (const watch of watches.get(sessionID) ?? []) watch.onIdle()
    },
    busy: (sessionID: string): void => {
      atWork.add(sessionID)
      for (const watch of watches.get(sessionID) ?? []) watch.onBusy()
    },
  }
}
