import { describe, expect, test } from "bun:test"
import { hideKey, keyOfRequest, sendWith } from "../../../src/accounts/request-key.ts"
import type { FetchInit, FetchInput } from "../../../src/transport/fetch-arguments.ts"

const url = "https://api.example/v1/messages"

describe("the key of a request", () => {
  test.each<[string, FetchInput, FetchInit, string | undefined]>([
    ["Bearer", url, { headers: { Authorization: "Bearer one" } }, "one"],
    ["bearer in a list", url, { headers: [["authorization", "bearer one"]] }, "one"],
    ["x-api-key", url, { headers: new Headers({ "X-Api-Key": "one" }) }, "one"],
    ["api-key", url, { headers: { "api-key": "one" } }, "one"],
    ["x-goog-api-key", new URL(url), { headers: { "x-goog-api-key": "one" } }, "one"],
    ["?key=", `${url}?alt=sse&key=one`, {}, "one"],
    ["of a Request", new Request(url, { headers: { "x-api-key": "one" } }), undefined, "one"],
    [
      "Bearer beside an empty header",
      url,
      { headers: { "api-key": "", authorization: "Bearer one" } },
      "one",
    ],
    ["none", url, { headers: { "content-type": "application/json" } }, undefined],
    ["Basic", url, { headers: { authorization: "Basic abc" } }, undefined],
    ["a signature", url, { headers: { authorization: "AWS4-HMAC-SHA256 Credential=x" } }, undefined],
    ["a signature's date", url, { headers: { "x-amz-date": "2026", "x-api-key": "one" } }, undefined],
    ["Claude's login", url, { headers: { authorization: "Bearer sk-ant-oat01-abc" } }, undefined],
    [
      "Claude's login by its beta",
      url,
      { headers: { authorization: "Bearer abc", "anthropic-beta": "x,oauth-2025-04-20" } },
      undefined,
    ],
    [
      "ChatGPT's login",
      url,
      { headers: { authorization: "Bearer abc", "ChatGPT-Account-Id": "1" } },
      undefined,
    ],
    ["Copilot's login", url, { headers: { authorization: "Bearer gho_abc" } }, undefined],
    ["Google's login", url, { headers: { authorization: "Bearer ya29.abc" } }, undefined],
  ])("%s", (_, input, init, expected) => {
    expect(keyOfRequest(input, init)?.key).toBe(expected)
  })
})

describe("the same request with another key", () => {
  const sent = async (input: FetchInput, init: FetchInit) => {
    const own = keyOfRequest(input, init)
    if (own === undefined) throw new Error("no key")
    let request: Request | undefined
    const answer = new Response("fine")
    await sendWith(
      "two&2",
      own.places,
      (i, o) => ((request = new Request(i, o)), Promise.resolve(answer)),
      input,
      init,
    )
    return { request, answer }
  }

  test("differs in nothing else", async () => {
    const init = {
      method: "POST",
      body: '{"a":1}',
      headers: {
        authorization: "Bearer one",
        "x-api-key": "one",
        "anthropic-version": "2023",
        other: "three",
      },
    }
    const { request, answer } = await sent(`${url}?alt=sse`, init)
    expect(answer.url).toBe("")
    expect(await request?.text()).toBe('{"a":1}')
    expect(request?.url).toBe(`${url}?alt=sse`)
    expect(Object.fromEntries(request?.headers ?? [])).toMatchObject({
      authorization: "Bearer two&2",
      "x-api-key": "two&2",
      "anthropic-version": "2023",
      other: "three",
    })
    expect(init.headers.authorization).toBe("Bearer one")
  })

  test("leaves what else is secret as it is", async () => {
    const headers = { "x-api-key": "one", authorization: "Bearer of-a-gateway" }
    const { request } = await sent(url, { headers })
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({ ...headers, "x-api-key": "two&2" })
  })

  test("in the address; what comes back names OpenCode's own address", async () => {
    const { request, answer } = await sent(`${url}?key=one&alt=sse`, { method: "POST", body: "{}" })
    expect(request?.url).toBe(`${url}?key=two%262&alt=sse`)
    expect(answer.url).toBe(`${url}?key=one&alt=sse`)
  })

  test("in the address of a Request", async () => {
    const whole = { method: "POST", body: "{}", headers: { a: "b" } }
    const { request } = await sent(new Request(`${url}?key=one`, whole), undefined)
    expect([request?.url, request?.method]).toEqual([`${url}?key=two%262`, "POST"])
    expect(request?.headers.get("a")).toBe("b")
  })

  test("what is thrown does not hold it", async () => {
    const own = keyOfRequest(`${url}?key=one`, {})
    if (own === undefined) throw new Error("no key")
    const failing = sendWith(
      "two&2",
      own.places,
      (input) => {
        const path = input instanceof URL ? input.href : ""
        return Promise.reject(Object.assign(new Error(`Unable to connect to ${path}`), { path }))
      },
      `${url}?key=one`,
      {},
    )
    const error: unknown = await failing.catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(`${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`).not.toMatch(/two(?:&|%26)2/)
  })

  test.each<[string, unknown]>([
    ["an error without an address", new Error("refused")],
    ["no error", "refused"],
    ["nothing", undefined],
  ])("what is thrown without it stays as it is: %s", async (_, thrown) => {
    const failing = sendWith("two&2", [], () => Promise.reject(thrown), url, {})
    expect(await failing.catch((error: unknown) => [error])).toEqual([thrown])
  })

  test("a text without the key stays as it is", () => {
    expect(hideKey("no such thing", "two&2")).toBe("no such thing")
  })
})
