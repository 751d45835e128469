import { describe, expect, test } from "bun:test"
import { parseScript, type ScriptStep } from "../../../../src/cli/simulate/parse-script.ts"

function stepsOf(text: string): readonly ScriptStep[] {
  const parsed = parseScript(text)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.value
}

describe("parseScript", () => {
  test.each([
    ["a status", "alpha/one: 429", { target: "alpha/one", times: 1, failure: { status: 429, headers: {} } }],
    [
      "retry-after",
      "alpha: 503 retry-after 60",
      { failure: { status: 503, headers: { "retry-after": "60" } } },
    ],
    ["a header", "alpha: 429 X-Reset=6m0s", { failure: { status: 429, headers: { "x-reset": "6m0s" } } }],
    ["a number of times", "alpha: 500 x3", { target: "alpha", times: 3 }],
    ["a model with colons", "openrouter/meta/llama-3:free: 429", { target: "openrouter/meta/llama-3:free" }],
    [
      "a text with a semicolon",
      'a/b: 400 "no; never"',
      { failure: { status: 400, headers: {}, body: '{"error":{"message":"no; never"}}' } },
    ],
    [
      "a body as it is",
      String.raw`a/b: 400 "{\"type\":\"x\"}"`,
      { failure: { status: 400, headers: {}, body: '{"type":"x"}' } },
    ],
    [
      "an error type",
      "a/b: overloaded_error",
      {
        failure: {
          headers: {},
          body: '{"type":"error","error":{"type":"overloaded_error","code":"overloaded_error","message":"overloaded_error"}}',
        },
      },
    ],
    [
      "a refused connection",
      "a/b: refused",
      { failure: { headers: {}, name: "Error", code: "ConnectionRefused" } },
    ],
    ["a silence", "a/b: timeout", { failure: { headers: {}, name: "TimeoutError" } }],
    ["time that passes", "+1h30m", { type: "next", ms: 5_400_000 }],
    ["a next prompt", "next", { type: "next", ms: 0 }],
  ])("reads %s", (_title, text, step) => {
    expect(stepsOf(text)).toMatchObject([step])
  })

  test("divides at semicolons and line feeds, and leaves comments out", () => {
    const steps = stepsOf("a/b: 429;# a remark\n +5s ;\n\n beta: 401 x2")
    expect(steps.map((step) => step.text)).toEqual(["a/b: 429", "+5s", "beta: 401 x2"])
  })

  test.each([
    ["no space after the colon", "alpha/one:429", "a space after the colon"],
    ["no failure", "alpha/one: x2", "no failure named"],
    ["a status of success", "alpha/one: 200", "400 to 599"],
    ["an unknown word", "alpha/one: kaput", "kaput is not understood"],
    ["a span that is none", "+soon", "write +90s"],
  ])("says what is wrong with %s", (_title, text, why) => {
    const parsed = parseScript(text)
    expect(parsed.ok ? "" : parsed.why).toContain(why)
  })
})
