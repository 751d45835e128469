import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import {
  afterFailure,
  afterRestart,
  afterSuccess,
  type CircuitKey,
  circuitKeys,
  type CircuitRecord,
  circuitState,
  type CircuitState,
  circuitSubject,
  type CooldownPolicy,
  giveBackProbe,
  heldCircuit,
  heldUntil,
  probeLeaseMs,
  takeProbe,
  trippedCircuit,
  keyCircuit,
} from "../../../src/core/circuit.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { type FailureKind, failureKinds, type FailureScope } from "../../../src/core/verdict.ts"
import { circuitWithoutSkew } from "../../../src/store/clock-skew.ts"

const noon = Date.UTC(2026, 0, 1, 12)
const second = 1_000
const key: CircuitKey = "model:anthropic/claude-opus-4-5"
const policy: CooldownPolicy = { baseMs: 60 * second, multiplier: 2, maxMs: 3_600 * second }

function open(change: Partial<CircuitRecord> = {}): CircuitRecord {
  return { key, failures: 1, kind: "rate_limit", failedAt: noon, until: noon + 60 * second, ...change }
}

test("a rejected key and an empty wallet rest for the longest time, and a restart asks anew", () => {
  const failed = { policy: { baseMs: 60_000, multiplier: 2, maxMs: 3_600_000 }, at: 1_000, random: 0 }
  for (const kind of ["auth", "billing"] as const) {
    const record = afterFailure(undefined, { ...failed, key: "provider:a", verdict: { kind } })
    expect(record.until).toBe(3_601_000)
    expect(afterRestart(record, 2_000).until).toBe(2_000)
  }
  const busy = afterFailure(undefined, { ...failed, key: "model:a/1", verdict: { kind: "overloaded" } })
  expect(busy.until).toBe(61_000)
  expect(afterRestart(busy, 2_000)).toBe(busy)
  const held = heldCircuit("model:a/1", 0)
  expect(afterRestart(held, 2_000)).toBe(held)
})

describe("the state of a circuit", () => {
  const until = noon + 60 * second
  const kind = "rate_limit"
  const rows: readonly (readonly [string, CircuitRecord | undefined, number, CircuitState])[] = [
    ["is closed without a record", undefined, noon, { state: "closed" }],
    ["is open at the failure", open(), noon, { state: "open", until, kind, held: false }],
    ["is open 1 ms before its time", open(), until - 1, { state: "open", until, kind, held: false }],
    ["is half-open from its time on", open(), until, { state: "half-open", probing: false, kind, until }],
    [
      "is half-open and taken while a probe runs",
      open({ probeUntil: until + 30 * second }),
      until + 1,
      { state: "half-open", probing: true, kind, until: until + 30 * second },
    ],
    [
      "is free again when the probe's lease is over",
      open({ probeUntil: until + 30 * second }),
      until + 30 * second,
      { state: "half-open", probing: false, kind, until: until + 30 * second },
    ],
    [
      "is open for ever when a person holds it",
      heldCircuit(key, noon),
      noon + 100 * 365 * 86_400 * second,
      { state: "open", until: heldUntil, kind: "unknown", held: true },
    ],
  ]
  test.each(rows)("%s", (_, record, now, state) => {
    expect(circuitState(record, now)).toEqual(state)
  })
})

