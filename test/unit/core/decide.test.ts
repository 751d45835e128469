import { describe, expect, test } from "bun:test"
import { type CircuitKey, type CircuitRecord, heldCircuit } from "../../../src/core/circuit.ts"
import {
  type Decision,
  decideSuccessor,
  decideToStay,
  type DecisionPolicy,
} from "../../../src/core/decide.ts"
import type { SelectInput } from "../../../src/core/select.ts"
import type { FailureKind, Verdict } from "../../../src/core/verdict.ts"
import { catalogWith } from "../catalog-of.ts"

const now = 1_000_000
const policy: DecisionPolicy = {
  maxAttempts: 3,
  patienceMs: 0,
  sameModelRetries: { network: 1, server_error: 2 },
}

const verdict = (kind: FailureKind, retryAt?: number): Verdict => ({
  kind,
  scope: "model",
  rule: "a rule",
  ...(retryAt !== undefined && { retryAt }),
})

type StayInput = Parameters<typeof decideToStay>[0]

function stay(change: Partial<StayInput>): Decision | undefined {
  const given = change.verdict ?? verdict("rate_limit")
  return decideToStay({
    verdict: given,
    isReason: true,
    policy,
    retryKind: given.kind,
    repeats: 0,
    patientTries: 0,
    isDown: false,
    random: 0,
    now,
    ...change,
  })
}

describe("a failure stays with its model", () => {
  const patient = { ...policy, patienceMs: 10_000 }
  const rows: readonly (readonly [string, Partial<StayInput>, Decision | undefined])[] = [
    ["when the user stopped it", { verdict: verdict("aborted") }, { do: "pass", why: "user-aborted" }],
    [
      "when the user stopped it, even as a reason",
      { verdict: verdict("aborted"), isReason: true },
      { do: "pass", why: "user-aborted" },
    ],
    ["when the settings make it no reason", { isReason: false }, { do: "pass", why: "not-a-reason" }],
    [
      "when the provider is back within the user's patience",
      { policy: patient, verdict: verdict("rate_limit", now + 10_000) },
      { do: "pass", why: "patience" },
    ],
    [
      "not when it takes a millisecond longer",
      { policy: patient, verdict: verdict("rate_limit", now + 10_001) },
      undefined,
    ],
    [
      "also the fifth time in a row",
      { policy: patient, verdict: verdict("rate_limit", now), patientTries: 4 },
      { do: "pass", why: "patience" },
    ],
    [
      "not the sixth time, when OpenCode would not ask again",
      { policy: patient, verdict: verdict("rate_limit", now), patientTries: 5 },
      undefined,
    ],
    [
      "not when patience is off and the provider is back at once",
      { verdict: verdict("rate_limit", now) },
      undefined,
    ],
    ["not when nobody knows for how long", { policy: patient }, undefined],
    [
      "for one repeat of a network failure, after a pause",
      { verdict: verdict("network") },
      { do: "repeat", afterMs: 250 },
    ],
    [
      "with a pause that jitter makes longer",
      { verdict: verdict("network"), random: 0.999 },
      { do: "repeat", afterMs: 500 },
    ],
    [
      "not when others have found the model down meanwhile",
      { verdict: verdict("network"), isDown: true },
      undefined,
    ],
    ["not for a second repeat where one is allowed", { verdict: verdict("network"), repeats: 1 }, undefined],
    [
      "for a second repeat where two are allowed",
      { retryKind: "server_error", repeats: 1 },
      { do: "repeat", afterMs: 250 },
    ],
    [
      "not when the request cannot be sent again",
      { verdict: verdict("network"), repeats: undefined },
      undefined,
    ],
    ["not for a kind that is not repeated", {}, undefined],
  ]
  test.each(rows)("%s", (_, change, expected) => {
    expect(stay(change)).toEqual(expected)
  })
})

