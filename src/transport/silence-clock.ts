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

/** Counts how long a provider has been waited for since it last said something. */
export class SilenceClock {
  /** The model has produced something. */
  hasContent = false
  readonly #timeouts: StreamTimeouts
  #silentMs: number
  #waitsSince = 0
  #isOff = false

  constructor(timeouts: StreamTimeouts) {
    this.#timeouts = timeouts
    this.#silentMs = timeouts.now() - timeouts.sentAt
  }

  /** Asked before each wait: in how long it would be a silence, and of what length; `undefined`: wait for ever. */
  limit(): { readonly waitMs: number; readonly silenceMs: number } | undefined {
    if (this.#isOff) return undefined
    const { bytesMs, firstTokenMs, stallMs, now } = this.#timeouts
    this.#waitsSince = now()
    const contentMs = this.hasContent ? stallMs : firstTokenMs
    const leftMs = Math.max(0, contentMs - this.#silentMs)
    if (contentMs > 0 && (bytesMs === 0 || leftMs < bytesMs)) return { waitMs: leftMs, silenceMs: contentMs }
    return bytesMs > 0 ? { waitMs: bytesMs, silenceMs: bytesMs } : undefined
  }

  /** The wait is over, whatever it has brought. */
  waited(): void {
    this.#silentMs += this.#timeouts.now() - this.#waitsSince
  }

  heardContent(): void {
    this.hasContent = true
    this.#silentMs = 0
  }

  /** From here on nobody can take over: waiting is all that is left. */
  stop(): void {
    this.#isOff = true
  }
}
