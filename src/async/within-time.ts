/** Timers of a busy machine come late, but not so late. Milliseconds. */
const latestMs = 200

/** For what has come meanwhile to be read. Milliseconds. */
export const catchUpMs = 250

/**
 * Whether this process has stood still (Ctrl+Z, a debugger): its timers are over then, while what has come in the
 * meantime is not read yet.
 *
 * @param dueAt when a timer was to fire, on the clock of `performance.now`
 */
export function stoodStill(dueAt: number): boolean {
  return performance.now() - dueAt > latestMs
}

/** The result, or `undefined` when there is none after so many milliseconds. */
export async function withinTime<Result>(result: Promise<Result>, ms: number): Promise<Result | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<undefined>((resolve) => {
    const wait = (waitMs: number): void => {
      const dueAt = performance.now() + waitMs
      timer = setTimeout(() => (stoodStill(dueAt) ? wait(catchUpMs) : resolve(undefined)), waitMs)
      // What is waited for may keep a process alive; that the wait is bounded does not.
      timer.unref()
    }
    wait(ms)
  })
  try {
    return await Promise.race([result, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** @throws Error with this message when there is no result after so many milliseconds */
export async function inTime<Result>(result: Promise<Result>, ms: number, late: string): Promise<Result> {
  const ended = await withinTime(
    result.then((value) => ({ value })),
    ms,
  )
  if (ended === undefined) throw new Error(late)
  return ended.value
}
