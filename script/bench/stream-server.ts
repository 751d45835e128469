/**
 * A provider that streams as fast as it is read, in a process of its own so that its work is not counted. Prints its
 * port. `GET /?bytes=N&chunk=M`: N bytes of chat-completion frames in pieces of about M bytes.
 */
const frame = (index: number): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-bench",
    object: "chat.completion.chunk",
    created: 1_790_000_000,
    model: "bench",
    choices: [{ index: 0, delta: { content: `word${index % 1000} ` }, finish_reason: null }],
  })}\n\n`
const ending = `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n`
const encoder = new TextEncoder()

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  idleTimeout: 0,
  fetch: (request) => {
    const url = new URL(request.url)
    const bytes = Number(url.searchParams.get("bytes"))
    const piece = encoder.encode(framesOf(Number(url.searchParams.get("chunk"))))
    let left = bytes
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        if (left <= 0) {
          controller.enqueue(encoder.encode(ending))
          controller.close()
          return
        }
        controller.enqueue(piece)
        left -= piece.length
      },
    })
    return new Response(body, { headers: { "content-type": "text/event-stream" } })
  },
})
console.log(server.port)

function framesOf(bytes: number): string {
  let text = ""
  for (let index = 0; text.length < bytes; index += 1) text += frame(index)
  return text
}