describe("the cooldown after a failure", () => {
  type Row = {
    readonly name: string
    readonly failedBefore?: CircuitRecord
    readonly retryAt?: number
    readonly random?: number
    readonly failures: number
    readonly cooldownSeconds: number
    /** What people are told instead. */
    readonly toldBackAt?: number
  }
  const over = (failures: number): CircuitRecord =>
    open({ failures, until: noon, failedAt: noon - 60 * second })
  const rows: readonly Row[] = [
    { name: "the first lasts the base", failures: 1, cooldownSeconds: 60 },
    { name: "the second lasts twice as long", failedBefore: over(1), failures: 2, cooldownSeconds: 120 },
    {
      name: "the fifth lasts sixteen times as long",
      failedBefore: over(4),
      failures: 5,
      cooldownSeconds: 960,
    },
    { name: "none lasts longer than the cap", failedBefore: over(6), failures: 7, cooldownSeconds: 3_600 },
    {
      name: "the thousandth is still a number",
      failedBefore: over(2_000),
      failures: 2_001,
      cooldownSeconds: 3_600,
    },
    { name: "jitter adds up to a tenth", random: 0.5, failures: 1, cooldownSeconds: 63 },
    {
      name: "jitter does not lift the cap",
      failedBefore: over(6),
      random: 0.5,
      failures: 7,
      cooldownSeconds: 3_600,
    },
    {
      name: "the server's word outranks it, shorter",
      retryAt: noon + 5 * second,
      failures: 1,
      cooldownSeconds: 5,
    },
    {
      name: "the server's word outranks it, longer, without jitter",
      retryAt: noon + 900 * second,
      random: 0.9,
      failures: 1,
      cooldownSeconds: 900,
    },
    {
      name: "the server's word is capped, and kept for people",
      retryAt: noon + 86_400 * second,
      failures: 1,
      cooldownSeconds: 3_600,
      toldBackAt: noon + 86_400 * second,
    },
    {
      name: "a server's word for ever is capped",
      retryAt: Infinity,
      failures: 1,
      cooldownSeconds: 3_600,
      toldBackAt: heldUntil,
    },
    {
      name: "a failure while open keeps the later word of two",
      failedBefore: open({ failures: 1, until: noon + 1, toldBackAt: noon + 7_200 * second }),
      retryAt: noon + 4_000 * second,
      failures: 1,
      cooldownSeconds: 3_600,
      toldBackAt: noon + 7_200 * second,
    },
    {
      name: "a word that is over by then is forgotten",
      failedBefore: open({ failures: 1, until: noon + 1, toldBackAt: noon + 60 * second }),
      failures: 1,
      cooldownSeconds: 60,
    },
    {
      name: "a failure after the rest knows nothing of the word before it",
      failedBefore: open({ failures: 1, until: noon, toldBackAt: noon + 7_200 * second }),
      failures: 2,
      cooldownSeconds: 120,
    },
    {
      name: "a time in the past lasts a second, so that nothing flaps",
      retryAt: noon - 1,
      failures: 1,
      cooldownSeconds: 1,
    },
    {
      name: "a failure while open does not count as a further one",
      failedBefore: open({ failures: 3, until: noon + 1 }),
      failures: 3,
      cooldownSeconds: 240,
    },
    {
      name: "a failure while open never shortens the cooldown",
      failedBefore: open({ failures: 1, until: noon + 1_800 * second }),
      retryAt: noon + 5 * second,
      failures: 1,
      cooldownSeconds: 1_800,
    },
    {
      name: "quiet for exactly the longest cooldown still counts on",
      failedBefore: open({ failures: 4, until: noon - 3_600 * second }),
      failures: 5,
      cooldownSeconds: 960,
    },
    {
      name: "quiet for longer starts anew",
      failedBefore: open({ failures: 4, until: noon - 3_600 * second - 1 }),
      failures: 1,
      cooldownSeconds: 60,
    },
    {
      name: "a failed probe counts as a further failure",
      failedBefore: open({ failures: 2, until: noon - 1, probeUntil: noon + 29 * second }),
      failures: 3,
      cooldownSeconds: 240,
    },
  ]
  test.each(rows.map((row) => [row.name, row] as const))("%s", (_, row) => {
    const verdict = {
      kind: "overloaded",
      ...(row.retryAt === undefined ? {} : { retryAt: row.retryAt }),
    } as const
    const after = afterFailure(row.failedBefore, { key, verdict, policy, at: noon, random: row.random ?? 0 })
    expect(after).toEqual({
      key,
      failures: row.failures,
      kind: "overloaded",
      failedAt: noon,
      until: noon + row.cooldownSeconds * second,
      ...(row.toldBackAt !== undefined && { toldBackAt: row.toldBackAt }),
    })
  })

  test("a circuit that a person holds stays as it is", () => {
    const held = heldCircuit(key, noon)
    const failed = { key, verdict: { kind: "auth" }, policy, at: noon + 1, random: 0 } as const
    expect(afterFailure(held, failed)).toBe(held)
  })
})

