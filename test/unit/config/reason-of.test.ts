import { expect, test } from "bun:test"
import { reasonOf } from "../../../src/config/reason-of.ts"

const unknown = Object.assign(new Error("getaddrinfo ENOTFOUND npm.example"), { code: "ENOTFOUND" })

test.each([
  ["a code of the system", Object.assign(new Error("ENOSPC"), { code: "ENOSPC" }), "the disk is full"],
  ["Node's fetch", new TypeError("fetch failed", { cause: unknown }), "its name cannot be looked up"],
  ["words of our own", new Error("it is a broken link", { cause: unknown }), "it is a broken link"],
  ["what is no error", "gone", "gone"],
])("the reason of %s", (_title, error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})
