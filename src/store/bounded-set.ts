/** A set in order of insertion that forgets its oldest value beyond `most`. */
export type BoundedSet<Value> = {
  add(value: Value): void
  size(): number
  /** Hands each value to `use` and removes it; what `use` rejects is kept, and the rejection passed on. */
  drain(use: (value: Value) => Promise<void>): Promise<void>
}

/** How many values are handed out at once: one round trip for all of them, yet no burst without a bound. */
const batchSize = 100

export function boundedSet<Value>(most: number): BoundedSet<Value> {
  const values = new Set<Value>()
  const add = (value: Value): void => {
    values.add(value)
    const [oldest] = values
    if (values.size > most && oldest !== undefined) values.delete(oldest)
  }
  return {
    add,
    size: () => values.size,
    async drain(use) {
      while (values.size > 0) {
        const batch = [...values].slice(0, batchSize)
        // Removed first: a value that changes again while it is under way must be handed out again.
        for (const value of batch) values.delete(value)
        const results = await Promise.allSettled(batch.map(use))
        const failed = results.flatMap((result, index) =>
          result.status === "rejected" ? [{ result, index }] : [],
        )
        for (const { index } of failed) for (const value of batch.slice(index, index + 1)) add(value)
        if (failed[0]) throw failed[0].result.reason
      }
    },
  }
}
