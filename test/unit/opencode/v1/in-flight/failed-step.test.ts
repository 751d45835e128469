import { describe, expect, test } from "bun:test"
import { classify } from "../../../../../src/core/classify/classify.ts"
import type { FailureKind } from "../../../../../src/core/verdict.ts"
import { failureInStream } from "../../../../../src/failover/read-failure.ts"
import { failedAttempt, failedInStream } from "../../../../../src/opencode/v1/in-flight/failed-step.ts"
import type { Flight } from "../../../../../src/opencode/v1/in-flight/flight.ts"
import type { StreamFailure } from "../../../../../src/transport/stream-failure.ts"
import { wireProtocolFor } from "../../../../../src/transport/wire/wire-protocol.ts"
import { own } from "./step.ts"

const protocol = wireProtocolFor({
  url: new URL("http://provider/v1/chat/completions"),
  body: { stream: true, messages: true },
})
if (!protocol) throw new Error("no protocol")

const flight: Flight = {
  sessionID: "ses_1",
  messageID: "msg_1",
  model: own,
  isStructured: false,
  input: "http://provider/v1/chat/completions",
  init: undefined,
  send: () => Promise.reject(new Error("never")),
  protocol,
  signal: undefined,
  startedAt: 0,
}

const reset = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
const overloaded = '{"error":{"message":"Overloaded","type":"overloaded_error"}}'
const page = "<html><body>Bad gateway</body></html>"

/** What broke, how it is judged, and the error that OpenCode would have seen; a text where that is a frame. */
const rows: readonly (readonly [string, StreamFailure, FailureKind, object | string])[] = [
  ["a broken connection", { type: "thrown", error: reset }, "network", reset],
  ["a cut", { type: "cut" }, "network", { name: "CutStreamError", code: "ECONNRESET" }],
  ["an empty answer", { type: "empty" }, "empty_answer", { name: "EmptyAnswerError" }],
  [
    "a silence",
    { type: "silence", afterMs: 2_540 },
    "timeout",
    {
      name: "SilentModelError",
      code: "ETIMEDOUT",
      message: "request timed out: the model said nothing for 2.5 s",
    },
  ],
  ["an error frame", { type: "frame", text: overloaded }, "overloaded", overloaded],
  ["a proxy's page", { type: "frame", text: page }, "unavailable", page],
]

describe("an answer that broke off", () => {
  test.each(rows)("by %s is judged by what it says of the model", (_, broken, kind) => {
    expect(classify(failureInStream(broken, "a"), 0).kind).toBe(kind)
    expect(failureInStream(broken, "a").provider).toBe("a")
    const failed = failedInStream(flight, broken, new Response())
    expect(failed.failure).toEqual(failureInStream(broken, "a"))
  })

  test.each(rows)("by %s can be given to OpenCode later, as it would have seen it", (_, broken, __, seen) => {
    const response = new Response("", { statusText: "Fine" })
    Object.defineProperty(response, "url", { value: "http://provider/v1" })
    const { recorded } = failedInStream(flight, broken, response)
    if (typeof seen === "string")
      expect(recorded).toEqual({
        type: "response",
        status: 200,
        statusText: "Fine",
        headers: [["content-type", "text/event-stream"]],
        body: `data: ${seen}\n\n`,
        url: "http://provider/v1",
      })
    else expect(recorded).toMatchObject({ type: "thrown", error: seen })
  })
})

test("no status is made up for what the provider said, but for a page that it did not", () => {
  const statusOf = (text: string) => failureInStream({ type: "frame", text }, "a").status
  expect([statusOf(overloaded), statusOf(page)]).toEqual([undefined, 502])
})

test("a refusal by status keeps all that OpenCode would have seen, and its body can still be read", async () => {
  const response = new Response("slow down", {
    status: 429,
    statusText: "Too Many",
    headers: { "x-id": "7" },
  })
  Object.defineProperty(response, "url", { value: "http://provider/v1" })
  const { failure, recorded } = await failedAttempt(flight, { type: "response", response })
  expect(failure).toMatchObject({ provider: "a", status: 429, headers: { "x-id": "7" }, body: "slow down" })
  expect(recorded).toMatchObject({
    type: "response",
    status: 429,
    statusText: "Too Many",
    headers: expect.arrayContaining([["x-id", "7"]]),
    body: "slow down",
    url: "http://provider/v1",
  })
  expect(await response.text()).toBe("slow down")
})

test("what was thrown is kept as it is", async () => {
  const { failure, recorded } = await failedAttempt(flight, { type: "thrown", error: reset })
  expect(failure).toMatchObject({ provider: "a", code: "ECONNRESET" })
  expect(recorded).toEqual({ type: "thrown", error: reset })
})
