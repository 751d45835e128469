import { expect, test } from "bun:test"
import { reasonOf } from "../../../src/config/reason-of.ts"

const unknown = Object.assign(new Error("getaddrinfo ENOTFOUND npm.example"), { code: "ENOTFOUND" })
const failed = (code: string, message: string) => Object.assign(new Error(message), { code })
const several = (code: string) =>
  new TypeError("fetch failed", {
    cause: new AggregateError(
      [failed(code, `connect ${code} ::1:443`), failed("ECONNREFUSED", "refused")],
      "",
    ),
  })

test.each([
  ["a code of the system", Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }), "the disk is full"],
  ["Node's fetch", new TypeError("fetch failed", { cause: unknown }), "its name cannot be looked up"],
  ["a host with several addresses", several("ENETUNREACH"), "there is no way to its network"],
  ["one that nothing leads to", several("EHOSTUNREACH"), "there is no way to its machine"],
  ["one that is silent", several("ETIMEDOUT"), "it did not answer in time"],
  ["a code that has no words here", several("EPROTO"), "connect EPROTO ::1:443"],
  ["what says nothing but a code", failed("EPROTO", ""), "EPROTO"],
  ["what says nothing at all", new AggregateError([], ""), "AggregateError"],
  ["what was thrown empty", "", "it gave no reason"],
  ["words of our own", new Error("it is a broken link", { cause: unknown }), "it is a broken link"],
  ["what is no error", "gone", "gone"],
])("the reason of %s", (_title, error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})
