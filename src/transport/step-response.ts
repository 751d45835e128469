import { createTimedReader, type TimedReader } from "./timed-reader.ts"
import { createFrameSplitter } from "./wire/sse-frames.ts"
import type { WireReader } from "./wire/wire-protocol.ts"
import { CutStreamError, type StreamFailure, type StreamWatcher, unfinishedStream } from "./stream-failure.ts"

export type StreamTimeouts = {
  /**
   * The longest silence before the first content, counted from `sentAt` and, after a sign of life (a keep-alive,
   * an opening frame), from there; 0 is off. Milliseconds.
   */
  readonly firstTokenMs: number
  /** The longest silence after the first content; every byte ends it. 0 is off. Milliseconds. */
  readonly stallMs: number
  /** When the request was sent, on the clock of `now`. */
  readonly sentAt: number
  readonly now: () => number
}

/**
 * The same response with a body that is watched frame by frame. Nothing is read ahead of the consumer, nothing
 * is held back but an unfinished frame, and cancelling reaches the connection.
 */
export function watchStepResponse(
  response: Response,
  reader: WireReader,
  timeouts: StreamTimeouts,
  watcher: StreamWatcher,
): Response {
  if (!response.body) return response
  const body = new WatchedBody(response.body, reader, timeouts, watcher)
  const stream = new ReadableStream<Uint8Array>(
    { pull: (controller) => body.pull(controller), cancel: (reason: unknown) => body.cancel(reason) },
    { highWaterMark: 0 },
  )
  return rebuilt(response, stream)
}

type Controller = ReadableStreamDefaultController<Uint8Array>
type Bytes = Uint8Array<ArrayBuffer>

/** What one chunk amounts to: bytes to pass on, and where an error frame stands among them. */
type Reading = {
  readonly before: Bytes
  /** `text`: the error; `after`: the bytes from its frame on, as they came. */
  readonly failure?: { readonly text: string; readonly after: Bytes }
}

const encoder = new TextEncoder()

class WatchedBody {
  readonly #upstream: TimedReader
  readonly #reader: WireReader
  readonly #timeouts: StreamTimeouts
  readonly #watcher: StreamWatcher
  readonly #splitter = createFrameSplitter()
  /** `passing`: nothing is read any more, bytes go through as they come. */
  #state: "watching" | "passing" | "closed" = "watching"
  /** A silence was let pass: nobody can take over, so that waiting on is all that is left. */
  #patient = false
  #life: "none" | "sign" | "content" = "none"
  #delivered = false

  constructor(
    body: ReadableStream<Bytes>,
    reader: WireReader,
    timeouts: StreamTimeouts,
    watcher: StreamWatcher,
  ) {
    this.#upstream = createTimedReader(body)
    this.#reader = reader
    this.#timeouts = timeouts
    this.#watcher = watcher
  }