describe("the probe", () => {
  const over = open({ until: noon })
  test("is for one caller only, and for its lease only", () => {
    const taken = takeProbe(over, noon)
    expect(taken).toEqual({ ...over, probeUntil: noon + probeLeaseMs })
    if (!taken) throw new Error("the probe was free")
    expect(takeProbe(taken, noon)).toBeUndefined()
    expect(takeProbe(taken, noon + probeLeaseMs - 1)).toBeUndefined()
    expect(takeProbe(taken, noon + probeLeaseMs)?.probeUntil).toBe(noon + 2 * probeLeaseMs)
  })
  test("is refused while the circuit is open or held", () => {
    expect(takeProbe(over, noon - 1)).toBeUndefined()
    expect(takeProbe(heldCircuit(key, noon), noon)).toBeUndefined()
  })
})

describe("success", () => {
  test("closes a circuit", () => {
    expect(afterSuccess(undefined, noon)).toBeUndefined()
    expect(afterSuccess(open(), Infinity)).toBeUndefined()
  })
  test("does not open a circuit's hold", () => {
    const held = heldCircuit(key, noon)
    expect(afterSuccess(held, Infinity)).toBe(held)
  })
})

describe("which circuit a failure trips", () => {
  const rows: readonly (readonly [ModelKey, FailureKind, FailureScope, CircuitKey])[] = [
    ["anthropic/opus", "auth", "provider", "provider:anthropic"],
    ["anthropic/opus", "billing", "provider", "provider:anthropic"],
    ["openrouter/meta/llama-3:free", "auth", "provider", "provider:openrouter"],
    ["openrouter/meta/llama-3:free", "rate_limit", "model", "model:openrouter/meta/llama-3:free"],
    ["anthropic/opus", "auth", "model", "model:anthropic/opus"],
    ["anthropic/opus", "billing", "none", "model:anthropic/opus"],
    ...failureKinds
      .filter((kind) => kind !== "auth" && kind !== "billing")
      .map((kind) => ["anthropic/opus", kind, "provider", "model:anthropic/opus"] as const),
  ]
  test.each(rows)("%s, %s, scope %s: %s", (model, kind, scope, tripped) => {
    expect(trippedCircuit(model, { kind, scope })).toBe(tripped)
  })
})

describe("for every history of failures", () => {
  const policies = fc.record({
    baseMs: fc.integer({ min: 0, max: 10 * 60 * second }),
    multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
    maxMs: fc.integer({ min: 0, max: 86_400 * second }),
  })
  const events = fc.array(
    fc.record({
      afterMs: fc.integer({ min: 0, max: 7_200 * second }),
      retryAfterMs: fc.option(fc.integer({ min: -second, max: 10 * 86_400 * second }), { nil: undefined }),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    }),
    { minLength: 1, maxLength: 40 },
  )

  test("the times are whole, in order, bounded, and a cooldown is never shortened", () => {
    fc.assert(
      fc.property(policies, events, (cooldown, history) => {
        let now = noon
        let before: CircuitRecord | undefined
        for (const { afterMs, retryAfterMs, random } of history) {
          now += afterMs
          const verdict = {
            kind: "rate_limit",
            ...(retryAfterMs === undefined ? {} : { retryAt: now + retryAfterMs }),
          } as const
          const after = afterFailure(before, { key, verdict, policy: cooldown, at: now, random })
          expect(Number.isInteger(after.until)).toBe(true)
          expect(after.failedAt).toBe(now)
          expect(after.until).toBeGreaterThanOrEqual(now)
          expect(after.until).toBeLessThanOrEqual(now + cooldown.maxMs)
          expect(after.failures).toBeGreaterThanOrEqual(1)
          expect(after.failures).toBeLessThanOrEqual((before?.failures ?? 0) + 1)
          if (before && now < before.until) expect(after.until).toBeGreaterThanOrEqual(before.until)
          expect(circuitState(after, after.until).state).toBe("half-open")
          before = after
        }
      }),
    )
  })

  test("at any time at most one of two callers gets the probe", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 * second }),
        fc.integer({ min: 0, max: 10 * second }),
        (wait, gap) => {
          const record = open({ until: noon })
          const first = takeProbe(record, noon + wait)
          const secondTake = takeProbe(first ?? record, noon + wait + gap)
          expect([first, secondTake].filter((taken) => taken !== undefined).length).toBe(1)
        },
      ),
    )
  })
})

