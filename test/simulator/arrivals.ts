interface Waiter<Item> {
  readonly matches: (item: Item) => boolean
  readonly resolve: (item: Item) => void
}

/** What has come so far, and a wait for what may still come. */
export class Arrivals<Item> {
  readonly all: Item[] = []
  readonly #waiters = new Set<Waiter<Item>>()

  add(item: Item): void {
    this.all.push(item)
    for (const waiter of this.#waiters) if (waiter.matches(item)) waiter.resolve(item)
  }

  /** The first, past or future, that matches. Rejects with what is to be said when it does not come in time. */
  async waitFor(matches: Waiter<Item>["matches"], timeoutMs: number, tooLate: () => string): Promise<Item> {
    const past = this.all.find(matches)
    if (past !== undefined) return past
    const { promise, resolve, reject } = Promise.withResolvers<Item>()
    const waiter = { matches, resolve }
    this.#waiters.add(waiter)
    const timer = setTimeout(() => {
      reject(new Error(tooLate()))
    }, timeoutMs)
    try {
      return await promise
    } finally {
      clearTimeout(timer)
      this.#waiters.delete(waiter)
    }
  }
}
