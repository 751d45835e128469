import { expect, test } from "bun:test"
import { accountKey, accountName, providerOfAccount } from "../../../../src/core/limits/account.ts"

test.each([
  [undefined, "a", "a"],
  ["0f0f", "a#0f0f", "a"],
])("an account of a provider with the key %p is %s", (fingerprint, account, provider) => {
  expect(accountKey("a", fingerprint)).toBe(account)
  expect(providerOfAccount(account)).toBe(provider)
})

test("people are told which key it is", () => {
  expect(accountName({ account: "a#0f0f", keyNumber: 2 })).toBe("a, key 2")
  expect(accountName({ account: "a" })).toBe("a")
})
