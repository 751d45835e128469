import { createTimedReader } from "./timed-reader.ts"
import { createFrameSplitter } from "./wire/sse-frames.ts"
import type { Shown, WireReader } from "./wire/wire-protocol.ts"

/** What broke in the middle of an answer. */
export type StreamFailure =
  /** The provider reported an error inside the stream. */
  | { readonly type: "frame"; readonly text: string }
  /** The connection broke. */
  | { readonly type: "thrown"; readonly error: unknown }
  /** The stream closed without the protocol's own end. */
  | { readonly type: "cut" }
  | { readonly type: "silence"; readonly phase: "first-token" | "stall"; readonly afterMs: number }

export type StreamWatcher = {
  /**
   * The stream has failed. `end` closes the step well-formed (the turn goes on elsewhere); `pass` lets the
   * failure reach OpenCode as it came. Must not reject.
   */
  readonly onFailure: (failure: StreamFailure, shown: Shown) => Promise<"end" | "pass">
  /** The provider has properly ended its answer. */
  readonly onFinished: () => void
  /** Lets go of the connection. Aborting the request is the only way that closes it on every Bun. */
  readonly abandon: () => void
}

export type StreamTimeouts = {
  /** Until the first byte of the body, counted from `sentAt`; 0 is off. Milliseconds. */
  readonly firstTokenMs: number
  /** Between two chunks, keep-alives included; 0 is off. Milliseconds. */
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
  const upstream = createTimedReader(response.body)
  const splitter = createFrameSplitter()
  const encoder = new TextEncoder()
  let begun = false
  let closed = false
  let patient = false

  /** @returns whether the step was ended; otherwise the caller passes the failure on */
  const endedAfter = async (failure: StreamFailure, sink: Sink): Promise<boolean> => {
    const answer = await watcher.onFailure(failure, reader.shown)
    if (closed) return true
    if (answer === "pass") return false
    const ending = reader.end()
    if (ending !== "") sink.enqueue(encoder.encode(ending))
    close(sink)
    watcher.abandon()
    return true
  }

  const close = (sink: Sink): void => {
    closed = true
    sink.close()
  }

  const forward = async (bytes: Uint8Array<ArrayBuffer>, sink: Sink): Promise<void> => {
    const batch = splitter.push(bytes)
    const wasFinished = reader.finished
    let changed = false
    let out = ""
    for (const frame of batch.frames) {
      const step = reader.read(frame)
      if (step.type === "failure") {
        if (out !== "") sink.enqueue(encoder.encode(out))
        out = ""
        changed = true
        if (await endedAfter({ type: "frame", text: step.text }, sink)) return
      }
      changed ||= step.type === "replace"
      out += step.type === "replace" ? step.frames : frame
    }
    const outBytes = changed ? encoder.encode(out) : batch.bytes
    if (outBytes.length > 0) sink.enqueue(outBytes)
    if (!wasFinished && reader.finished) watcher.onFinished()
  }

  const finish = async (sink: Sink): Promise<void> => {
    const rest = splitter.rest()
    if (!reader.finished && !splitter.gaveUp) {
      const failure: StreamFailure = rest.length > 0 ? unterminated(rest, reader) : { type: "cut" }
      if (await endedAfter(failure, sink)) return
    }
    if (rest.length > 0) sink.enqueue(rest)
    close(sink)
  }

  const step = async (sink: Sink): Promise<void> => {
    const read = await upstream.next(patient ? undefined : limitMs(timeouts, begun))
    if (closed) return
    switch (read.type) {
      case "bytes":
        begun = true
        return forward(read.bytes, sink)
      case "end":
        return finish(sink)
      case "thrown":
        if (await endedAfter(read, sink)) return
        closed = true
        sink.error(read.error)
        return
      case "silence":
        // Where nobody can take over, waiting on is all that is left, as OpenCode would have done.
        patient = !(await endedAfter({ ...read, phase: begun ? "stall" : "first-token" }, sink))
        return
    }
  }

  const watched = new ReadableStream<Uint8Array>(
    {
      // A chunk that completed no frame passes nothing on; the consumer asks again only after an enqueue.
      pull: async (controller) => {
        const sink = countingSink(controller)
        while (!closed && sink.chunks === 0) await step(sink)
      },
      cancel: async (reason: unknown) => {
        closed = true
        watcher.abandon()
        await upstream.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return rebuilt(response, watched)
}

type Sink = {
  readonly chunks: number
  enqueue(bytes: Uint8Array): void
  close(): void
  error(reason: unknown): void
}

function countingSink(controller: ReadableStreamDefaultController<Uint8Array>): Sink {
  let chunks = 0
  return {
    get chunks() {
      return chunks
    },
    enqueue: (bytes) => {
      chunks += 1
      controller.enqueue(bytes)
    },
    close: () => controller.close(),
    error: (reason) => controller.error(reason),
  }
}

/** An error that the provider sent without the blank line that ends a frame. */
function unterminated(rest: Uint8Array<ArrayBuffer>, reader: WireReader): StreamFailure {
  const step = reader.read(`${new TextDecoder().decode(rest)}\n\n`)
  return step.type === "failure" ? { type: "frame", text: step.text } : { type: "cut" }
}

function limitMs(timeouts: StreamTimeouts, begun: boolean): number | undefined {
  if (!begun && timeouts.firstTokenMs > 0)
    return Math.max(0, timeouts.firstTokenMs - (timeouts.now() - timeouts.sentAt))
  return timeouts.stallMs > 0 ? timeouts.stallMs : undefined
}

/** `new Response` keeps status and headers but loses the address, which SDKs put into their errors. */
function rebuilt(response: Response, body: ReadableStream<Uint8Array>): Response {
  const copy = new Response(body, response)
  Object.defineProperty(copy, "url", { value: response.url })
  return copy
}
