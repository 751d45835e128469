import { describe, expect, test } from "bun:test"
import {
  boundedWait,
  replayOriginal,
  waitingResponse,
} from "../../../../../src/opencode/v1/in-flight/original-failure.ts"

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
