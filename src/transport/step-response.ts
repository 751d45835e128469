import { rebuiltResponse } from "./rebuilt-response.ts"
import { SilenceClock, type StreamTimeouts } from "./silence-clock.ts"
import { type Bytes, StepFrames, type Stop, type Turning, type Wire } from "./step-frames.ts"
import { CutStreamError, type StreamFailure, type StreamWatcher, unfinishedStream } from "./stream-failure.ts"
import { createTimedReader, type TimedRead, type TimedReader } from "./timed-reader.ts"
import { isEnd } from "./wire/closing.ts"

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

class WatchedBody {
  readonly #upstream: TimedReader
  readonly #frames: StepFrames
  readonly #wire: Wire
  readonly #silence: SilenceClock
  readonly #watcher: StreamWatcher
  #hasClosed = false
  #delivered = false

  constructor(body: ReadableStream<Bytes>, wire: Wire, timeouts: StreamTimeouts, watcher: StreamWatcher) {
    this.#upstream = createTimedReader(body)
    this.#wire = wire
    this.#silence = new SilenceClock(timeouts)
    this.#frames = new StepFrames(wire, this.#silence, watcher.onFault)
    this.#watcher = watcher
  }

  /** A chunk that completes no frame passes nothing on, but the consumer asks again only after an enqueue. */
  async pull(controller: Controller): Promise<void> {
    this.#delivered = false
    while (!this.#isClosed() && !this.#delivered) {
      const limit = this.#frames.isUnread ? undefined : this.#silence.limit()
      const read = await this.#upstream.next(limit?.waitMs)
      if (limit) this.#silence.waited()
      if (this.#isClosed()) return
      const work = this.#take(read, limit?.silenceMs ?? 0, controller)
      if (work) await work
    }
  }

  async cancel(reason: unknown): Promise<void> {
    this.#hasClosed = true
    // Whoever cancels has left: nobody wants to know that the connection was broken already.
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

  #forward(chunk: Bytes, controller: Controller): Promise<void> | undefined {
    const stop = this.#frames.pass(chunk, (bytes) => this.#enqueue(bytes, controller))
    return stop && this.#turnAndGoOn(stop, controller)
  }

  async #turnAndGoOn({ step, from, rest }: Stop, controller: Controller): Promise<void> {
    const emit = (bytes: Uint8Array): void => this.#enqueue(bytes, controller)
    if (!(await this.#turn(step, from, controller))) {
      if (!this.#isClosed()) emit(rest)
      return
    }
    const [, ...others] = from
    const stop = this.#frames.passFrames(others, rest, emit)
    if (stop) await this.#turnAndGoOn(stop, controller)
  }

  /**
   * @param from the frames from this one on, as they came
   * @returns whether reading goes on behind it
   */
  async #turn(step: Turning, from: readonly string[], controller: Controller): Promise<boolean> {
    if (step.type === "closing" && isEnd(step.closing)) {
      await this.#watcher.beforeEnd(step.closing)
      if (this.#isClosed()) return false
      this.#enqueue(this.#frames.encode(step.frames), controller)
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
    this.#enqueue(this.#frames.stopReading(from), controller)
    if (isEmpty) this.#watcher.onFinished()
    return false
  }

  async #finish(controller: Controller): Promise<void> {
    if (this.#frames.isUnread) return this.#close(controller)
    const rest = this.#frames.rest()
    if (this.#wire.reader.finished) return this.#complete(rest, controller)
    if (this.#frames.isInsideUnread) return this.#fail(controller, new CutStreamError())
    const answer = await this.#ask(
      unfinishedStream(this.#wire.framing, rest, !this.#silence.hasContent),
      controller,
    )
    if (answer === "ended") return
    this.#enqueue(rest, controller)
    if (answer === "break") this.#fail(controller, new CutStreamError())
    else this.#close(controller)
  }

  async #broken(error: unknown, controller: Controller): Promise<void> {
    // The answer is whole: what happens to the connection afterwards does not matter.
    if (!this.#frames.isUnread && this.#wire.reader.finished) return this.#complete(nothing, controller)
    const isOurs = !this.#frames.isUnread && !this.#frames.isInsideUnread
    if (isOurs && (await this.#ask({ type: "thrown", error }, controller)) === "ended") return
    this.#fail(controller, error)
  }

  async #silent(afterMs: number, controller: Controller): Promise<void> {
    if (this.#wire.reader.finished) {
      this.#complete(nothing, controller)
      return this.#watcher.abandon()
    }
    await this.#ask({ type: "silence", afterMs }, controller)
    this.#silence.stop()
  }

  /** @returns `ended`: nothing is left to do, the step was closed or the consumer has gone */
  async #ask(failure: StreamFailure, controller: Controller): Promise<"ended" | "pass" | "break"> {
    const answer = await this.#watcher.onFailure(failure, this.#wire.reader.shown)
    if (this.#isClosed()) return "ended"
    if (answer === "pass" || answer === "break") return answer
    if (answer === "end") this.#complete(nothing, controller)
    else this.#fail(controller, answer)
    this.#watcher.abandon()
    return "ended"
  }

  /** Closes with whatever the protocol still needs for a good end; if that is nothing, with the bytes as they came. */
  #complete(rest: Bytes, controller: Controller): void {
    const ending = this.#wire.reader.end()
    this.#enqueue(ending === "" ? rest : this.#frames.encode(ending), controller)
    this.#close(controller)
  }

  #isClosed(): boolean {
    return this.#hasClosed
  }

  #enqueue(bytes: Uint8Array, controller: Controller): void {
    if (bytes.length === 0) return
    this.#delivered = true
    controller.enqueue(bytes)
  }

  #close(controller: Controller): void {
    this.#hasClosed = true
    controller.close()
  }

  #fail(controller: Controller, error: unknown): void {
    this.#hasClosed = true
    controller.error(error)
  }
}

function failureOf(step: Turning): StreamFailure {
  if (step.type === "failure") return { type: "frame", text: step.text }
  return step.closing === "empty" ? { type: "empty" } : { type: "cut" }
}

const nothing = new Uint8Array(0)

function noBody(): ReadableStream<Bytes> {
  return new ReadableStream({ start: (controller) => controller.close() })
}
