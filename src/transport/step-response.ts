import { createTimedReader, type TimedRead, type TimedReader } from "./timed-reader.ts"
import { joinBytes } from "./join-bytes.ts"
import { rebuiltResponse } from "./rebuilt-response.ts"
import { SilenceClock, type StreamTimeouts } from "./silence-clock.ts"
import { isEnd } from "./wire/closing.ts"
import { afterBlankLine, AlikeFrames } from "./wire/alike-frames.ts"
import type { FrameSplitter } from "./wire/frame-splitter.ts"
import type { Framing } from "./wire/framing.ts"
import type { WireReader, WireStep } from "./wire/wire-protocol.ts"
import { CutStreamError, type StreamFailure, type StreamWatcher, unfinishedStream } from "./stream-failure.ts"

/** How this answer is read. */
export type Wire = { readonly reader: WireReader; readonly framing: Framing }

/**
 * The same response with a body that is watched frame by frame. Nothing is read ahead of the consumer, nothing
 * is held back but an unfinished frame, and cancelling reaches the connection.
 */
export function watchStepResponse(
  response: Response,
  wire: Wire,
  timeouts: StreamTimeouts,
  watcher: StreamWatcher,
): Response {
  // An answer without a body (204) is one that was cut before its first byte.
  const body = new WatchedBody(response.body ?? noBody(), wire, timeouts, watcher)
  const stream = new ReadableStream<Uint8Array>(
    { pull: (controller) => body.pull(controller), cancel: (reason: unknown) => body.cancel(reason) },
    { highWaterMark: 0 },
  )
  return rebuiltResponse(response, stream)
}

type Controller = ReadableStreamDefaultController<Uint8Array>
type Bytes = Uint8Array<ArrayBuffer>

/** A frame that is not merely passed on: the provider's error, or its end. */
type Turning = Extract<WireStep, { type: "failure" | "closing" }>

type Reading = {
  readonly passed: Bytes
  /** Where reading stopped: the frame, and how many stand before it. */
  readonly turning?: { readonly step: Turning; readonly at: number }
}

class WatchedBody {
  readonly #upstream: TimedReader
  readonly #reader: WireReader
  readonly #silence: SilenceClock
  readonly #watcher: StreamWatcher
  readonly #framing: Framing
  readonly #splitter: FrameSplitter
  readonly #alike = new AlikeFrames()
  /** `passing`: nothing is read any more, bytes go through as they come. */
  #state: "watching" | "passing" | "closed" = "watching"
  #delivered = false

  constructor(
    body: ReadableStream<Bytes>,
    { reader, framing }: Wire,
    timeouts: StreamTimeouts,
    watcher: StreamWatcher,
  ) {
    this.#upstream = createTimedReader(body)
    this.#reader = reader
    this.#framing = framing
    this.#splitter = framing.splitter()
    this.#silence = new SilenceClock(timeouts)
    this.#watcher = watcher
  }

  /** A chunk that completes no frame passes nothing on, but the consumer asks again only after an enqueue. */
  async pull(controller: Controller): Promise<void> {
    this.#delivered = false
    while (!this.#isClosed() && !this.#delivered) {
      const limit = this.#state === "passing" ? undefined : this.#silence.limit()
      const read = await this.#upstream.next(limit?.waitMs)
      if (limit) this.#silence.waited()
      if (this.#isClosed()) return
      const work = this.#take(read, limit?.silenceMs ?? 0, controller)
      if (work) await work
    }
  }

  async cancel(reason: unknown): Promise<void> {
    this.#state = "closed"
    // Who cancels has left: that the broken connection has nothing to say to that either is no news to anybody.
    const cancelled = this.#upstream.cancel(reason).catch(() => undefined)
    this.#watcher.abandon()
    await cancelled
  }

  /** Nearly every chunk is dealt with at once, and a promise for each of them would cost. */
  #take(read: TimedRead, silenceMs: number, controller: Controller): Promise<void> | undefined {
    switch (read.type) {
      case "bytes":
        return this.#forward(read.bytes, controller)
      case "end":
        return this.#finish(controller)
      case "thrown":
        return this.#broken(read.error, controller)
      case "silence":
        return this.#silent(silenceMs, controller)
    }
  }

