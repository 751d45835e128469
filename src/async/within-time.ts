/** The result, or `undefined` when there is none after so many milliseconds. */
export async function withinTime<Result>(result: Promise<Result>, ms: number): Promise<Result | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
    // What is waited for may keep a process alive; that the wait is bounded does not.
    timer.unref()
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
