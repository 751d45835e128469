export type TimedRead =
  | { readonly type: "bytes"; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "end" }
  | { readonly type: "thrown"; readonly error: unknown }
  | { readonly type: "silence"; readonly afterMs: number }

export type TimedReader = {
  /**
   * The next chunk, or `silence` when none came within `limitMs` (`undefined`: wait for ever). After a silence
   * the same read is still under way: the next call waits for it again, and no chunk is lost. Never rejects.
   */
  next(limitMs: number | undefined): Promise<TimedRead>
  cancel(reason: unknown): Promise<void>
}

/** Reads a body chunk by chunk with a time limit that runs only while somebody waits. */
export function createTimedReader(body: ReadableStream<Uint8Array<ArrayBuffer>>): TimedReader {
  const reader = body.getReader()
  let pending: Promise<TimedRead> | undefined

  const read = (): Promise<TimedRead> =>
    reader.read().then(
      (chunk): TimedRead => (chunk.done ? { type: "end" } : { type: "bytes", bytes: chunk.value }),
      (error: unknown): TimedRead => ({ type: "thrown", error }),
    )

  return {
    next: async (limitMs) => {
      pending ??= read()
      const result = limitMs === undefined ? await pending : await within(pending, limitMs)
      if (result.type !== "silence") pending = undefined
      return result
    },
    cancel: (reason) => reader.cancel(reason),
  }
}

async function within(pending: Promise<TimedRead>, limitMs: number): Promise<TimedRead> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<TimedRead>((resolve) => {
    timer = setTimeout(() => resolve({ type: "silence", afterMs: limitMs }), limitMs)
  })
  try {
    return await Promise.race([pending, silence])
  } finally {
    clearTimeout(timer)
  }
}
