import { inTime } from "./within-time.ts"

/** OpenCode takes milliseconds, but asks other plugins in between. */
export const longestMs = 30_000

/**
 * Runs what concerns the same key one after the other, in the order of the calls. What fails stops nobody behind it;
 * nor does what never ends: after a bound it counts as failed.
 */
export function createOneAtATime(limitMs = longestMs) {
  const late = `OpenCode has not answered within ${limitMs / 1_000} s`
  const last = new Map<string, Promise<unknown>>()
  return <Result>(key: string, run: () => Promise<Result>): Promise<Result> => {
    const result = (last.get(key) ?? Promise.resolve()).then(() => inTime(run(), limitMs, late))
    const settled = result
      .catch(() => undefined)
      .finally(() => {
        if (last.get(key) === settled) last.delete(key)
      })
    last.set(key, settled)
    return result
  }
}