describe("a probe that ended without a verdict", () => {
  const probed = open({ until: noon, probeUntil: noon + probeLeaseMs })

  test("leaves the circuit as if it had not been taken", () => {
    const back = giveBackProbe(probed, noon + probeLeaseMs)
    expect(back).toEqual(open({ until: noon }))
    expect(takeProbe(back, noon + 1)?.probeUntil).toBe(noon + 1 + probeLeaseMs)
  })

  test.each([
    ["another's, taken since", probed, noon + probeLeaseMs - 1],
    ["of a circuit that failed since", open(), noon + probeLeaseMs],
  ])("changes nothing about %s", (_title, record, until) => {
    expect(giveBackProbe(record, until)).toBe(record)
  })
})

describe("what a clock can believe", () => {
  const day = 86_400 * second
  const clock = { firstSeenAt: noon, now: noon, longestCooldownMs: policy.maxMs }
  const held = heldCircuit(key, noon + day)
  const rows: readonly (readonly [string, CircuitRecord, typeof clock, CircuitRecord])[] = [
    ["a rest within the bounds", open(), clock, open()],
    [
      "a rest longer than the longest ends with the longest",
      open({ until: noon + day }),
      clock,
      open({ until: noon + policy.maxMs }),
    ],
    [
      "a failure a day ahead was now, and rests as long as it was to rest",
      open({ failedAt: noon + day, until: noon + day + 60 * second }),
      clock,
      open({ failedAt: noon, until: noon + 60 * second }),
    ],
    [
      "counted from when it was met, not from each reading",
      open({ failedAt: noon + day, until: noon + day + 60 * second }),
      { ...clock, now: noon + 50 * second },
      open({ failedAt: noon, until: noon + 60 * second }),
    ],
    [
      "a time before the failure is over",
      open({ failedAt: noon + day, until: noon }),
      clock,
      open({ until: noon }),
    ],
    ["a probe within its lease", open({ probeUntil: noon + 9 }), clock, open({ probeUntil: noon + 9 })],
    ["a probe that would last longer is none", open({ probeUntil: noon + day }), clock, open()],
    [
      "what the provider has said of its return goes with a rest that is not believed",
      open({ failedAt: noon + day, until: noon + day + 60 * second, toldBackAt: noon + 2 * day }),
      clock,
      open({ failedAt: noon, until: noon + 60 * second }),
    ],
    [
      "and stays with one that is",
      open({ toldBackAt: noon + day, probeUntil: noon + day }),
      clock,
      open({ toldBackAt: noon + day }),
    ],
    ["what a person holds stays held", held, clock, held],
  ]
  test.each(rows)("%s", (_title, record, reader, believed) => {
    expect(circuitWithoutSkew(record, reader)).toEqual(believed)
  })

  test("the same object where nothing is wrong: it costs no write", () => {
    const record = open()
    expect(circuitWithoutSkew(record, clock)).toBe(record)
  })
})

describe("keys", () => {
  test("lead back to whose circuit it is", () => {
    const model: ModelKey = "openrouter/meta/llama-3:free"
    const [provider, own] = circuitKeys(model)
    expect(circuitSubject(provider)).toEqual({ providerID: "openrouter" })
    expect(circuitSubject(own)).toEqual({ model })
  })

  test.each(["", "model:", "model:x", "model:/x", "model:x/", "provider:", "elephant", "a/b"])(
    "%j is none",
    (text) => {
      expect(circuitSubject(text)).toBeUndefined()
    },
  )
})

test("a key's circuit and the way back", () => {
  expect(circuitSubject(keyCircuit("a/b", "0af"))).toEqual({ providerID: "a/b", fingerprint: "0af" })
  for (const text of ["key:a", "key:#0af", "key:a#", "key:"]) expect(circuitSubject(text)).toBeUndefined()
})
