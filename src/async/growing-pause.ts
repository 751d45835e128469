/** Pauses between attempts that keep failing: each twice as long as the last, up to a bound. */
export function growingPause(firstMs: number, longestMs: number) {
  let nextMs = firstMs
  return {
    /** Whether no attempt has failed since the last success. */
    isFirst: (): boolean => nextMs === firstMs,
    /** How long to pause now, milliseconds. */
    next(): number {
      const pauseMs = nextMs
      nextMs = Math.min(nextMs * 2, longestMs)
      return pauseMs
    },
    /** After a success. */
    reset(): void {
      nextMs = firstMs
    },
  }
}
