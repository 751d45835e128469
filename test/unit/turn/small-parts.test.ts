import { describe, expect, test } from "bun:test"
import { carriesMarker, markerHeader } from "../../../src/opencode/v1/carries-marker.ts"
import { categoryRegistry } from "../../../src/turn/category-registry.ts"
import { createStepTokens } from "../../../src/turn/step-tokens.ts"

describe("the category registry", () => {
  test("remembers, replaces and forgets", () => {
    const registry = categoryRegistry()
    registry.register("ses_cat", "quick")
    registry.register("ses_cat", "deep")
    expect(registry.categoryOf("ses_cat")).toBe("deep")
    registry.forget("ses_cat")
    expect(registry.categoryOf("ses_cat")).toBeUndefined()
  })

  test("is one for the whole process, also for a second copy of the package", async () => {
    const copied = `${import.meta.dir}/../../../src/turn/category-registry.ts?copy`
    const copy = (await import(copied)) as { readonly categoryRegistry: typeof categoryRegistry }
    expect(copy.categoryRegistry).not.toBe(categoryRegistry)
    copy.categoryRegistry().register("ses_copy", "quick")
    expect(categoryRegistry().categoryOf("ses_copy")).toBe("quick")
  })

  test("is bounded", () => {
    const registry = categoryRegistry()
    for (let number = 0; number < 10_000; number += 1) registry.register(`ses_${number}`, "quick")
    expect(registry.size()).toBeLessThanOrEqual(4_000)
    expect(registry.categoryOf("ses_9999")).toBe("quick")
  })
})

describe("the marker is put only where it is taken off again", () => {
  test.each([
    ["@ai-sdk/openai", true],
    ["@ai-sdk/openai-compatible", true],
    ["@ai-sdk/cohere", true],
    ["@openrouter/ai-sdk-provider", true],
    ["@ai-sdk/gateway", true],
    ["@ai-sdk/amazon-bedrock", true],
    ["@ai-sdk/amazon-bedrock/mantle", true],
    ["some-unknown-provider", false],
    ["file:///home/me/provider.ts", false],
    [undefined, false],
  ])("%p: %p", (npm, carries) => {
    expect(carriesMarker(npm, false)).toBe(carries)
  })

  test("not on requests to OpenAI that may go over a WebSocket", () => {
    expect(carriesMarker("@ai-sdk/openai", true)).toBe(false)
    expect(carriesMarker("@ai-sdk/openai-compatible", true)).toBe(true)
  })
})

test.each([
  ["@ai-sdk/openai", "x-understudy-step"],
  ["@ai-sdk/amazon-bedrock", "x-amzn-trace-id"],
  ["@ai-sdk/amazon-bedrock/mantle", "x-amzn-trace-id"],
])("the marker rides where nobody signs it: %s, %s", (npm, header) => {
  expect(markerHeader(npm)).toBe(header)
})

describe("a step's token", () => {
  test("leads back to its step, as often as it is asked", () => {
    const tokens = createStepTokens()
    const step = { sessionID: "ses_1", messageID: "msg_1", model: "a/own", isStructured: false } as const
    const token = tokens.announce(step)
    expect(tokens.get(token)).toEqual(step)
    expect(tokens.get(token)).toEqual(step)
    expect(tokens.get("another")).toBeUndefined()
    expect(tokens.announce(step)).not.toBe(token)
  })

  test("is forgotten when very many have followed", () => {
    const tokens = createStepTokens()
    const first = tokens.announce({
      sessionID: "ses_1",
      messageID: "msg_1",
      isStructured: false,
      model: "a/own",
    })
    for (let number = 0; number < 5_000; number += 1)
      tokens.announce({ sessionID: "ses_2", messageID: "msg_1", isStructured: false, model: "a/own" })
    expect(tokens.get(first)).toBeUndefined()
  })
})
