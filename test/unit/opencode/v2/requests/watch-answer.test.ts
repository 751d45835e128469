import { expect, test } from "bun:test"
import { protocolAt } from "../../../../../src/opencode/v2/requests/watch-answer.ts"

test("the protocol of a request is what its path says", () => {
  expect(protocolAt("https://x.test/v1/chat/completions")).toBeDefined()
  expect(protocolAt("https://x.test/v1/messages")).toBeDefined()
  expect(protocolAt("https://x.test/v1/embeddings")).toBeUndefined()
})
