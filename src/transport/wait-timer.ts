/**
 * Says once when a wait has taken too long; one wait at a time. There is a wait for every chunk of a stream, so that
 * one timer serves many of them.
 */
export class WaitTimer {
  readonly #onOver: () => void
  /** Set while somebody waits, on the clock of `performance.now`. */
  #until: number | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #firesAt = Number.POSITIVE_INFINITY

  constructor(onOver: () => void) {
    this.#onOver = onOver
  }

  /** @param limitMs how long the wait may take */
  begin(limitMs: number): void {
    this.#until = performance.now() + limitMs
    this.#arm(this.#until)
  }

  end(): void {
    this.#until = undefined
  }

  /** Leaves no timer behind. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#firesAt = Number.POSITIVE_INFINITY
  }

  /** A timer that fires too early for the wait that it finds is set anew. */
  #arm(until: number): void {
    if (this.#firesAt <= until) return
    clearTimeout(this.#timer)
    this.#firesAt = until
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, until - performance.now()))
  }

  #onTimer(): void {
    this.#firesAt = Number.POSITIVE_INFINITY
    const until = this.#until
    if (until === undefined) return
    if (performance.now() < until) return this.#arm(until)
    this.#onOver()
  }
}