  /** Bytes of this chunk that stay as they are go on together, and without a copy. */
  #forward(chunk: Bytes, controller: Controller): Promise<void> | undefined {
    const text = this.#alike.isKnown ? latin1(chunk) : undefined
    let sent = 0
    for (let at = this.#skim(text, 0); at < chunk.length && this.#state === "watching";) {
      const piece = chunk.subarray(at, text === undefined ? chunk.length : afterBlankLine(text, at))
      const { unread, frames, bytes } = this.#splitter.push(piece)
      if (unread.length > 0) this.#silence.heardContent()
      const { passed, turning } = this.#read(frames, bytes)
      const end = at + piece.length
      if (passed !== piece || turning) {
        this.#enqueue(chunk.subarray(sent, at), controller)
        this.#enqueue(unread, controller)
        this.#enqueue(passed, controller)
        sent = end
      }
      if (turning) {
        const rest = chunk.slice(end)
        return this.#turnAndGoOn(turning.step, frames.slice(turning.at), rest, controller)
      }
      at = this.#skim(text, end)
    }
    this.#enqueue(chunk.subarray(sent), controller)
    return undefined
  }

  /** @returns where the frames end that need not be read, from `at` on */
  #skim(text: string | undefined, at: number): number {
    if (text === undefined || !this.#splitter.isBetweenFrames) return at
    const end = this.#alike.skim(text, at)
    if (end > at) this.#silence.heardContent()
    return end
  }

  /** @param rest of the chunk, behind these frames */
  async #turnAndGoOn(
    step: Turning,
    from: readonly string[],
    rest: Bytes,
    controller: Controller,
  ): Promise<void> {
    const [, ...others] = from
    if (await this.#turn(step, from, controller)) await this.#forwardFrames(others, rest, controller)
    else if (!this.#isClosed()) this.#enqueue(rest, controller)
  }

  async #forwardFrames(frames: readonly string[], rest: Bytes, controller: Controller): Promise<void> {
    const { passed, turning } = this.#read(frames, undefined)
    this.#enqueue(passed, controller)
    if (turning) await this.#turnAndGoOn(turning.step, frames.slice(turning.at), rest, controller)
    else await this.#forward(rest, controller)
  }

  /** @param raw the bytes of these very frames, where they are at hand */
  #read(frames: readonly string[], raw: Bytes | undefined): Reading {
    try {
      return this.#readFrames(frames, raw)
    } catch (error) {
      this.#watcher.onFault(error)
      this.#state = "passing"
      return { passed: joinBytes([raw ?? this.#encode(frames.join("")), this.#splitter.rest()]) }
    }
  }

  #readFrames(frames: readonly string[], raw: Bytes | undefined): Reading {
    let out: string | undefined
    let last: string | undefined
    for (let at = 0; at < frames.length; at += 1) {
      const frame = frames[at] ?? ""
      const step = this.#reader.read(frame)
      if (step.type === "failure" || step.type === "closing")
        return { passed: this.#encode(out ?? frames.slice(0, at).join("")), turning: { step, at } }
      if (step.content) this.#silence.heardContent()
      if (step.type === "forward" && step.content) last = frame
      if (step.type === "replace") out = (out ?? frames.slice(0, at).join("")) + step.frames
      else if (out !== undefined) out += frame
    }
    if (last !== undefined) this.#alike.learn(this.#reader, last)
    return { passed: out === undefined ? (raw ?? this.#encode(frames.join(""))) : this.#encode(out) }
  }

  /**
   * @param from the frames from this one on, as they came
   * @returns whether reading goes on behind it
   */
  async #turn(step: Turning, from: readonly string[], controller: Controller): Promise<boolean> {
    if (step.type === "closing" && isEnd(step.closing)) {
      await this.#watcher.beforeEnd(step.closing)
      if (this.#isClosed()) return false
      this.#enqueue(this.#encode(step.frames), controller)
      this.#watcher.onFinished()
      return true
    }
    const answer = await this.#ask(failureOf(step), controller)
    if (answer === "ended") return false
    const isEmpty = step.type === "closing" && step.closing === "empty"
    if (answer === "break" && !isEmpty && step.type === "closing") {
      this.#fail(controller, new CutStreamError())
      return false
    }
    if (isEmpty) await this.#watcher.beforeEnd("turn-ends")
    if (this.#isClosed()) return false
    this.#state = "passing"
    this.#enqueue(joinBytes([this.#encode(from.join("")), this.#splitter.rest()]), controller)
    if (isEmpty) this.#watcher.onFinished()
    return false
  }

  async #finish(controller: Controller): Promise<void> {
    if (this.#state === "passing") return this.#close(controller)
    const rest = this.#splitter.rest()
    if (this.#reader.finished) return this.#complete(rest, controller)
    if (this.#splitter.isInsideUnread) return this.#fail(controller, new CutStreamError())
    const answer = await this.#ask(
      unfinishedStream(this.#framing, rest, !this.#silence.hasContent),
      controller,
    )
    if (answer === "ended") return
    this.#enqueue(rest, controller)
    if (answer === "break") this.#fail(controller, new CutStreamError())
    else this.#close(controller)
  }

  async #broken(error: unknown, controller: Controller): Promise<void> {
    // The answer is whole: what happens to the connection afterwards is of no interest to anybody.
    if (this.#state === "watching" && this.#reader.finished) return this.#complete(nothing, controller)
    const isOurs = this.#state === "watching" && !this.#splitter.isInsideUnread
    if (isOurs && (await this.#ask({ type: "thrown", error }, controller)) === "ended") return
    this.#fail(controller, error)
  }

  async #silent(afterMs: number, controller: Controller): Promise<void> {
    if (this.#reader.finished) {
      this.#complete(nothing, controller)
      return this.#watcher.abandon()
    }
    await this.#ask({ type: "silence", afterMs }, controller)
    this.#silence.stop()
  }

  /** @returns `ended`: nothing is left to do, the step was closed or the consumer has gone */
  async #ask(failure: StreamFailure, controller: Controller): Promise<"ended" | "pass" | "break"> {
    const answer = await this.#watcher.onFailure(failure, this.#reader.shown)
    if (this.#isClosed()) return "ended"
    if (answer === "pass" || answer === "break") return answer
    if (answer === "end") this.#complete(nothing, controller)
    else this.#fail(controller, answer)
    this.#watcher.abandon()
    return "ended"
  }

  /** Closes with whatever the protocol still needs for a good end; if that is nothing, with the bytes as they came. */
  #complete(rest: Bytes, controller: Controller): void {
    const ending = this.#reader.end()
    this.#enqueue(ending === "" ? rest : this.#encode(ending), controller)
    this.#close(controller)
  }

  #encode(frames: string): Bytes {
    return this.#framing.encode(frames)
  }

  #isClosed(): boolean {
    return this.#state === "closed"
  }

  #enqueue(bytes: Uint8Array, controller: Controller): void {
    if (bytes.length === 0) return
    this.#delivered = true
    controller.enqueue(bytes)
  }

  #close(controller: Controller): void {
    this.#state = "closed"
    controller.close()
  }

  #fail(controller: Controller, error: unknown): void {
    this.#state = "closed"
    controller.error(error)
  }
}

function failureOf(step: Turning): StreamFailure {
  if (step.type === "failure") return { type: "frame", text: step.text }
  return step.closing === "empty" ? { type: "empty" } : { type: "cut" }
}

/** One character a byte. */
function latin1(chunk: Bytes): string {
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length).toString("latin1")
}

const nothing = new Uint8Array(0)

function noBody(): ReadableStream<Bytes> {
  return new ReadableStream({ start: (controller) => controller.close() })
}
