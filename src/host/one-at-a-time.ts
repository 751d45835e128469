/** Runs what concerns the same key one after the other, in the order of the calls; a failure stops nobody behind it. */
export type OneAtATime = <Result>(key: string, run: () => Promise<Result>) => Promise<Result>

export function createOneAtATime(): OneAtATime {
  const last = new Map<string, Promise<unknown>>()
  return (key, run) => {
    const result = (last.get(key) ?? Promise.resolve()).then(run)
    const settled = result
      .catch(() => undefined)
      .finally(() => {
        if (last.get(key) === settled) last.delete(key)
      })
    last.set(key, settled)
    return result
  }
}
