import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { parseCommand, type UnderstudyCommand } from "../../../src/command/parse-command.ts"

describe("the words behind /understudy", () => {
  const rows: readonly (readonly [string, UnderstudyCommand])[] = [
    ["", { do: "status" }],
    ["  ", { do: "status" }],
    ["status", { do: "status" }],
    ["OFF", { do: "off" }],
    [" on ", { do: "on" }],
    ["help", { do: "help" }],
    ["reset", { do: "reset" }],
    ["reset openai/gpt-5.2", { do: "reset", model: "openai/gpt-5.2" }],
    ["hold openrouter/meta/llama:free", { do: "hold", model: "openrouter/meta/llama:free" }],
    ["use a/1#high", { do: "use", model: "a/1", variant: "high" }],
    ["use a/#high", { do: "misunderstood", why: "use takes one model, such as openai/gpt-5.2." }],
    ["chain", { do: "chain", models: [] }],
    ["chain a/1 b/1#low", { do: "chain", models: [{ model: "a/1" }, { model: "b/1", variant: "low" }] }],
    ["chain a/1, b/1,c/1", { do: "chain", models: [{ model: "a/1" }, { model: "b/1" }, { model: "c/1" }] }],
    ["chain a/1\n  b/1", { do: "chain", models: [{ model: "a/1" }, { model: "b/1" }] }],
    ['"chain a/1, b/1"', { do: "chain", models: [{ model: "a/1" }, { model: "b/1" }] }],
    ["use 'a/1'", { do: "use", model: "a/1" }],
    ['""', { do: "status" }],
    ["hold", { do: "misunderstood", why: "hold takes one model, such as openai/gpt-5.2." }],
    ["hold gpt", { do: "misunderstood", why: "hold takes one model, such as openai/gpt-5.2." }],
    ["hold a/1 b/1", { do: "misunderstood", why: "hold takes one model, such as openai/gpt-5.2." }],
    ["reset a/1 b/1", { do: "misunderstood", why: "reset takes one model, such as openai/gpt-5.2." }],
    ["chain a/1 gpt", { do: "misunderstood", why: '"gpt" is not a model; write provider/model.' }],
    ["dance", { do: "misunderstood", why: '"dance" is not known.' }],
  ]
  test.each(rows)("%p", (text, command) => {
    expect(parseCommand(text)).toEqual(command)
  })

  test("of any kind are read, and what is said of them is short", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (text) => {
        const command = parseCommand(text)
        if (command.do === "misunderstood") expect(command.why.length).toBeLessThan(140)
      }),
    )
  })
})