describe("the successor", () => {
  const models = ["b/1", "c/1"] as const
  const selection = (change: Partial<SelectInput> = {}): SelectInput => ({
    candidates: models.map((model) => ({ model })),
    tried: [],
    circuit: () => undefined,
    catalog: catalogWith("a/own", ...models),
    needs: { images: false, pdf: false, tools: true, contextTokens: 0 },
    forbidden: () => undefined,
    now,
    ...change,
  })
  const away = (until: number): SelectInput["circuit"] => {
    return (key): CircuitRecord | undefined =>
      key === "model:a/own" ? { key, failures: 1, kind: "rate_limit", failedAt: now, until } : undefined
  }
  const successor = (attempts: number, change: Partial<SelectInput> = {}): Decision =>
    decideSuccessor({ policy, selection: selection(change), attempts, mayReturn: ["a/own", ...models] })
  const tried = models.map((model) => ({ model }))
  const bothTried = models.map((model) => ({ model, reason: { why: "tried" as const } }))

  test("is the first candidate that can take the turn", () => {
    expect(successor(0)).toEqual({ do: "switch", to: { model: "b/1" }, skipped: [] })
  })

  test("is still named with the last attempt", () => {
    expect(successor(2).do).toBe("switch")
  })

  test("is not named when the attempts are spent", () => {
    expect(successor(3)).toEqual({ do: "exhausted", why: "attempts-spent", skipped: [], mayRecover: false })
  })

  test("is nobody when all were tried, with the reason for each", () => {
    expect(successor(2, { tried })).toEqual({
      do: "exhausted",
      why: "no-model-left",
      skipped: bothTried,
      mayRecover: true,
    })
  })

  test("is nobody without a chain", () => {
    expect(successor(0, { candidates: [] })).toEqual({
      do: "exhausted",
      why: "no-chain",
      skipped: [],
      mayRecover: true,
    })
  })

  test("is nobody, and the user's own model is named as the first back", () => {
    expect(successor(2, { tried, circuit: away(now + 5_000) })).toEqual({
      do: "exhausted",
      why: "no-model-left",
      skipped: bothTried,
      soonest: { model: "a/own", until: now + 5_000 },
      mayRecover: true,
    })
  })

  test("is nobody, and a model that a person holds is not waited for", () => {
    const held = (key: CircuitKey): CircuitRecord | undefined =>
      key.startsWith("model:") ? heldCircuit(key, 0) : undefined
    expect(successor(2, { tried, circuit: held })).toEqual({
      do: "exhausted",
      why: "no-model-left",
      skipped: bothTried,
      mayRecover: false,
    })
  })

  test("is nobody, and the first back is who may be asked first, with the later time that its provider has named", () => {
    const told = (key: CircuitKey): CircuitRecord | undefined => {
      const record = away(now + 5_000)(key)
      return record && { ...record, toldBackAt: now + 7_200_000 }
    }
    expect(successor(2, { tried, circuit: told })).toMatchObject({
      soonest: { model: "a/own", until: now + 5_000, toldBackAt: now + 7_200_000 },
    })
  })

  test.each<[string, FailureKind, number | undefined, boolean]>([
    ["whose rest is over", "rate_limit", undefined, true],
    ["whose own time has come", "rate_limit", now, true],
    ["whose own time has not come", "rate_limit", now + 1, false],
    ["whose key was refused", "auth", undefined, false],
  ])(
    "is nobody, and the first back is the own model %s: now, before any other",
    (_, kind, retryAt, isBack) => {
      const left = { model: "a/own" as const, kind, ...(retryAt !== undefined && { retryAt }) }
      const circuit = (key: string): CircuitRecord | undefined =>
        key === "model:c/1"
          ? { key, failures: 1, kind: "rate_limit", failedAt: 0, until: now + 600_000 }
          : undefined
      expect(successor(2, { tried: [left, ...tried], circuit })).toMatchObject({
        why: "no-model-left",
        soonest: isBack ? { model: "a/own", until: now } : { model: "c/1", until: now + 600_000 },
      })
    },
  )

  test("is nobody, and whoever failed for a moment may return, candidate or not", () => {
    const walkedAnew = (kind: FailureKind): Partial<SelectInput> => ({
      tried: ["a/own" as const, ...models].map((model) => ({ model, kind: model === "b/1" ? kind : "auth" })),
      candidates: [{ model: "a/own" }],
    })
    expect(successor(1, walkedAnew("network"))).toMatchObject({ why: "no-model-left", mayRecover: true })
    expect(successor(1, walkedAnew("auth"))).toMatchObject({ why: "no-model-left", mayRecover: false })
  })
})
