export type TimedRead =
  | { readonly type: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "end" }
  | { readonly type: "thrown"; readonly error: unknown }
  | { readonly type: "silence" }

export type TimedReader = {
  /**
   * The next chunk, or `silence` when none came within `limitMs` (`undefined`: wait for ever). After a silence
   * the same read is still under way: the next call waits for it again, and no chunk is lost. Never rejects.
   */
  next(limitMs: number | undefined): Promise<TimedRead>
  cancel(reason: unknown): Promise<void>
}

type Chunk = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>["read"]>>

/** Somebody who waits, and until when on the clock of `performance.now`. */
type Waiting = { readonly resolve: (read: TimedRead) => void; readonly until: number }

/**
 * Reads a body chunk by chunk with a time limit that runs only while somebody waits. This runs for every chunk,
 * so that there is one timer for many of them, and no promise more than is needed.
 */
export function createTimedReader(body: ReadableStream<Uint8Array<ArrayBuffer>>): TimedReader {
  const reader = body.getReader()
  let pending: Promise<TimedRead> | undefined
  let waiting: Waiting | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let firesAt = Number.POSITIVE_INFINITY

  const settle = (read: TimedRead): TimedRead => {
    pending = undefined
    if (read.type !== "bytes") clearTimeout(timer)
    waiting?.resolve(read)
    waiting = undefined
    return read
  }
  const onChunk = (chunk: Chunk): TimedRead =>
    settle(chunk.done ? { type: "end" } : { type: "bytes", bytes: chunk.value })
  const onError = (error: unknown): TimedRead => settle({ type: "thrown", error })

  /** A timer that fires too early for whom it finds waiting is set anew. */
  function arm(until: number): void {
    if (firesAt <= until) return
    clearTimeout(timer)
    firesAt = until
    timer = setTimeout(onTimer, Math.max(0, until - performance.now()))
  }

  function onTimer(): void {
    firesAt = Number.POSITIVE_INFINITY
    if (!waiting) return
    if (performance.now() < waiting.until - 1) return arm(waiting.until)
    waiting.resolve({ type: "silence" })
    waiting = undefined
  }

  return {
    next: (limitMs) => {
      pending ??= reader.read().then(onChunk, onError)
      if (limitMs === undefined) return pending
      const until = performance.now() + limitMs
      return new Promise((resolve) => {
        waiting = { resolve, until }
        arm(until)
      })
    },
    cancel: (reason) => {
      clearTimeout(timer)
      return reader.cancel(reason)
    },
  }
}
