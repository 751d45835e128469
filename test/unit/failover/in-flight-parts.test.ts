import { describe, expect, test } from "bun:test"
import { boundedWait, replayOriginal, waitingResponse } from "../../../src/failover/original-failure.ts"
import { wasAbortedByUser } from "../../../src/failover/user-abort.ts"
import { isReplayable, readWireRequest } from "../../../src/transport/wire/wire-request.ts"

const now = Date.UTC(2026, 0, 1)

describe("boundedWait", () => {
  const rows: readonly (readonly [headers: Record<string, string>, kept: boolean])[] = [
    [{}, true],
    [{ "retry-after": "59" }, true],
    [{ "retry-after": "60" }, true],
    [{ "retry-after": "61" }, false],
    [{ "retry-after": "3600" }, false],
    [{ "retry-after-ms": "3600000" }, false],
    [{ "retry-after": new Date(now + 30_000).toUTCString() }, true],
    [{ "retry-after": new Date(now + 3_600_000).toUTCString() }, false],
    [{ "retry-after": "soon" }, true],
  ]
  test.each(rows)("%o keeps its wait: %p", async (headers, kept) => {
    const response = new Response("body", { status: 429, headers })
    const bounded = boundedWait(response, now)
    expect(bounded === response).toBe(kept)
    expect(bounded.status).toBe(429)
    expect(bounded.headers.has("retry-after") || bounded.headers.has("retry-after-ms")).toBe(
      kept && Object.keys(headers).length > 0,
    )
    expect(await bounded.text()).toBe("body")
  })
})

describe("replayOriginal", () => {
  test("gives the response anew each time: status, headers, body, address", async () => {
    const original = {
      type: "response",
      status: 429,
      statusText: "Too Many Requests",
      headers: [
        ["x-request-id", "7"],
        ["content-encoding", "gzip"],
        ["content-length", "3"],
      ],
      body: "slow down",
      url: "http://provider/v1",
    } as const
    for (let count = 0; count < 2; count += 1) {
      const response = await replayOriginal(original)
      expect([response.status, response.statusText, response.url]).toEqual([
        429,
        "Too Many Requests",
        original.url,
      ])
      expect([...response.headers]).toContainEqual(["x-request-id", "7"])
      expect(response.headers.has("content-encoding")).toBe(false)
      expect(response.headers.has("content-length")).toBe(false)
      expect(await response.text()).toBe("slow down")
    }
  })

  test("throws the very error", async () => {
    const error = new Error("refused")
    expect(await replayOriginal({ type: "thrown", error }).catch((thrown: unknown) => thrown)).toBe(error)
  })
})

describe("waitingResponse", () => {
  test.each([
    [429, 429],
    [500, 500],
    [503, 503],
    [402, 429],
  ])("a %d asks OpenCode to wait as a %d", (status, expected) => {
    const headers = { "retry-after": "9", "content-encoding": "gzip", "content-length": "3" }
    const original = new Response("", { status, headers })
    Object.defineProperty(original, "url", { value: "http://provider/v1" })
    const response = waitingResponse(original, 1_234.5)
    expect([response.status, response.headers.get("retry-after-ms")]).toEqual([expected, "1235"])
    for (const name of Object.keys(headers)) expect(response.headers.has(name)).toBe(false)
    expect(response.url).toBe("http://provider/v1")
  })
})

describe("wasAbortedByUser", () => {
  const timeout = Object.assign(new Error("no headers"), { name: "ProviderHeaderTimeoutError" })
  test.each([
    ["no signal", undefined, false],
    ["a signal at rest", new AbortController().signal, false],
    ["an abort", AbortSignal.abort(), true],
    ["an abort with any reason", AbortSignal.abort("stop"), true],
    ["OpenCode's own timer", AbortSignal.abort(timeout), false],
    ["a platform timeout", AbortSignal.abort(new DOMException("timed out", "TimeoutError")), false],
  ])("%s", (_, signal, expected) => {
    expect(wasAbortedByUser(signal)).toBe(expected)
  })
})

describe("what of a request is read", () => {
  const post = (body: RequestInit["body"]): RequestInit => ({ method: "POST", body: body ?? null })
  test.each([
    ["http://p/v1/chat/completions", '{"stream":true,"messages":[]}', "openai-chat"],
    ["http://p/v1/chat/completions", '{"messages":[],"stream": true}', "openai-chat"],
    ["http://p/v1/chat/completions", '{"messages":[]}', undefined],
    ["http://p/v1/responses", '{"stream":true,"input":[]}', "openai-responses"],
    ["http://p/v1/messages", '{"stream":true,"messages":[]}', "anthropic-messages"],
    ["http://p/v1/embeddings", '{"input":[]}', undefined],
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

  test("that a long request asks for a stream is seen at both of its ends", () => {
    const long = `"messages":["${"x".repeat(20_000)}"]`
    const name = (body: string): string | undefined =>
      readWireRequest("http://p/v1/messages", post(body))?.name
    expect(name(`{"stream":true,${long}}`)).toBe("anthropic-messages")
    expect(name(`{${long},"stream":true}`)).toBe("anthropic-messages")
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