  /** A chunk that completes no frame passes nothing on, but the consumer asks again only after an enqueue. */
  async pull(controller: Controller): Promise<void> {
    this.#delivered = false
    while (!this.#isClosed() && !this.#delivered) await this.#step(controller)
  }

  async cancel(reason: unknown): Promise<void> {
    this.#state = "closed"
    // Who cancels has left: that the broken connection has nothing to say to that either is no news to anybody.
    const cancelled = this.#upstream.cancel(reason).catch(() => undefined)
    this.#watcher.abandon()
    await cancelled
  }

  async #step(controller: Controller): Promise<void> {
    const read = await this.#upstream.next(this.#limitMs())
    if (this.#isClosed()) return
    switch (read.type) {
      case "bytes":
        return this.#forward(read.bytes, controller)
      case "end":
        return this.#finish(controller)
      case "thrown":
        return this.#broken(read.error, controller)
      case "silence":
        return this.#silent(read.afterMs, controller)
    }
  }

  async #forward(bytes: Bytes, controller: Controller): Promise<void> {
    if (this.#state === "passing") return this.#enqueue(bytes, controller)
    const wasFinished = this.#reader.finished
    const reading = this.#read(bytes)
    this.#enqueue(reading.before, controller)
    if (reading.failure) {
      const { text, after } = reading.failure
      const answer = await this.#ask({ type: "frame", text }, controller)
      if (answer === "ended") return
      this.#state = "passing"
      this.#enqueue(after, controller)
    }
    if (!wasFinished && this.#reader.finished) this.#watcher.onFinished()
  }

  #read(bytes: Bytes): Reading {
    const batch = this.#splitter.push(bytes)
    if (this.#life === "none") this.#life = "sign"
    try {
      return this.#readFrames(batch.frames, batch.bytes)
    } catch (error) {
      this.#watcher.onFault(error)
      this.#state = "passing"
      return { before: joined(batch.bytes, this.#splitter.rest()) }
    }
  }

  #readFrames(frames: readonly string[], bytes: Bytes): Reading {
    let changed = false
    let out = ""
    for (const [index, frame] of frames.entries()) {
      const step = this.#reader.read(frame)
      if (step.type === "failure") {
        const after = joined(encoder.encode(frames.slice(index).join("")), this.#splitter.rest())
        return { before: encoder.encode(out), failure: { text: step.text, after } }
      }
      if (step.content) this.#life = "content"
      changed ||= step.type === "replace"
      out += step.type === "replace" ? step.frames : frame
    }
    return { before: changed ? encoder.encode(out) : bytes }
  }

  async #finish(controller: Controller): Promise<void> {
    if (this.#state === "passing" || this.#splitter.gaveUp) return this.#close(controller)
    const rest = this.#splitter.rest()
    if (this.#reader.finished) return this.#complete(rest, controller)
    const answer = await this.#ask(unfinishedStream(rest, this.#life !== "content"), controller)
    if (answer === "ended") return
    this.#enqueue(rest, controller)
    if (answer === "break") this.#fail(controller, new CutStreamError())
    else this.#close(controller)
  }

  async #broken(error: unknown, controller: Controller): Promise<void> {
    // The answer is whole: what happens to the connection afterwards is of no interest to anybody.
    if (this.#state === "watching" && this.#reader.finished) return this.#complete(nothing, controller)
    if (this.#state === "watching" && (await this.#ask({ type: "thrown", error }, controller)) === "ended")
      return
    this.#fail(controller, error)
  }

  async #silent(afterMs: number, controller: Controller): Promise<void> {
    if (this.#reader.finished) {
      this.#complete(nothing, controller)
      return this.#watcher.abandon()
    }
    const phase = this.#life === "content" ? "stall" : "first-token"
    await this.#ask({ type: "silence", phase, afterMs }, controller)
    this.#patient = true
  }

  /** @returns `ended`: nothing is left to do, the step was closed or the consumer has gone */
  async #ask(failure: StreamFailure, controller: Controller): Promise<"ended" | "pass" | "break"> {
    const answer = await this.#watcher.onFailure(failure, this.#reader.shown)
    if (this.#isClosed()) return "ended"
    if (answer !== "end") return answer
    this.#complete(nothing, controller)
    this.#watcher.abandon()
    return "ended"
  }

  /** Closes with whatever the protocol still needs for a good end; if that is nothing, with the bytes as they came. */
  #complete(rest: Bytes, controller: Controller): void {
    const ending = this.#reader.end()
    this.#enqueue(ending === "" ? rest : encoder.encode(ending), controller)
    this.#close(controller)
  }

  #limitMs(): number | undefined {
    const { firstTokenMs, stallMs, sentAt, now } = this.#timeouts
    if (this.#patient || this.#state === "passing") return undefined
    if (this.#life === "content") return stallMs > 0 ? stallMs : undefined
    if (firstTokenMs === 0) return undefined
    return this.#life === "sign" ? firstTokenMs : Math.max(0, firstTokenMs - (now() - sentAt))
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

const nothing = new Uint8Array(0)

function joined(first: Bytes, second: Bytes): Bytes {
  if (second.length === 0) return first
  const both = new Uint8Array(first.length + second.length)
  both.set(first)
  both.set(second, first.length)
  return both
}

/** `new Response` keeps status and headers but loses the address, which SDKs put into their errors. */
function rebuilt(response: Response, body: ReadableStream<Uint8Array>): Response {
  const copy = new Response(body, response)
  Object.defineProperty(copy, "url", { value: response.url })
  return copy
}
