import { describe, expect, test } from "bun:test"
import { isReplayable, readWireRequest } from "../../../../src/transport/wire/wire-request.ts"

describe("what of a request is read", () => {
  const post = (body: RequestInit["body"]): RequestInit => ({ method: "POST", body: body ?? null })
  test.each([
    ["http://p/v1/chat/completions", '{"stream":true,"messages":[]}', "openai-chat"],
    ["http://p/v1/chat/completions", '{"messages":[],"stream": true}', "openai-chat"],
    ["http://p/v1/chat/completions", '{"messages":[]}', undefined],
    ["http://p/v1/responses", '{"stream":true,"input":[]}', "openai-responses"],
    ["http://p/v1/messages", '{"stream":true,"messages":[]}', "anthropic-messages"],
    ["http://p/v1/embeddings", '{"input":[]}', undefined],
    ["http://p/survey/responses", '{"stream":true}', undefined],
  ])("%s %s", (address, body, expected) => {
    expect(readWireRequest(address, post(body))?.name).toBe(expected as never)
    expect(readWireRequest(new URL(address), post(body))?.name).toBe(expected as never)
  })

  test("a whole request is read by its address, and a body that is no text is no objection", () => {
    const address = "http://p/v1/messages"
    expect(readWireRequest(new Request(address, { method: "POST" }), undefined)?.name).toBe(
      "anthropic-messages",
    )
    expect(readWireRequest(address, post(new Uint8Array(1)))?.name).toBe("anthropic-messages")
  })

  test("that a long request asks for a stream is seen wherever it says so", () => {
    const long = `"messages":["${"x".repeat(20_000)}"]`
    const name = (body: string): string | undefined =>
      readWireRequest("http://p/v1/messages", post(body))?.name
    expect(name(`{"stream":true,${long}}`)).toBe("anthropic-messages")
    expect(name(`{${long},"stream":true}`)).toBe("anthropic-messages")
    // Plugins that log in write what their provider wants behind it, such as pages of instructions.
    expect(name(`{${long},"stream":true,"instructions":"${"x".repeat(20_000)}"}`)).toBe("anthropic-messages")
    expect(name(`{${long}}`)).toBeUndefined()
  })

  test("a body that can be sent once only is not repeated", () => {
    const stream = (): ReadableStream => new ReadableStream()
    expect(isReplayable("http://p/", post("text"))).toBe(true)
    expect(isReplayable("http://p/", post(new Uint8Array(1)))).toBe(true)
    expect(isReplayable("http://p/", undefined)).toBe(true)
    expect(isReplayable("http://p/", { method: "POST", body: null })).toBe(true)
    expect(isReplayable(new Request("http://p/"), undefined)).toBe(true)
    expect(isReplayable("http://p/", post(stream()))).toBe(false)
    expect(isReplayable(new Request("http://p/", { method: "POST", body: "x" }), undefined)).toBe(false)
  })
})
