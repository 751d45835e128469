import { record, string } from "../simulator/protocol/json.ts"

/** One request to a provider whose wire protocol the plugin does not know. */
export interface CohereRequest {
  /** `provider/model`; the provider is the first segment of the path. */
  readonly model: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
}

export type CohereAnswer = (request: CohereRequest) => Response | Promise<Response>

export const refuse =
  (status: number, message: string, headers: Readonly<Record<string, string>> = {}): CohereAnswer =>
  () =>
    Response.json({ message }, { status, headers })

const events = (...list: readonly unknown[]): Response => {
  const frames = list.map((event) => `data: ${JSON.stringify(event)}\n\n`)
  return new Response(frames.join(""), { headers: { "content-type": "text/event-stream" } })
}

const usage = { tokens: { input_tokens: 10, output_tokens: 5 } }

/** A whole answer in the stream format of Cohere's chat API, version 2. */
export const cohereSays =
  (text: string): CohereAnswer =>
  () =>
    events(
      { type: "message-start", id: "1" },
      { type: "content-start", index: 0, delta: { message: { content: { type: "text", text: "" } } } },
      { type: "content-delta", index: 0, delta: { message: { content: { text } } } },
      { type: "content-end", index: 0 },
      { type: "message-end", delta: { finish_reason: "COMPLETE", usage } },
    )

export const cohereCalls =
  (name: string, input: unknown): CohereAnswer =>
  () => {
    const call = { id: "call_1", type: "function", function: { name, arguments: "" } }
    const rest = { function: { arguments: JSON.stringify(input) } }
    return events(
      { type: "message-start", id: "1" },
      { type: "tool-call-start", index: 0, delta: { message: { tool_calls: call } } },
      { type: "tool-call-delta", index: 0, delta: { message: { tool_calls: rest } } },
      { type: "tool-call-end", index: 0 },
      { type: "message-end", delta: { finish_reason: "TOOL_CALL", usage } },
    )
  }

/** A loopback server in the manner of Cohere; Bedrock's paths are understood as well. */
export function startCohere() {
  const requests: CohereRequest[] = []
  const scripts = new Map<string, readonly CohereAnswer[]>()
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    async fetch(incoming) {
      const [, provider = "", ...path] = new URL(incoming.url).pathname.split("/")
      const text = await incoming.text()
      const body = record(text === "" ? {} : JSON.parse(text))
      const id = path[0] === "model" ? path[1] : string(body["model"])
      const model = `${provider}/${id ?? ""}`
      const request = { model, headers: Object.fromEntries(incoming.headers), body, text }
      requests.push(request)
      const [answer = cohereSays(`${model} says hello`), ...rest] = scripts.get(model) ?? []
      // The last one answers for ever.
      if (rest.length > 0) scripts.set(model, rest)
      return answer(request)
    },
  })
  return {
    origin: server.url.origin,
    script: (model: string, ...answers: readonly CohereAnswer[]): void => {
      scripts.set(model, answers)
    },
    requests: (model?: string): readonly CohereRequest[] =>
      requests.filter((request) => model === undefined || request.model === model),
    stop: (): Promise<void> => server.stop(true),
  }
}
