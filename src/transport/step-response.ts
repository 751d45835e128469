import type { Bytes } from "./bytes.ts"
import { rebuiltResponse } from "./rebuilt-response.ts"
import { SilenceClock, type StreamTimeouts } from "./silence-clock.ts"
import { StepFrames, type Stop, type Turning, type Wire } from "./step-frames.ts"
import { CutStreamError, type StreamFailure, type StreamWatcher, unfinishedStream } from "./stream-failure.ts"
import { isEnd } from "./wire/closing.ts"
import type { EndStep } from "./wire/wire-types.ts"

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
  const body = new WatchedBody(response.body ?? new Blob().stream(), wire, timeouts, watcher)
  const stream = new ReadableStream<Uint8Array>(
    {
      start: (controller) => body.start(controller),
      pull: () => body.pull(),
      cancel: (reason: unknown) => body.cancel(reason),
    },
    { highWaterMark: 0 },
  )
  return rebuiltResponse(response, stream)
}

type Controller = ReadableStreamDefaultController<Uint8Array>
type Upstream = ReadableStreamDefaultReader<Bytes>
type Chunk = Awaited<ReturnType<Upstream["read"]>>

/** Nearly every chunk is dealt with at once: what runs for each of them makes no promise that is not needed. */
class WatchedBody {
  readonly #upstream: Upstream
  readonly #frames: StepFrames
  readonly #wire: Wire
  readonly #silence: SilenceClock
  readonly #watcher: StreamWatcher
  #controller: Controller | undefined
  /** A silence is being dealt with, during which a chunk may come. */
  #silenceDealtWith: Promise<void> | undefined
  #hasClosed = false
  #delivered = false

  constructor(body: ReadableStream<Bytes>, wire: Wire, timeouts: StreamTimeouts, watcher: StreamWatcher) {
    this.#upstream = body.getReader()
    this.#wire = wire
    this.#silence = new SilenceClock(timeouts, (afterMs) => this.#onSilence(afterMs))
    this.#frames = new StepFrames(wire, this.#silence, watcher.onFault)
    this.#watcher = watcher
  }

  start(controller: Controller): void {
    this.#controller = controller
  }

  pull(): Promise<void> {
    this.#delivered = false
    return this.#read()
  }

  async cancel(reason: unknown): Promise<void> {
    this.#end()
    await this.#letGo(reason)
  }

