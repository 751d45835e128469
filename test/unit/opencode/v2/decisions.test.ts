/** Version 2's small decisions, each as a table. */
import { describe, expect, test } from "bun:test"
import type { Judgement } from "../../../../src/failover/failover.ts"
import type { Catalog } from "../../../../src/core/catalog.ts"
import type { Failure, FailureKind } from "../../../../src/core/verdict.ts"
import { isContext } from "../../../../src/opencode/v2/context.ts"
import { createEvidenceBox } from "../../../../src/opencode/v2/evidence.ts"
import { failureOfRetry } from "../../../../src/opencode/v2/retry.ts"
import { forcesRetry } from "../../../../src/opencode/v2/forces-retry.ts"
import {
  readReference,
  referenceTo,
  sameReference,
  withKnownVariant,
} from "../../../../src/opencode/v2/model-reference.ts"
import { boundedRetry } from "../../../../src/opencode/v2/perform-move.ts"
import { isProcessAlive } from "../../../../src/opencode/v2/loans.ts"
import { protocolAt } from "../../../../src/opencode/v2/watch-answer.ts"
import { readStanding } from "../../../../src/opencode/v2/session-model.ts"
import { summaryPrompt } from "../../../../src/opencode/v2/summary-prompt.ts"
import { supportedVersions } from "../../../../src/opencode/v2/supported-versions.ts"
import { unreadAgents, unreadAgentsText } from "../../../../src/opencode/v2/unread-agents.ts"

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
    ["silence", "timeout", ["switch"]],
    ["empty", "empty_answer", ["repeat", "switch", "no-model-left"]],
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

test("a retry never waits for hours", () => {
  expect(boundedRetry({ retry: true, delay: 15_000 })).toEqual({ retry: true, delay: 15_000 })
  expect(boundedRetry({ retry: true, delay: 15_001 })).toEqual({ retry: true, delay: 4_000 })
  expect(boundedRetry({ retry: false })).toEqual({ retry: true, delay: 4_000 })
})

describe("what OpenCode says of a failure whose answer was not seen", () => {
  const rows = [
    [{ type: "provider.rate-limit", message: "m" }, { status: 429 }],
    [{ type: "provider.quota", message: "m" }, { status: 402 }],
    [{ type: "provider.internal", message: "m" }, { status: 500 }],
    [{ type: "provider.auth", message: "m" }, { status: 401 }],
    [{ type: "provider.invalid-output", message: "m" }, { status: 502 }],
    [{ type: "provider.transport", message: "m" }, { code: "ECONNRESET" }],
    // The connection broke in the middle of a good answer.
    [{ type: "provider.transport", message: "m", status: 200 }, { code: "ECONNRESET" }],
    [{ type: "provider.unknown", message: "m" }, {}],
    [{ type: "toString", message: "m" }, {}],
    [{ type: "provider.internal", message: "m", status: 529 }, { status: 529 }],
    [{ type: "provider.internal", message: "m", status: 400 }, { status: 400 }],
    [{ type: "provider.internal", message: "m", status: 399 }, { status: 500 }],
  ] as const
  for (const [error, read] of rows)
    test(`${error.type} ${"status" in error ? error.status : ""}`, () => {
      expect(failureOfRetry({ error }, "p")).toEqual({ provider: "p", message: "m", ...read })
    })
})

describe("a model's reference", () => {
  test("to a key, with and without a variant", () => {
    expect(referenceTo("p/m/x", undefined)).toStrictEqual({ id: "m/x", providerID: "p" })
    expect(referenceTo("p/m", "high")).toStrictEqual({ id: "m", providerID: "p", variant: "high" })
  })

  test("goes without a variant that the model does not have", () => {
    const able = { images: true, pdf: true, toolCalls: true, contextTokens: 0, variants: ["low"] }
    const known: Catalog = { known: true, providers: new Set(["p"]), models: new Map([["p/m", able]]) }
    const kept = (variant: string | undefined) => withKnownVariant(referenceTo("p/m", variant), known).variant
    expect([undefined, "low", "default", "max"].map(kept)).toEqual([undefined, "low", "default", undefined])
    expect(withKnownVariant(referenceTo("p/m", "max"), known)).toStrictEqual({ id: "m", providerID: "p" })
  })

  test("as OpenCode or its storage hands it over", () => {
    const read = { id: "m", providerID: "p" }
    expect(readReference({ ...read, more: 1 })).toStrictEqual(read)
    expect(readReference({ ...read, variant: "high" })).toStrictEqual({ ...read, variant: "high" })
    expect(readReference({ ...read, variant: 7 })).toStrictEqual(read)
    for (const value of [
      undefined,
      null,
      "p/m",
      { id: "m" },
      { providerID: "p" },
      { id: 1, providerID: "p" },
    ])
      expect(readReference(value)).toBeUndefined()
  })

  test("is the same with the variant `default` and without one", () => {
    const a = { id: "m", providerID: "p" }
    expect(sameReference(a, { ...a, variant: "default" })).toBe(true)
    expect(sameReference(a, { ...a, variant: "high" })).toBe(false)
    expect(sameReference(a, { ...a, id: "n" })).toBe(false)
    expect(sameReference({ ...a, variant: "high" }, { ...a, variant: "high" })).toBe(true)
  })
})

