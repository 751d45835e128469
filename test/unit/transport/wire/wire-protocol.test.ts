import { describe, expect, test } from "bun:test"
import { awsMessage } from "../../../../src/transport/wire/aws-event-message.ts"
import { emptyCompletion, wireProtocolFor } from "../../../../src/transport/wire/wire-protocol.ts"
import type { WireProtocol, WireReader } from "../../../../src/transport/wire/wire-types.ts"

const addresses = {
  "anthropic-messages": "http://p/v1/messages",
  "openai-responses": "http://p/v1/responses",
  "openai-chat": "http://p/v1/chat/completions",
  gemini: "http://p/v1beta/models/m:streamGenerateContent?alt=sse",
  "bedrock-converse": "http://p/model/m/converse-stream",
  "cohere-chat": "http://p/v2/chat",
  "ai-gateway": "http://p/v3/ai/language-model",
} as const

function protocolOf(name: keyof typeof addresses): WireProtocol {
  const found = wireProtocolFor({ url: new URL(addresses[name]), body: undefined })
  if (!found) throw new Error(`no protocol: ${name}`)
  return found
}

/** An answer of which these frames were read. */
function read(name: keyof typeof addresses, ...values: readonly object[]): WireReader {
  const reader = protocolOf(name).open("m")
  for (const value of values) reader.read(`data: ${JSON.stringify(value)}\n\n`)
  return reader
}

describe.each(Object.keys(addresses) as (keyof typeof addresses)[])("a step that is ended: %s", (name) => {
  test("is ended once, and finished by it", () => {
    const reader = protocolOf(name).open("m")
    expect([reader.finished, reader.shown]).toEqual([false, "nothing"])
    expect(reader.end()).not.toBe("")
    expect([reader.finished, reader.end()]).toEqual([true, ""])
  })

  test("is a whole response of its own kind", async () => {
    const protocol = protocolOf(name)
    const response = emptyCompletion(protocol, "m")
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      protocol.framing.contentType,
    ])
    expect((await response.bytes()).length).toBeGreaterThan(0)
  })
})

describe("the tokens that the provider has counted are not replaced by zeros", () => {
  const usageMetadata = { totalTokenCount: 7 }
  const said = { candidates: [{ content: { parts: [{ text: "hi" }] } }] }

  test("gemini: they are supplied where none were given", () => {
    expect(read("gemini", said).end()).toContain("usageMetadata")
    expect(read("gemini", { ...said, usageMetadata }).end()).not.toContain("usageMetadata")
  })

  test("gemini: nor where they stood in an end that was not passed on", () => {
    const cut = { candidates: [{ finishReason: "MALFORMED" }], usageMetadata }
    expect(read("gemini", cut).end()).toContain("usageMetadata")
  })

  test("openai-chat: they are supplied where none were given", () => {
    const chunk = { choices: [{ index: 0, delta: { content: "hi" } }] }
    expect(read("openai-chat", chunk).end()).toContain('"usage"')
    expect(read("openai-chat", { ...chunk, usage: { total_tokens: 7 } }).end()).not.toContain('"usage"')
  })

  test("anthropic: the newest count is kept", () => {
    const start = (usage: object) => ({ type: "message_start", message: { usage } })
    expect(read("anthropic-messages", start({ output_tokens: 3 })).end()).toContain('"output_tokens":3')
    expect(read("anthropic-messages", start({})).end()).toContain('"output_tokens":0')
    const delta = { type: "message_delta", delta: {}, usage: { output_tokens: 9 } }
    expect(read("anthropic-messages", start({ output_tokens: 3 }), delta).end()).toContain(
      '"output_tokens":9',
    )
  })
})