  /** Of the connection, by both ways: a request that the host has sent itself can only be cancelled. */
  async #letGo(reason: unknown): Promise<void> {
    // Whoever lets go has left: nobody wants to know that the connection was broken already.
    const cancelled = this.#upstream.cancel(reason).catch(() => undefined)
    this.#watcher.abandon()
    await cancelled
  }

  #read(): Promise<void> {
    if (!this.#frames.isUnread) this.#silence.beginWait()
    return this.#upstream.read().then(this.#onChunk, this.#onBroken)
  }

  readonly #onChunk = (chunk: Chunk): Promise<void> | undefined => {
    const early = this.#endWait()
    if (early) return early.then(() => this.#onChunk(chunk))
    if (this.#isClosed()) return undefined
    const work = chunk.done ? this.#finish() : this.#forward(chunk.value)
    return work ? work.then(this.#readOn) : this.#readOn()
  }

  readonly #onBroken = async (error: unknown): Promise<void> => {
    await this.#endWait()
    if (!this.#isClosed()) await this.#broken(error)
  }

  /** A chunk that completes no frame passes nothing on, but the consumer asks again only after an enqueue. */
  readonly #readOn = (): Promise<void> | undefined =>
    this.#isClosed() || this.#delivered ? undefined : this.#read()

  #endWait(): Promise<void> | undefined {
    this.#silence.endWait()
    return this.#silenceDealtWith
  }

  #onSilence(afterMs: number): void {
    this.#silenceDealtWith = this.#silent(afterMs)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => (this.#silenceDealtWith = undefined))
  }

  #forward(chunk: Bytes): Promise<void> | undefined {
    const stop = this.#frames.pass(chunk, this.#emit)
    this.#silence.countWait()
    return stop && this.#turn(stop)
  }

  /** Reading goes on behind an end; behind a failure the step is ended or passes through unread. */
  async #turn({ step, from, rest }: Stop): Promise<void> {
    if (isEnd(step)) {
      await this.#watcher.beforeEnd?.(step.closing)
      if (this.#isClosed()) return
      this.#emit(this.#frames.encode(step.frames))
      this.#watcher.onFinished?.()
      const [, ...others] = from
      const stop = this.#frames.passFrames(others, rest, this.#emit)
      if (stop) await this.#turn(stop)
      return
    }
    const failure = streamFailureOf(step)
    const answer = await this.#ask(failure)
    if (answer === undefined) return
    if (answer === "break" && failure.type === "cut") return this.#fail(new CutStreamError())
    const isAnswer = failure.type === "empty" || failure.type === "filtered"
    if (isAnswer) await this.#watcher.beforeEnd?.("turn-ends")
    if (this.#isClosed()) return
    this.#emit(this.#frames.stopReading(from))
    this.#emit(rest)
    if (isAnswer) this.#watcher.onFinished?.()
  }

  async #finish(): Promise<void> {
    if (this.#frames.isUnread) return this.#close()
    const rest = this.#frames.rest()
    if (this.#wire.reader.finished) return this.#complete(this.#wire.framing.isBinary ? undefined : rest)
    const answer = await this.#ask(unfinishedStream(this.#wire.framing, rest, !this.#silence.hasContent))
    if (answer === undefined) return
    this.#emit(rest)
    if (answer === "break") this.#fail(new CutStreamError())
    else this.#close()
  }

  async #broken(error: unknown): Promise<void> {
    // The answer is whole: what happens to the connection afterwards does not matter.
    if (!this.#frames.isUnread && this.#wire.reader.finished) return this.#complete()
    if (!this.#frames.isUnread && (await this.#ask({ type: "thrown", error })) === undefined) return
    this.#fail(error)
  }

  async #silent(afterMs: number): Promise<void> {
    if (this.#wire.reader.finished) {
      this.#complete()
      void this.#letGo(undefined)
      return
    }
    await this.#ask({ type: "silence", afterMs })
    this.#silence.stop()
  }

  /** @returns `undefined`: nothing is left to do, the step was closed or the consumer has gone */
  async #ask(failure: StreamFailure): Promise<"pass" | "break" | undefined> {
    const answer = await this.#watcher.onFailure(failure, this.#wire.reader.shown)
    if (this.#isClosed()) return undefined
    if (answer === "pass" || answer === "break") return answer
    if (answer !== "end") this.#fail(answer)
    else {
      this.#complete()
      void this.#letGo(undefined)
    }
    return undefined
  }

  /** With what the protocol still needs for a good end; where that is nothing, as it came. */
  #complete(rest?: Bytes): void {
    const ending = this.#wire.reader.end()
    this.#emit(ending === "" && rest ? rest : this.#frames.encode(ending))
    this.#close()
  }

  #isClosed(): boolean {
    return this.#hasClosed
  }

  readonly #emit = (bytes: Uint8Array): void => {
    if (bytes.length === 0 || this.#isClosed()) return
    this.#delivered = true
    this.#controller?.enqueue(bytes)
  }

  #close(): void {
    this.#end()
    this.#controller?.close()
  }

  #fail(error: unknown): void {
    this.#end()
    this.#controller?.error(error)
    void this.#letGo(undefined)
  }

  #end(): void {
    this.#hasClosed = true
    this.#silence.stop()
  }
}

/** What has broken with this step, which is no end of the provider's. */
export function streamFailureOf(step: Exclude<Turning, EndStep>): StreamFailure {
  return step.type === "failure" ? { type: "frame", text: step.text } : { type: step.closing }
}
