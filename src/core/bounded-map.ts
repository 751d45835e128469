/** A map that never holds more than `most` entries: beyond that the one unused longest goes. */
export class BoundedMap<Key, Value> {
  readonly #most: number
  readonly #entries = new Map<Key, Value>()
  /** The last key of the map: what is used again and again need not be put there each time. */
  #newest: Key | undefined

  /** @param most at least 1; without it more than one process has sessions, or requests, at the same time */
  constructor(most = 2_000) {
    this.#most = most
  }

  /** Counts as use. */
  get(key: Key): Value | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  set(key: Key, value: Value): void {
    // Deleted first, so that the map's order is the order of use and its first key the one unused longest.
    if (key !== this.#newest) this.#entries.delete(key)
    this.#newest = key
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#most) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }

  delete(key: Key): void {
    this.#entries.delete(key)
  }

  /** In the order of use, the one unused longest first. */
  keys(): IterableIterator<Key> {
    return this.#entries.keys()
  }

  /** In the order of use, the one unused longest first. */
  values(): IterableIterator<Value> {
    return this.#entries.values()
  }
}
