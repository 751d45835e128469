/** How a run of a session came to its end. */
export type Ending = {
  /** How often OpenCode has called the session idle since the watch began; 0 when it never did. */
  readonly idles: number
  /** Another run had begun before the session came to rest. */
  readonly busyAgain: boolean
}

/** Tells when a session has come to rest. */
export type IdleSignal = {
  /**
   * Listens from this call on. A failed run is called idle twice, and the first time it still lives: a message
   * that is sent then joins it and is never answered. So this resolves when the session has been idle `idles`
   * times and nothing has followed for a moment. An idle too few is waited for a little longer. Never rejects.
   */
  readonly settled: (sessionID: string, idles: number) => Promise<Ending>
  readonly idle: (sessionID: string) => void
  readonly busy: (sessionID: string) => void
}

export type IdleTimes = {
  /** A run ends with several events within one millisecond (1.18.33). */
  readonly quietMs: number
  /** How long a missing idle is waited for after the last one. */
  readonly missingMs: number
  /** OpenCode goes idle within milliseconds after an abort; an event that never comes must not lock the session. */
  readonly longestMs: number
}

const usualTimes: IdleTimes = { quietMs: 20, missingMs: 400, longestMs: 3_000 }

type Watch = { readonly onIdle: () => void; readonly onBusy: () => void }

export function createIdleSignal(times: IdleTimes = usualTimes): IdleSignal {
  const watches = new Map<string, Set<Watch>>()

  const settled: IdleSignal["settled"] = (sessionID, expected) =>
    new Promise((resolve) => {
      const others = watches.get(sessionID) ?? new Set()
      watches.set(sessionID, others)
      let idles = 0
      let quiet: ReturnType<typeof setTimeout> | undefined
      const end = (busyAgain: boolean): void => {
        clearTimeout(longest)
        clearTimeout(quiet)
        others.delete(watch)
        if (others.size === 0 && watches.get(sessionID) === others) watches.delete(sessionID)
        resolve({ idles, busyAgain })
      }
      const longest = setTimeout(() => end(false), times.longestMs)
      const watch: Watch = {
        onIdle: () => {
          idles += 1
          clearTimeout(quiet)
          quiet = setTimeout(() => end(false), idles < expected ? times.missingMs : times.quietMs)
        },
        // Before the first idle it is still the old run, whose pause between two requests was over.
        onBusy: () => {
          if (idles > 0) end(true)
        },
      }
      others.add(watch)
    })

  return {
    settled,
    idle: (sessionID) => {
      for (const watch of watches.get(sessionID) ?? []) watch.onIdle()
    },
    busy: (sessionID) => {
      for (const watch of watches.get(sessionID) ?? []) watch.onBusy()
    },
  }
}
