import { expect, test } from "bun:test"
import { createFetchRoutes } from "../../../src/transport/fetch-routes.ts"

const url = "http://127.0.0.1/v1/chat/completions"
const headers = { "X-Session-Affinity": "ses_1" }

function seen(init: RequestInit, isOurs = true): boolean {
  const routes = createFetchRoutes(() => isOurs)
  routes.expect("ses_1", "alpha")
  routes.see(url, init)
  return routes.isProven("alpha")
}

test("a request that carries the session's id in its headers proves the way of its provider", () => {
  expect(seen({ headers, body: "{}" })).toBe(true)
  expect(seen({ headers: new Headers(headers), body: "{}" })).toBe(true)
})

test.each([
  ["no such header", { body: "{}" }],
  ["another session", { headers: { "x-session-affinity": "ses_2" }, body: "{}" }],
  ["headers that are repeated in the body", { headers, body: '{"headers":{"x-session-affinity":"ses_1"}}' }],
  ["a body that cannot be looked at", { headers, body: new Blob(["{}"]) }],
])("it proves nothing with %s", (_name, init) => {
  expect(seen(init)).toBe(false)
})

test("it proves nothing in a protocol that is none of ours", () => {
  expect(seen({ headers, body: "{}" }, false)).toBe(false)
})

test("only what was expected is looked at", () => {
  const routes = createFetchRoutes(() => true)
  routes.see(url, { headers, body: "{}" })
  routes.expect("ses_2", "beta")
  routes.see(url, { headers, body: "{}" })
  expect([routes.isProven("alpha"), routes.isProven("beta")]).toEqual([false, false])
})

test("a request without a session proves nothing", () => {
  const routes = createFetchRoutes(() => true)
  routes.expect("ses_1", "alpha")
  routes.see(url, undefined)
  routes.see(new Request(url), undefined)
  expect(routes.isProven("alpha")).toBe(false)
})

test("the headers of a whole request count as well", () => {
  const routes = createFetchRoutes(() => true)
  routes.expect("ses_1", "alpha")
  routes.see(new Request(url, { headers }), { body: "{}" })
  expect(routes.isProven("alpha")).toBe(true)
})

test("each expectation is good for one request", () => {
  const routes = createFetchRoutes(() => true)
  routes.expect("ses_1", "alpha")
  routes.see(url, { headers, body: '{"x-session-affinity":"ses_1"}' })
  routes.see(url, { headers, body: "{}" })
  expect(routes.isProven("alpha")).toBe(false)
})

test("nothing is looked at where nothing is expected", () => {
  const init = Object.defineProperty({}, "headers", {
    get: () => {
      throw new Error("looked at")
    },
  })
  expect(() => createFetchRoutes(() => true).see(url, init)).not.toThrow()
})

test("of very many expectations the oldest is dropped", () => {
  const routes = createFetchRoutes(() => true)
  for (let number = 0; number <= 200; number += 1) routes.expect(`ses_${number}`, `provider_${number}`)
  for (const number of [0, 1, 200])
    routes.see(url, { headers: { "x-session-affinity": `ses_${number}` }, body: "{}" })
  expect([0, 1, 200].map((number) => routes.isProven(`provider_${number}`))).toEqual([false, true, true])
})
