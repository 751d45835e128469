import { describe, expect, test } from "bun:test"
import type { Failure } from "../../../../../src/core/verdict.ts"
import {
  boundedWait,
  failedAgain,
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

describe("failedAgain", () => {
  const responseOf = (failure: Failure): Response => {
    const again = failedAgain(failure, 0)
    if (again.type === "thrown") throw again.error
    return again.response
  }

  test("says again what the provider said, as it is without the encoding of its bytes", async () => {
    const encoding = { "content-encoding": "gzip", "content-length": "3" }
    const headers = { "x-request-id": "7", ...encoding }
    const response = responseOf({ status: 429, headers, body: "slow down" })
    expect([response.status, response.headers.get("x-request-id")]).toEqual([429, "7"])
    for (const name of Object.keys(encoding)) expect(response.headers.has(name)).toBe(false)
    expect(await response.text()).toBe("slow down")
  })

  test.each<[Failure, number, string]>([
    [{ status: 304, body: "" }, 429, "Not Modified"],
    [{ status: 401, body: "a dead key" }, 429, "Unauthorized"],
    [{ status: 502, body: "<html>" }, 502, "Bad Gateway"],
    [{ status: 529, body: "Overloaded" }, 529, ""],
    [{ status: 999, body: "Request denied" }, 999, ""],
    [{ body: "an error in the stream" }, 503, "Service Unavailable"],
  ])("of %o is one that OpenCode asks again over, a %d %s", async (failure, status, statusText) => {
    const response = responseOf(failure)
    expect(response).toMatchObject({ status, statusText })
    expect(await response.text()).toBe(failure.body ?? "")
  })

  test("does not tell of a wait of hours", () => {
    const headers = { "retry-after": "3600" }
    expect(responseOf({ status: 429, headers, body: "" }).headers.get("retry-after")).toBeNull()
  })

  test("throws the very error, also one that holds an answer", () => {
    const error = new Error("refused")
    for (const failure of [{ thrown: error }, { thrown: error, status: 503, body: "no" }])
      expect(failedAgain(failure, 0)).toEqual({ type: "thrown", error })
  })

  test("throws a silence as an error over which OpenCode asks again, and not as the user's abort", () => {
    const error = { name: "SilentModelError", code: "ETIMEDOUT", message: "said nothing" }
    const silence = failedAgain({ name: "TimeoutError", message: "said nothing" }, 0)
    expect(silence).toMatchObject({ type: "thrown", error })
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
