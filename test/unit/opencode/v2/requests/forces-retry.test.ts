import { describe, expect, test } from "bun:test"
import type { Failure, FailureKind } from "../../../../../src/core/verdict.ts"
import type { Judgement } from "../../../../../src/failover/failover.ts"
import { forcesRetry } from "../../../../../src/opencode/v2/requests/forces-retry.ts"

describe("a failure that OpenCode would not ask about is changed into one that it does", () => {
  const to = { model: "b/1" } as const
  const decisions = {
    pass: { do: "pass", why: "not-a-reason" },
    repeat: { do: "repeat", afterMs: 1 },
    switch: { do: "switch", to, skipped: [] },
    "no-chain": { do: "exhausted", why: "no-chain", skipped: [], mayRecover: false },
    "no-model-left": { do: "exhausted", why: "no-model-left", skipped: [], mayRecover: false },
  } as const satisfies Readonly<Record<string, Judgement["decision"]>>
  const rows: readonly (readonly [Parameters<typeof forcesRetry>[0], FailureKind, readonly string[]])[] = [
    ["silence", "timeout", ["repeat", "switch", "no-model-left"]],
    ["empty", "empty_answer", ["repeat", "switch", "no-model-left"]],
    ["filtered", "content_filter", ["repeat", "switch"]],
    ["status", "context_overflow", ["repeat", "switch"]],
    ["frame", "context_overflow", ["repeat", "switch"]],
    ["status", "rate_limit", []],
    ["frame", "overloaded", []],
    ["cut", "network", ["repeat", "switch"]],
    ["thrown", "network", []],
  ]
  const madeOf = (
    what: Parameters<typeof forcesRetry>[0],
    kind: FailureKind,
    failure: Failure,
  ): readonly string[] => {
    const verdict = { kind, scope: "model", rule: "test" } as const
    return Object.entries(decisions).flatMap(([name, decision]) =>
      forcesRetry(what, failure, { verdict, decision }) ? [name] : [],
    )
  }
  for (const [what, kind, made] of rows)
    test(`${what}, ${kind}: ${made.join(", ") || "never"}`, () =>
      expect(madeOf(what, kind, { message: "Rate exceeded" })).toEqual([...made]))

  for (const text of [
    "Too many tokens, please wait before trying again.",
    "Daily token limit exceeded",
    "Requested 9000, which exceeds the limit of 8000 tokens per minute",
  ])
    test(`a limit that OpenCode takes for a prompt that is too long: ${text}`, () => {
      const made = ["repeat", "switch", "no-model-left"]
      expect(madeOf("status", "rate_limit", { body: JSON.stringify({ message: text }) })).toEqual(made)
      expect(madeOf("frame", "quota", { message: text })).toEqual(made)
      expect(madeOf("frame", "overloaded", { message: text })).toEqual(made)
      expect(madeOf("status", "context_overflow", { body: text })).toEqual(["repeat", "switch"])
      expect(madeOf("status", "bad_request", { body: text })).toEqual([])
    })
})
