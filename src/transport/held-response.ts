import { rebuiltResponse } from "./rebuilt-response.ts"

/** Waits with a response until enough of it has come or it is over; nothing of it is lost. Never rejects. */
export async function heldResponse(response: Response, isEnough: () => boolean): Promise<Response> {
  const source = response.body?.getReader()
  if (!source) return response
  const first: Uint8Array[] = []
  try {
    while (!isEnough()) {
      const { done, value } = await source.read()
      if (done) break
      first.push(value)
    }
  } catch {
    // The next reading, by whoever takes the response, fails in the same way.
  }
  return rebuiltResponse(
    response,
    new ReadableStream<Uint8Array>({
      start: (controller) => first.forEach((chunk) => controller.enqueue(chunk)),
      pull: async (controller) => {
        const { done, value } = await source.read()
        if (done) controller.close()
        else controller.enqueue(value)
      },
      cancel: (reason: unknown) => source.cancel(reason),
    }),
  )
}
