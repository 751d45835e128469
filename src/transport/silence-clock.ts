import { catchUpMs, stoodStill } from "../async/within-time.ts"

/** All in milliseconds; 0 is off. Nothing is counted while the consumer is slow. */
export type StreamTimeouts = {
  /** The longest silence before the first content (text, thought, arguments of a call), from `sentAt` on. */
  readonly firstTokenMs: number
  /** The longest silence between two pieces of content. Comments, pings and empty frames do not end it. */
  readonly stallMs: number
  /** The longest time without a single byte; OpenCode's own timer, which nobody sees, must not come first. */
  readonly bytesMs: number
  /** When the request was sent, on the clock of `now`. */
  readonly sentAt: number
  readonly now: () => number
}

/** For spans alone, milliseconds: the time of day may be set, and a machine may sleep. */
export function monotonicNow(): number {
  return performance.now()
}

/** In how long it would be a silence, and of what length. */
type Limit = { readonly waitMs: number; readonly silenceMs: number }

/** Counts how long a provider has been waited for since it last said something. */
export class SilenceClock {
  /** The model has produced something. */
  hasContent = false
  readonly #timeouts: StreamTimeouts
  readonly #bytesLimit: Limit | undefined
  #silentMs: number
  /** `undefined`: nobody waits, or it does not matter for how long. */
  #waitsSince: number | undefined
  #isOff = false

  constructor(timeouts: StreamTimeouts) {
    this.#timeouts = timeouts
    const { bytesMs } = timeouts
    this.#bytesLimit = bytesMs > 0 ? { waitMs: bytesMs, silenceMs: bytesMs } : undefined
    this.#silentMs = timeouts.now() - timeouts.sentAt
  }

  /** Asked before each wait; `undefined`: wait for ever. */
  limit(): Limit | undefined {
    if (this.#isOff) return undefined
    const { bytesMs, firstTokenMs, stallMs, now } = this.#timeouts
    const contentMs = this.hasContent ? stallMs : firstTokenMs
    if (contentMs > 0) {
      this.#waitsSince = now()
      const leftMs = Math.max(0, contentMs - this.#silentMs)
      if (bytesMs === 0 || leftMs < bytesMs) return { waitMs: leftMs, silenceMs: contentMs }
    }
    return this.#bytesLimit
  }

  /** The wait is over, and what it has brought was read. */
  waited(): void {
    if (this.#waitsSince !== undefined) this.#silentMs += this.#timeouts.now() - this.#waitsSince
    this.#waitsSince = undefined
  }

  heardContent(): void {
    this.hasContent = true
    this.#silentMs = 0
    this.#waitsSince = undefined
  }

  /** From here on nobody can take over: waiting is all that is left. */
  stop(): void {
    this.#isOff = true
  }
}

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
    if (stoodStill(until)) this.begin(catchUpMs)
    else this.#onOver()
  }
}
