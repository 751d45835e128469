/** How many values are handed out at once: one round trip for all of them, yet no burst without a bound. */
const batchSize = 100

/** A set in order of insertion that forgets its oldest value beyond `most`. */
export function boundedSet<Value>(most: number) {
  const values = new Set<Value>()
  const add = (value: Value): void => {
    values.add(value)
    const [oldest] = values
    if (values.size > most && oldest !== undefined) values.delete(oldest)
  }
  return {
    add,
    size: () => values.size,
    /** Hands each value to `use` and removes it; what `use` rejects is kept, and the rejection passed on. */
    async drain(use: (value: Value) => Promise<void>): Promise<void> {
      while (values.size > 0) {
        const batch = [...values].slice(0, batchSize)
        // Removed first: a value that changes again while it is under way must be handed out again.
        for (const value of batch) values.delete(value)
        const results = await Promise.allSettled(batch.map(use))
        const failed = batch.flatMap((value, index) => {
          const result = results[index]
          return result?.status === "rejected" ? [{ value, reason: result.reason }] : []
        })
        for (const { value } of failed) add(value)
        if (failed[0]) throw failed[0].reason
      }
    },
  }
}
