/** What is known of OpenCode's summaries of one session's changes. */
export type PendingSummaries = {
  /** Under way. */
  count: number
  /** Rewritings of ours that bear a summary, and of which OpenCode has yet to tell. */
  untold: number
  onEnd: (() => void) | undefined
}

export const noSummaries: PendingSummaries = { count: 0, untold: 0, onEnd: undefined }

/** A summary compares snapshots of the project: some 100 ms. */
const longestSummaryMs = 1_000

export type Summaries = ReturnType<typeof createSummaries>

/** OpenCode sums up what a turn has changed, and at its end writes an older copy of the turn's message over ours. */
export function createSummaries() {
  /** Set once a summary began that never came to its end: in this OpenCode the two events do not belong together. */
  let isUnpaired = false

  return {
    /** Resolves when no summary is under way: what is written before would be overwritten. */
    settled: (session: PendingSummaries): Promise<void> => {
      if (session.count === 0 || isUnpaired) return Promise.resolve()
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          session.count = 0
          session.onEnd = undefined
          resolve()
        }
        const timer = setTimeout(() => {
          isUnpaired = true
          end()
        }, longestSummaryMs)
        session.onEnd = end
      })
    },
    onBegin: (session: PendingSummaries): void => {
      session.count += 1
    },
    /** OpenCode has stored a message with a summary. @param mayBeOurs whether it is as we have last written it */
    onStored: (session: PendingSummaries, mayBeOurs: boolean): void => {
      if (mayBeOurs && session.untold > 0) session.untold -= 1
      else session.count = Math.max(0, session.count - 1)
      if (session.count === 0) session.onEnd?.()
    },
    /** A message that bears a summary is about to be rewritten by us. */
    onRewriting: (session: PendingSummaries): void => {
      session.untold += 1
    },
    /** OpenCode has not made it, and will not tell of it. */
    onRefused: (session: PendingSummaries): void => {
      session.untold = Math.max(0, session.untold - 1)
    },
    /** OpenCode sums up nothing: snapshots are switched off. */
    expectNone: (): void => {
      isUnpaired = true
    },
  }
}
