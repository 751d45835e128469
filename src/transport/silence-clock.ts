import { catchUpMs, stoodStill } from "../async/within-time.ts"

/** All in milliseconds; 0 is off. Nothing is counted while the consumer is slow. */
export type StreamTimeouts = {
  /** The longest silence before the first content (text, thought, arguments of a call), from `sentAt` on. */
  readonly firstTokenMs: number
  /** The longest silence between two pieces of content. Comments, pings and empty frames do not end it. */
  readonly stallMs: number
  /** The longest time without a single byte; OpenCode's own timer, which nobody sees, must not come first. */
  readonly bytesMs: number
  /** When the request was sent, on the clock of `performance.now`: the time of day may be set, and a machine may sleep. */
  readonly sentAt: number
}

/**
 * Counts how long a provider has been waited for since it last said something, and says once for each wait when that is
 * too long; one wait at a time. There is a wait for every chunk of a stream, so that one timer serves many of them.
 */
export class SilenceClock {
  /** The model has produced something. */
  hasContent = false
  readonly #timeouts: StreamTimeouts
  readonly #onSilence: (afterMs: number) => void
  #silentMs: number
  /** `undefined`: nobody waits, or it does not matter for how long. */
  #waitsSince: number | undefined
  #isWaiting = false
  /** When the wait becomes a silence, and of what length. */
  #dueAt = 0
  #limitMs = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #firesAt = Number.POSITIVE_INFINITY
  #isOff = false

  constructor(timeouts: StreamTimeouts, onSilence: (afterMs: number) => void) {
    this.#timeouts = timeouts
    this.#onSilence = onSilence
    this.#silentMs = performance.now() - timeouts.sentAt
  }

  beginWait(): void {
    if (this.#isOff) return
    const { firstTokenMs, stallMs, bytesMs } = this.#timeouts
    const contentMs = this.hasContent ? stallMs : firstTokenMs
    const leftMs = contentMs > 0 ? Math.max(0, contentMs - this.#silentMs) : Number.POSITIVE_INFINITY
    const isForBytes = bytesMs > 0 && bytesMs <= leftMs
    if (!isForBytes && contentMs === 0) return
    this.#waitsSince = performance.now()
    this.#limitMs = isForBytes ? bytesMs : contentMs
    this.#isWaiting = true
    this.#setDue(this.#waitsSince + (isForBytes ? bytesMs : leftMs))
  }

  /** Something has come, which is not read yet. */
  endWait(): void {
    this.#isWaiting = false
  }

  /** What has come was read. A wait in which the process has stood still says nothing of the provider. */
  countWait(): void {
    if (this.#waitsSince !== undefined && !stoodStill(this.#dueAt))
      this.#silentMs += performance.now() - this.#waitsSince
    this.#waitsSince = undefined
  }

  heardContent(): void {
    this.hasContent = true
    this.#silentMs = 0
    this.#waitsSince = undefined
  }

  /** From here on nobody can take over: waiting is all that is left. Leaves no timer behind. */
  stop(): void {
    this.#isOff = true
    clearTimeout(this.#timer)
  }

  /** A timer that fires too early for the wait that it finds is set anew. */
  #setDue(dueAt: number): void {
    this.#dueAt = dueAt
    if (this.#firesAt <= dueAt) return
    clearTimeout(this.#timer)
    this.#firesAt = dueAt
    this.#timer = setTimeout(() => this.#onTimer(), Math.max(0, dueAt - performance.now()))
  }

  #onTimer(): void {
    this.#firesAt = Number.POSITIVE_INFINITY
    if (!this.#isWaiting) return
    if (performance.now() < this.#dueAt) return this.#setDue(this.#dueAt)
    if (!stoodStill(this.#dueAt)) return this.#onSilence(this.#limitMs)
    this.#waitsSince = undefined
    this.#setDue(performance.now() + catchUpMs)
  }
}
