import { describe, expect, test } from "bun:test"
import { classify } from "../../../src/core/classify/classify.ts"
import type { FailureKind } from "../../../src/core/verdict.ts"
import { failureInStream, failureOf, silenceFailure } from "../../../src/failover/read-failure.ts"
import {
  CutStreamError,
  EmptyAnswerError,
  type StreamFailure,
} from "../../../src/transport/stream-failure.ts"

const reset = Object.assign(new Error("socket hang up"), { code: "ECONNRESET" })
const overloaded = '{"error":{"message":"Overloaded","type":"overloaded_error"}}'
const page = "<html><body>Bad gateway</body></html>"

describe("an answer that broke off", () => {
  test.each<[string, StreamFailure, FailureKind]>([
    ["a broken connection", { type: "thrown", error: reset }, "network"],
    ["a cut", { type: "cut" }, "network"],
    ["an empty answer", { type: "empty" }, "empty_answer"],
    ["a blocked answer", { type: "filtered" }, "content_filter"],
    ["a silence", { type: "silence", afterMs: 2_540 }, "timeout"],
    ["an error frame", { type: "frame", text: overloaded }, "overloaded"],
    ["a proxy's page", { type: "frame", text: page }, "unavailable"],
  ])("by %s is judged by what it says of the model", (_, broken, kind) => {
    const failure = failureInStream(broken)
    expect(classify(failure, 0).kind).toBe(kind)
  })
})

test("no status is made up for what the provider said, but for a page that it did not", () => {
  const statusOf = (text: string) => failureInStream({ type: "frame", text }).status
  expect([statusOf(overloaded), statusOf(page)]).toEqual([undefined, 502])
})

test("a silence says how long it was", () => {
  expect(silenceFailure(2_540).message).toBe("request timed out: the model said nothing for 2.5 s")
})

test("a refusal by status tells all that it says, and its body can still be read", async () => {
  const response = new Response("slow down", { status: 429, headers: { "x-id": "7" } })
  expect(await failureOf({ type: "response", response })).toMatchObject({
    status: 429,
    headers: { "x-id": "7" },
    body: "slow down",
  })
  expect(await response.text()).toBe("slow down")
})

test("what was thrown is told by its code, and kept to be thrown again", async () => {
  const failure = { code: "ECONNRESET", thrown: reset }
  expect(await failureOf({ type: "thrown", error: reset })).toMatchObject(failure)
  expect(failureInStream({ type: "thrown", error: reset })).toMatchObject(failure)
  expect(failureInStream({ type: "cut" }).thrown).toBeInstanceOf(CutStreamError)
  expect(failureInStream({ type: "empty" }).thrown).toBeInstanceOf(EmptyAnswerError)
})
