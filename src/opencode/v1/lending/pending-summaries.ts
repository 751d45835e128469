/** What is known of OpenCode's summaries of one session's changes. */
export type PendingSummaries = {
  /** Under way. */
  count: number
  /** Rewritings of ours that bear a summary, and of which OpenCode has yet to tell. */
  untold: number
  onEnd: (() => void) | undefined
}

export const noSummaries: PendingSummaries = { count: 0, untold: 0, onEnd: undefined }

/**
 * A summary compares snapshots of the project: some 100 ms, and with 16 sessions at once on two busy cores 12 s
 * (1.18.34). Waiting costs nothing then: the end of the step that waits is held up by the same lock.
 */
export const longestSummaryMs = 60_000
/** As long as none has been seen to end: in another OpenCode the two events may not belong together. */
const longestUnprovenMs = 1_000

export type Summaries = ReturnType<typeof createSummaries>

/** OpenCode sums up what a turn has changed, and at its end writes an older copy of the turn's message over ours. */
export function createSummaries() {
  let isExpected = true
  /** 0: one that was waited for has not ended, and none before it. */
  let longestMs = longestUnprovenMs

  return {
    /** Resolves when no summary is under way: what is written before would be overwritten. */
    settled: (session: PendingSummaries): Promise<void> => {
      if (session.count === 0 || longestMs === 0) return Promise.resolve()
      return new Promise((resolve) => {
        const end = (): void => {
          clearTimeout(timer)
          session.count = 0
          session.onEnd = undefined
          resolve()
        }
        const timer = setTimeout(() => {
          if (longestMs === longestUnprovenMs) longestMs = 0
          end()
        }, longestMs)
        session.onEnd = end
      })
    },
    onBegin: (session: PendingSummaries): void => {
      if (isExpected) session.count += 1
    },
    /** OpenCode has stored a message with a summary. @param mayBeOurs whether it is as we have last written it */
    onStored: (session: PendingSummaries, mayBeOurs: boolean): void => {
      if (mayBeOurs && session.untold > 0) session.untold -= 1
      else if (session.count > 0) {
        session.count -= 1
        longestMs = longestSummaryMs
      }
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
      isExpected = false
    },
  }
}
