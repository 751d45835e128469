import { expect, test } from "bun:test"
import type { HttpRequestEvent } from "../../../../../src/opencode/v2/host/context.ts"
import { createOwnRequests, ownFailure } from "../../../../../src/opencode/v2/requests/own-requests.ts"

const event = (sessionID = "s"): HttpRequestEvent => ({
  sessionID,
  agent: "build",
  model: { id: "1", providerID: "a" },
  kind: "primary",
  request: new Request("https://x.test/", { method: "POST", body: "{}" }),
})

test("OpenCode's own request ends at once and without the network; ours is answered in its place", async () => {
  const own = createOwnRequests(() => Promise.reject(new Error("not sent")))
  const one = event()
  const before = one.request
  own.answer(one, ownFailure(503, "down"))
  expect(await (await fetch(one.request)).text()).toBe("{}")
  expect(await (await own.responseTo(one.request))?.json()).toEqual({ error: { message: "down" } })
  expect([own.sentAt(one.request), own.responseTo(before)]).toEqual([undefined, undefined])
})

test("what we send is the same request, for the step's session and model", async () => {
  const seen: unknown[] = []
  const own = createOwnRequests(async (request, step) => {
    seen.push([request.url, request.method, await request.text(), step])
    return new Response("good")
  })
  const one = event()
  own.send(one, { onAnswer: ({ response }) => response })
  expect(await (await own.responseTo(one.request))?.text()).toBe("good")
  expect(own.sentAt(one.request)).toBeNumber()
  expect(seen).toEqual([["https://x.test/", "POST", "{}", { sessionID: "s", model: "a/1" }]])
})

test("a request without an answer gives its error, and an answer that stands in", async () => {
  const own = createOwnRequests(() => Promise.reject(new Error("refused")))
  const one = event()
  own.send(one, {
    onAnswer: (answer) => {
      expect(answer).toMatchObject({ type: "thrown", error: new Error("refused") })
      return answer.response
    },
  })
  const response = await own.responseTo(one.request)
  expect([response?.status, await response?.json()]).toEqual([502, { error: { message: "Error: refused" } }])
})

test("one request is abandoned, or all of a session", async () => {
  const signals: AbortSignal[] = []
  const own = createOwnRequests(
    (request) =>
      new Promise((_, reject) => {
        signals.push(request.signal)
        request.signal.addEventListener("abort", () => reject(new Error("aborted")))
      }),
  )
  const events = [event(), event(), event("other"), event()]
  for (const one of events) own.send(one, { onAnswer: ({ response }) => response })
  const aborted = (): readonly boolean[] => signals.map((signal) => signal.aborted)
  const [first, , other] = events
  own.abandon(event().request)
  expect(aborted()).toEqual([false, false, false, false])
  if (first) own.abandon(first.request)
  expect(aborted()).toEqual([true, false, false, false])
  await (first && own.responseTo(first.request))
  own.abandonAll("nobody")
  own.abandonAll("s")
  expect(aborted()).toEqual([true, true, false, true])
  if (other) own.abandon(other.request)
  expect(aborted()).toEqual([true, true, true, true])
})

test("the connection of a request that is answered stays open: its body may still be on its way", async () => {
  const signals: AbortSignal[] = []
  const own = createOwnRequests((request) => {
    signals.push(request.signal)
    return Promise.resolve(new Response("good"))
  })
  const one = event()
  own.send(one, { onAnswer: ({ response }) => response })
  await own.responseTo(one.request)
  own.abandonAll("s")
  expect(signals.map(({ aborted }) => aborted)).toEqual([false])
})
