import { describe, expect, test } from "bun:test"
import { createStepTokens } from "../../../../../src/opencode/v1/in-flight/step-tokens.ts"

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
