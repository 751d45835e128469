import type { Bytes } from "./bytes.ts"
import { rebuiltResponse } from "./rebuilt-response.ts"

/** Runs code of ours, and logs a fault in it; gives `undefined` then. */
export type Guard = <Result>(run: () => Result) => Result | undefined

/**
 * Waits with a response until enough of it has come, it is over, or the wait is; nothing of it is lost. Never rejects.
 *
 * @param isEnough after a fault in it the response is passed on
 * @param waitIsOver resolves where nothing more need come. Default: never
 */
export async function heldResponse(
  response: Response,
  isEnough: (newest: Bytes) => boolean,
  guard: Guard,
  waitIsOver: Promise<undefined> = new Promise(() => undefined),
): Promise<Response> {
  const source = response.body?.getReader()
  if (!source) return response
  const first: Bytes[] = []
  let reading: ReturnType<typeof source.read> | undefined
  for (;;) {
    reading ??= source.read()
    // Where it fails, the next reading, by whoever takes the response, fails in the same way.
    const read = await Promise.race([reading, waitIsOver]).catch(() => undefined)
    if (!read) break
    reading = undefined
    if (read.done) break
    first.push(read.value)
    if (guard(() => isEnough(read.value)) !== false) break
  }
  return rebuiltResponse(
    response,
    new ReadableStream<Uint8Array>({
      start: (controller) => first.forEach((chunk) => controller.enqueue(chunk)),
      pull: async (controller) => {
        const { done, value } = await (reading ?? source.read())
        reading = undefined
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason: unknown) => source.cancel(reason),
    }),
  )
}