describe("what was begun is ended, and what was not begun is begun", () => {
  const begun = { type: "message_start", message: {} }
  test("bedrock: the message", () => {
    const reader = protocolOf("bedrock-converse").open("m")
    const headers = { ":message-type": "event", ":event-type": "messageStart" }
    reader.read(awsMessage({ headers, payload: '{"role":"assistant"}' }))
    expect(read("bedrock-converse").end()).toContain("messageStart")
    expect(reader.end()).not.toContain("messageStart")
  })

  test("anthropic: the message, in the name of the model that was asked", () => {
    expect(read("anthropic-messages").end()).toMatch(/message_start.*"model":"m"/)
    expect(read("anthropic-messages", begun).end()).not.toContain("message_start")
  })

  test("anthropic: its blocks, but for a call, which would become one", () => {
    const block = (index: number, type: string) => ({
      type: "content_block_start",
      index,
      content_block: { type },
    })
    const end = read("anthropic-messages", begun, block(0, "text"), block(1, "tool_use")).end()
    expect(end).toContain('"content_block_stop","index":0')
    expect(end).not.toContain('"content_block_stop","index":1')
    const stopped = { type: "content_block_stop", index: 0 }
    expect(read("anthropic-messages", begun, block(0, "text"), stopped).end()).not.toContain(
      "content_block_stop",
    )
  })

  test("cohere: the message and its block", () => {
    const start = { type: "message-start" }
    expect(read("cohere-chat").end()).toContain("message-start")
    expect(read("cohere-chat", start).end()).not.toContain("message-start")
    const open = { type: "content-start", index: 3 }
    expect(read("cohere-chat", start, open).end()).toContain('"content-end","index":3')
    expect(read("cohere-chat", start, open, { type: "content-end" }).end()).not.toContain("content-end")
  })

  test("ai-gateway: the stream and its parts", () => {
    expect(read("ai-gateway").end()).toContain("stream-start")
    const open = { type: "reasoning-start", id: "7" }
    const end = read("ai-gateway", open).end()
    expect(end).not.toContain("stream-start")
    expect(end).toContain('"type":"reasoning-end","id":"7"')
    expect(read("ai-gateway", open, { type: "reasoning-end", id: "7" }).end()).not.toContain("reasoning-end")
  })

  test("openai-responses: the response and its items", () => {
    expect(read("openai-responses").end()).toContain("response.created")
    const created = { type: "response.created" }
    expect(read("openai-responses", created).end()).not.toContain("response.created")
    const item = { type: "response.output_item.added", output_index: 2, item: { type: "message", id: "x" } }
    expect(read("openai-responses", created, item).end()).toContain('"output_index":2')
    const done = { type: "response.output_item.done", output_index: 2, item: { type: "message" } }
    expect(read("openai-responses", created, item, done).end()).not.toContain('"output_index":2')
  })
})

const messages = { stream: true, messages: [] }
const input = { stream: true, input: [] }
type Row = readonly [string, Record<string, unknown> | undefined, string]

const gcp = "https://aiplatform.googleapis.com/v1/projects/p/locations/l/publishers"
const rows: readonly Row[] = [
  ["https://api.openai.com/v1/chat/completions", messages, "openai-chat"],
  ["https://x.openai.azure.com/openai/deployments/d/chat/completions?api-version=1", messages, "openai-chat"],
  ["https://openrouter.ai/api/v1/chat/completions", messages, "openai-chat"],
  ["https://api.mistral.ai/v1/chat/completions", messages, "openai-chat"],
  ["http://localhost:11434/v1/chat/completions", messages, "openai-chat"],
  ["https://api.githubcopilot.com/chat/completions", messages, "openai-chat"],
  ["https://api.openai.com/v1/chat/completions", undefined, "openai-chat"],
  ["https://api.openai.com/v1/chat/completions", { messages: [] }, "none"],
  ["https://api.openai.com/v1/chat/completions", { ...messages, stream: false }, "none"],
  ["https://api.openai.com/v1/responses", input, "openai-responses"],
  ["https://chatgpt.com/backend-api/codex/responses", input, "openai-responses"],
  ["https://api.githubcopilot.com/responses", input, "openai-responses"],
  ["https://x.openai.azure.com/openai/v1/responses?api-version=v1", input, "openai-responses"],
  ["https://api.openai.com/v1/responses/compact", input, "none"],
  ["https://example.com/survey/responses", { stream: true }, "none"],
  ["https://api.anthropic.com/v1/messages", messages, "anthropic-messages"],
  ["https://api.anthropic.com/v1/messages?beta=true", messages, "anthropic-messages"],
  ["https://opencode.ai/zen/v1/messages", messages, "anthropic-messages"],
  ["https://api.anthropic.com/v1/messages/count_tokens", messages, "none"],
  ["https://api.anthropic.com/v1/messages", { messages: [] }, "none"],
  [`${gcp}/anthropic/models/claude@1:streamRawPredict`, messages, "anthropic-messages"],
  [`${gcp}/anthropic/models/claude@1:rawPredict`, messages, "none"],
  [`${gcp}/mistralai/models/m:streamRawPredict`, messages, "none"],
  [`${gcp}/google/models/gemini:streamGenerateContent?alt=sse`, { contents: [] }, "gemini"],
  ["https://g.googleapis.com/v1beta/models/m:streamGenerateContent?alt=sse", undefined, "gemini"],
  ["https://cloudcode-pa.googleapis.com/v1internal:streamGenerateContent?alt=sse", undefined, "gemini"],
  ["https://g.googleapis.com/v1beta/models/m:streamGenerateContent", { contents: [] }, "none"],
  ["https://g.googleapis.com/v1beta/models/m:generateContent", { contents: [] }, "none"],
  ["https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse-stream", messages, "bedrock-converse"],
  ["https://api.cohere.com/v2/chat", messages, "cohere-chat"],
  ["https://ai-gateway.vercel.sh/v3/ai/language-model", messages, "ai-gateway"],
]

test.each(rows)("%s with %j speaks %s", (url, body, name) => {
  expect(wireProtocolFor({ url: new URL(url), body })?.name ?? "none").toBe(name)
})
