/** Tells when a session has become idle. */
export type IdleSignal = {
  /** Resolves at the next idle of this session, or after `longestMs`; never rejects. */
  readonly next: (sessionID: string) => Promise<void>
  readonly announce: (sessionID: string) => void
}

/** OpenCode goes idle within milliseconds after an abort; an event that never comes must not lock the session. */
const longestMs = 3_000

export function createIdleSignal(): IdleSignal {
  const waiting = new Map<string, Set<() => void>>()
  return {
    next: (sessionID) =>
      new Promise((resolve) => {
        const waiters = waiting.get(sessionID) ?? new Set()
        waiting.set(sessionID, waiters)
        const done = (): void => {
          clearTimeout(timer)
          waiters.delete(done)
          if (waiters.size === 0) waiting.delete(sessionID)
          resolve()
        }
        const timer = setTimeout(done, longestMs)
        waiters.add(done)
      }),
    announce: (sessionID) => {
      for (const done of waiting.get(sessionID) ?? []) done()
    },
  }
}
