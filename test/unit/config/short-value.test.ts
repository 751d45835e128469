import { describe, expect, test } from "bun:test"
import { formatProblem, pathText } from "../../../src/config/settings-problem.ts"
import { shortValue } from "../../../src/config/short-value.ts"
import { nearestWord } from "../../../src/core/nearest-word.ts"

describe("shortValue", () => {
  test.each([
    [undefined, "nothing"],
    [null, "null"],
    [7, "7"],
    [false, "false"],
    ["openai/gpt-5.2", '"openai/gpt-5.2"'],
    ["anthropic/claude-opus-4-5-20251101", '"anthropic/claude-opus-4-5-20251101"'],
    ["two\nlines", String.raw`"two\nlines"`],
    ["x".repeat(100), `"${"x".repeat(59)}…"`],
    [[1, 2], "a list of 2"],
    [{ a: 1 }, "an object"],
    [() => 1, "a function"],
    ["redis://user:hunter2@host:1", '"redis://***@host:1"'],
    ["redis://:hunter2@host", '"redis://***@host"'],
    ["redis:/user:hunter2@host", '"redis:/***@host"'],
    ["redis://user:hun/ter2@host", '"redis://***@host"'],
    ["redis://user:hunt@er2@host", '"redis://***@host"'],
    ["user:hunter2@host", '"user:***@host"'],
    ["see redis://user:hunter2@host, a:b", '"see redis://***@host, a:b"'],
    ["a-4f9a0c1d2e3b4a5c6d7e8f90", "a string of 26 characters (not shown)"],
    ["sk-ant-api03-abcdefghijkl", "a string of 25 characters (not shown)"],
    ["4f9a0c1d2e3b4a5c6d7e8f90", "a string of 24 characters (not shown)"],
  ])("%p is shown as %s", (value, shown) => {
    expect(shortValue(value, ["store"])).toBe(shown)
  })

  // Each would take an hour in a time that grows with the square of the length.
  test.each([
    ["letters", "a"],
    ["colons", ":"],
    ["addresses without a user", "a:/ "],
  ])("a text of a million %s takes no time", (_, piece) => {
    expect(shortValue(piece.repeat(1_000_000), ["store"])).toHaveLength(62)
  })

  test.each([[["providers", "p", "apiKey"]], [["providers", "monkey"]], [["token"]]])(
    "a value under a key that names a secret is never shown: %j",
    (path) => {
      expect(shortValue("hunter2", path)).toBe("a string of 7 characters (not shown)")
    },
  )

  test("an agent may have whatever name", () => {
    expect(shortValue("gpt", ["agents", "monkey", "fallback_models", 0])).toBe('"gpt"')
  })
})

test("neither a file nor a key speaks to a terminal", () => {
  const problem = {
    code: "invalid-setting",
    source: { from: "file", file: "/p/\u001B]0;x\u0007\n", line: 1, column: 2 },
    path: pathText(["agents", "a\u009B2J"]),
    found: "7",
    allowed: "Allowed: nothing.",
    effect: "It is left out.",
  } as const
  expect(formatProblem(problem)).toBe(
    String.raw`/p/\u001b]0;x\u0007\u000a:1:2: agents["a\u009b2J"]: found 7. Allowed: nothing. It is left out.`,
  )
})

describe("nearestWord", () => {
  const keys = ["cooldown_seconds", "cooldown_multiplier", "enabled", "store", "agents"]
  test.each([
    ["cooldownSeconds", "cooldown_seconds"],
    ["COOLDOWN-SECONDS", "cooldown_seconds"],
    ["cooldown_second", "cooldown_seconds"],
    ["agent", "agents"],
    ["enable", "enabled"],
    ["enabeld", "enabled"],
    ["stroe", "store"],
    ["tsoer", undefined],
    ["temperature", undefined],
    ["", undefined],
    ["x".repeat(100_000), undefined],
  ])("%s means %s", (text, word) => {
    expect(nearestWord(text, keys)).toBe(word)
  })
})

describe("pathText", () => {
  test.each([
    [["runtime_fallback", "cooldown_seconds"], "runtime_fallback.cooldown_seconds"],
    [["agents", "build", "fallback_models", 1, "model"], "agents.build.fallback_models[1].model"],
    [["models", "a/b"], 'models["a/b"]'],
    [["a\nb"], String.raw`["a\nb"]`],
    [["x".repeat(1000)], `["${"x".repeat(63)}…"]`],
    [[], ""],
  ])("%p is %s", (path, text) => {
    expect(pathText(path)).toBe(text)
  })
})
