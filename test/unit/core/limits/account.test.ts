import { expect, test } from "bun:test"
import { accountKey, accountName, providerOfAccount } from "../../../../src/core/limits/account.ts"

test("an account is a provider's, or one of its keys'", () => {
  expect(accountKey("a", "0f0f")).toBe("a#0f0f")
  expect(["a", "a#0f0f"].map(providerOfAccount)).toEqual(["a", "a"])
})

test("people are told which key it is", () => {
  expect(accountName({ account: "a#0f0f", keyNumber: 2 })).toBe("a, key 2")
  expect(accountName({ account: "a" })).toBe("a")
})
