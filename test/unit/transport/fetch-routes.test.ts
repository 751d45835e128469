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