test("version 1's context is none of ours", () => {
  expect(isContext({ session: { hook: () => undefined } })).toBe(true)
  for (const value of [
    undefined,
    null,
    "x",
    {},
    { session: undefined },
    { session: null },
    { session: {} },
    { session: { hook: 1 } },
  ])
    expect(isContext(value)).toBe(false)
})

test("a conversation as one prompt, with the request for its summary behind it", () => {
  const long = "x".repeat(3_000)
  const messages = [
    { role: "system", content: "rules" },
    { role: "user", content: [{ type: "text", text: "one" }, "two", { type: "file", url: "data:" }] },
    { role: "assistant", content: [{ type: "tool-call", input: { a: 1 } }] },
    { role: "tool", content: [{ type: "tool-result", output: long }] },
    { content: "of nobody" },
    { role: "user", content: [] },
    { role: "user" },
    "nothing",
  ]
  const parts = summaryPrompt(messages).split("\n\n")
  expect(parts.slice(0, 3)).toEqual([
    "[system]\nrules",
    "[user]\none\ntwo",
    '[assistant]\n{"type":"tool-call","input":{"a":1}}',
  ])
  expect(parts[3]).toHaveLength("[tool]\n".length + 2_000)
  expect(parts[4]).toBe("[user]\nof nobody")
  expect(parts[5]).toStartWith("[user]\nSummarize the conversation above")
})

test("evidence is given once, and only of the model that it is about", () => {
  const box = createEvidenceBox()
  const known = { saw: "known-down" } as const
  box.put("s", "a/1", known)
  expect([box.has("s", "a/1"), box.has("s", "b/1"), box.has("t", "a/1")]).toEqual([true, false, false])
  expect(box.take("s", "a/1")).toBe(known)
  expect(box.take("s", "a/1")).toBeUndefined()
  box.put("s", "a/1", known)
  expect(box.take("s", "b/1")).toBeUndefined()
  expect(box.has("s", "a/1")).toBe(false)
  box.put("s", "a/1", known)
  box.clear("s")
  expect(box.has("s", "a/1")).toBe(false)
})

test("the protocol of a request is what its path says", () => {
  expect(protocolAt("https://x.test/v1/chat/completions")).toBeDefined()
  expect(protocolAt("https://x.test/v1/messages")).toBeDefined()
  expect(protocolAt("https://x.test/v1/embeddings")).toBeUndefined()
})

test("this process is alive, the first one as well, and one that never was is not", () => {
  expect([process.pid, 1, 2 ** 30].map(isProcessAlive)).toEqual([true, true, false])
})

test("the supported versions", () => {
  const fits = (version: string): boolean => Bun.semver.satisfies(version, supportedVersions)
  expect(["1.18.33", "2.0.14", "2.0.15", "2.9.0", "3.0.0"].map(fits)).toEqual([
    false,
    false,
    true,
    true,
    false,
  ])
})

describe("where a session stands", () => {
  const own = { id: "1", providerID: "own" }
  const inUse = { id: "1", providerID: "b" }
  const other = { id: "1", providerID: "user" }
  const loans = { of: (id: string) => (id === "lent" ? { own, inUse } : undefined) }
  const standing = (info: object, data: object | undefined = { id: "d", providerID: "p", more: 1 }) =>
    readStanding(
      {
        session: { get: () => Promise.resolve({ id: "s", ...info }) },
        model: { default: () => Promise.resolve({ data }) },
      } as never,
      loans,
      (info as { id?: string }).id ?? "s",
    )

  for (const [what, info, current, owner] of [
    ["on its own model", { model: own }, own, own],
    ["on a model of ours", { id: "lent", model: inUse }, inUse, own],
    ["where the user has put it after us", { id: "lent", model: other }, other, other],
    ["a subagent on its parent's model of ours", { parentID: "lent", model: inUse }, inUse, own],
    ["a subagent on a model of its own", { parentID: "lent", model: other }, other, other],
    ["a subagent of a parent that is well", { parentID: "x", model: inUse }, inUse, inUse],
    ["on the default", {}, { id: "d", providerID: "p" }, { id: "d", providerID: "p" }],
  ] as const)
    test(what, async () => {
      expect((await standing(info)).models).toEqual({ current, own: owner })
    })

  test("nowhere, when OpenCode has no model at all", async () => {
    const { models } = await readStanding(
      {
        session: { get: () => Promise.resolve({ id: "s" }) },
        model: { default: () => Promise.resolve({}) },
      } as never,
      loans,
      "s",
    )
    expect(models).toBeUndefined()
  })
})

describe("agents whose list stands in no file", () => {
  const listed = (id: unknown, body: unknown): unknown => ({ id, request: { body } })
  const list = { fallback_models: ["a/1"] }
  test("are those that OpenCode lists with one", () => {
    const agents = [
      listed("remote", list),
      listed("read", list),
      listed("elsewhere", list),
      listed("plain", {}),
      listed("category", { category: "x" }),
      listed(7, list),
      { id: "bare" },
      undefined,
    ]
    const read = { read: list, elsewhere: { category: "x" } }
    expect(unreadAgents({ data: agents }, read)).toEqual(["remote", "elsewhere"])
    expect(unreadAgents(agents, read)).toEqual(["remote", "elsewhere"])
    expect(unreadAgents([listed("toString", list)], {})).toEqual(["toString"])
    expect(unreadAgents(undefined, read)).toEqual([])
  })

  test("are named", () => {
    expect(unreadAgentsText(["a", "b"])).toStartWith("fallback_models of a, b: ")
  })
})
