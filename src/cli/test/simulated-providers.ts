import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { text as readText } from "node:stream/consumers"
import { parseJsonText, text } from "../../core/json-object.ts"

export type SimulatedRequest = {
  readonly model: string
  /** Milliseconds since the server was started. */
  readonly at: number
  readonly status: 200 | 429
}

export type SimulatedProviders = Awaited<ReturnType<typeof startSimulatedProviders>>

/** What every model that is well answers. */
export const simulatedAnswer = "It works."

/**
 * Chat completions on loopback: one model has reached its limit, all others answer. Nothing leaves the machine.
 *
 * @param exhausted `provider/model`
 */
export async function startSimulatedProviders(exhausted: string, now: () => number) {
  const startedAt = now()
  const requests: SimulatedRequest[] = []
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // What is not one of OpenCode's requests is answered all the same.
    const body = parseJsonText(await readText(request))
    const provider = decodeURIComponent(request.url?.split("/")[1] ?? "")
    const model = `${provider}/${text(body, "model") ?? ""}`
    const status = model === exhausted ? 429 : 200
    requests.push({ model, at: now() - startedAt, status })
    if (status === 429) refuse(response)
    else answer(response, text(body, "model") ?? "")
  }
  // A connection that breaks while it is read is of nobody's interest any more.
  const server = createServer(
    (request, response) => void serve(request, response).catch(() => response.destroy()),
  )
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    /** The address of one provider, for `options.baseURL`. */
    address: (provider: string): string => `http://127.0.0.1:${port}/${encodeURIComponent(provider)}/v1`,
    /** What was asked so far, in order. */
    requests: (): readonly SimulatedRequest[] => [...requests],
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function refuse(response: ServerResponse): void {
  response.writeHead(429, { "content-type": "application/json", "retry-after": "60" })
  const error = { message: "Rate limit reached (simulated).", type: "requests", code: "rate_limit_exceeded" }
  response.end(JSON.stringify({ error }))
}

function answer(response: ServerResponse, model: string): void {
  const chunk = (delta: object, finish: string | null): string =>
    `data: ${JSON.stringify({
      id: "simulated",
      object: "chat.completion.chunk",
      created: 0,
      model,
      choices: [{ index: 0, delta, finish_reason: finish }],
      usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
    })}\n\n`
  response.writeHead(200, { "content-type": "text/event-stream" })
  response.write(chunk({ role: "assistant", content: simulatedAnswer }, null))
  response.end(`${chunk({}, "stop")}data: [DONE]\n\n`)
}
