import { describe, expect, test } from "bun:test"
import { classify } from "../../../src/core/classify/classify.ts"
import { isSwitchFault } from "../../../src/core/is-switch-fault.ts"
import type { Failure } from "../../../src/core/verdict.ts"

const refused = (provider: string, message: string): Failure => ({
  provider,
  status: 400,
  body: JSON.stringify({ type: "error", error: { type: "invalid_request_error", message } }),
})

describe("a refusal comes from the switch itself", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["anthropic", "messages.1.content.0: Invalid `signature` in `thinking` block"],
    ["anthropic", "messages.3.content.0.type: Expected `thinking` or `redacted_thinking`, but found `text`."],
    ["google", "Function call is missing a thought_signature in functionCall parts."],
    ["openai", "Item 'rs_1' of type 'reasoning' was provided without its required following item."],
    ["openai", "The encrypted content gAAAA could not be verified."],
    ["deepseek", "The `reasoning_content` in the thinking mode must be passed back to the API."],
    [
      "moonshotai",
      "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2",
    ],
  ]
  test.each(rows)("%s: %s", (provider, message) => {
    const failure = refused(provider, message)
    expect(isSwitchFault(classify(failure, 0), failure)).toBe(true)
  })
})

describe("a refusal does not come from the switch", () => {
  const rows: readonly (readonly [string, Failure])[] = [
    ["when it speaks of something else", refused("anthropic", "max_tokens: must be at most 8192")],
    [
      "when the model is only overloaded",
      { provider: "anthropic", status: 529, message: "thinking is overloaded" },
    ],
    ["when its words stand inside others", refused("openai", "rethinkingly is not a parameter")],
    ["when it says nothing", { status: 400 }],
  ]
  test.each(rows)("%s", (_, failure) => {
    expect(isSwitchFault(classify(failure, 0), failure)).toBe(false)
  })
})
