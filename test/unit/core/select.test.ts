import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { type CircuitKey, type CircuitRecord, heldCircuit } from "../../../src/core/circuit.ts"
import { soonestBack } from "../../../src/core/decide.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { needsBeside, select, type SelectInput } from "../../../src/core/select.ts"
import type { SkipReason } from "../../../src/core/skip-reason.ts"
import { catalogOf } from "../catalog-of.ts"

const now = 1_000_000

const open = (key: CircuitKey, until = now + 45_000): CircuitRecord => ({
  key,
  failures: 1,
  kind: "rate_limit",
  failedAt: now,
  until,
})

const circuits =
  (...records: readonly CircuitRecord[]): SelectInput["circuit"] =>
  (key) =>
    records.find((record) => record.key === key)

function input(change: Partial<SelectInput>): SelectInput {
  return {
    candidates: [{ model: "b/1" }, { model: "c/1" }],
    tried: [],
    circuit: () => undefined,
    catalog: catalogOf({ "b/1": { contextTokens: 100_000 }, "b/2": {}, "c/1": {} }),
    needs: { images: false, pdf: false, tools: true, contextTokens: 0 },
    forbidden: () => undefined,
    now,
    ...change,
  }
}

const needs = input({}).needs

test("what the own model cannot read either is not missed in another", () => {
  const wanted = { ...needs, images: true, pdf: true }
  const catalog = catalogOf({ "b/1": { images: false }, "b/2": { pdf: false } })
  const left = ([...catalog.models.keys(), "c/1"] as const).map((own) => needsBeside(catalog, own, wanted))
  expect(left).toEqual([{ ...wanted, images: false }, { ...wanted, pdf: false }, wanted])
  expect(needsBeside({ known: false }, "b/1", wanted)).toEqual(wanted)
})

describe("a candidate is passed over when it", () => {
  const until = now + 45_000
  const kind = "rate_limit"
  const probing = { ...open("model:b/1", now - 1), probeUntil: until }
  const rows: readonly (readonly [string, Partial<SelectInput>, SkipReason])[] = [
    ["was tried", { tried: [{ model: "b/1", kind: "auth" }] }, { why: "tried", kind: "auth" }],
    ["was tried for a reason that is not known", { tried: [{ model: "B/1" }] }, { why: "tried" }],
    [
      "is forbidden",
      { forbidden: (model) => (model === "b/1" ? "ignore_models" : undefined) },
      { why: "not-allowed", rule: "ignore_models" },
    ],
    ["cools down", { circuit: circuits(open("model:b/1")) }, { why: "cooling-down", until, kind }],
    [
      "cools down, and its provider has named a later time",
      { circuit: circuits({ ...open("model:b/1"), toldBackAt: until + 1 }) },
      { why: "cooling-down", until, toldBackAt: until + 1, kind },
    ],
    ["is held by hand", { circuit: circuits(heldCircuit("model:b/1", now)) }, { why: "held" }],
    ["is being probed", { circuit: circuits(probing) }, { why: "being-probed", until }],
    [
      "has a tripped provider",
      { circuit: circuits(open("provider:b")) },
      { why: "provider-tripped", provider: "b", until, kind },
    ],
    [
      "has a held provider",
      { circuit: circuits(heldCircuit("provider:b", now)) },
      { why: "provider-held", provider: "b" },
    ],
    [
      "has a provider that is being probed",
      { circuit: circuits({ ...probing, key: "provider:b" }) },
      { why: "being-probed", until },
    ],
    ["is not connected", { catalog: catalogOf({ "c/1": {} }) }, { why: "not-connected", provider: "b" }],
    ["is unknown", { catalog: catalogOf({ "b/2": {}, "c/1": {} }) }, { why: "unknown-model" }],
    [
      "cannot read an image",
      { needs: { ...needs, images: true }, catalog: catalogOf({ "b/1": { images: false }, "c/1": {} }) },
      { why: "no-images" },
    ],
    [
      "cannot read a PDF",
      { needs: { ...needs, pdf: true }, catalog: catalogOf({ "b/1": { pdf: false }, "c/1": {} }) },
      { why: "no-pdf" },
    ],
    [
      "cannot call tools",
      { catalog: catalogOf({ "b/1": { toolCalls: false }, "c/1": {} }) },
      { why: "no-tools" },
    ],
    [
      "has too small a window",
      {
        needs: { ...needs, contextTokens: 50_001 },
        catalog: catalogOf({ "b/1": { contextTokens: 50_000 }, "c/1": {} }),
      },
      { why: "window-too-small", contextTokens: 50_000, neededTokens: 50_001 },
    ],
  ]
  test.each(rows)("%s", (_, change, reason) => {
    expect(select(input(change))).toEqual({ pick: { model: "c/1" }, skipped: [{ model: "b/1", reason }] })
  })

  test("would make OpenCode compact the session, unless nobody better is left", () => {
    const full = { ...needs, contextTokens: 50_000 }
    const pick = (needed: typeof needs, c: object) =>
      select(input({ needs: needed, catalog: catalogOf({ "b/1": { compactsAt: 50_000 }, "c/1": c }) })).pick
        ?.model
    expect(pick({ ...needs, contextTokens: 49_999 }, {})).toBe("b/1")
    expect(pick(full, {})).toBe("c/1")
    expect(pick(full, { toolCalls: false })).toBe("b/1")
    expect(pick(full, { compactsAt: 0 })).toBe("b/1")
  })

  test("would make OpenCode compact without end, also where nobody else is left", () => {
    const able = { compactsAt: 0, compactsWithoutEnd: true } as const
    const alone = { candidates: [{ model: "b/1" }], catalog: catalogOf({ "b/1": able }) } as const
    const skipped = [{ model: "b/1" as const, reason: { why: "compacts-without-end" as const } }]
    expect(select(input(alone))).toEqual({ skipped })
    expect(select(input({ ...alone, circuit: circuits({ ...probing }) })).pick).toBeUndefined()
  })

  test("is being probed, unless nobody better is left: it may be well, and the turn would end otherwise", () => {
    const cooling = open("model:c/1")
    expect(select(input({ circuit: circuits(probing, cooling) }))).toEqual({
      pick: { model: "b/1" },
      skipped: [{ model: "c/1", reason: { why: "cooling-down", until, kind } }],
    })
    const tried = [{ model: "b/1" }] as const
    expect(select(input({ circuit: circuits(probing, cooling), tried })).pick).toBeUndefined()
  })

  test("belongs to a catalog that OpenCode cannot tell: not knowing is no licence to send", () => {
    const { pick, skipped } = select(input({ catalog: { known: false } }))
    expect(pick).toBeUndefined()
    expect(skipped.map(({ reason }) => reason.why)).toEqual(["catalog-unknown", "catalog-unknown"])
  })
})

test("a provider/* that was not found has a reason of its own, whatever the rules say of names", () => {
  const candidates: SelectInput["candidates"] = [{ model: "b/*" }, { model: "x/*" }, { model: "c/1" }]
  const forbidden = (model: ModelKey) => (model === "c/1" ? undefined : "allow_models does not name it")
  expect(select(input({ candidates, forbidden }))).toEqual({
    pick: { model: "c/1" },
    skipped: [
      { model: "b/*", reason: { why: "not-offered", provider: "b" } },
      { model: "x/*", reason: { why: "not-connected", provider: "x" } },
    ],
  })
})

describe("a candidate is taken when", () => {
  const rows: readonly (readonly [string, Partial<SelectInput>])[] = [
    ["nothing speaks against it", {}],
    ["its cooldown is over by a millisecond", { circuit: circuits(open("model:b/1", now)) }],
    ["only another model of its provider cools down", { circuit: circuits(open("model:b/2")) }],
    ["its window is just large enough", { needs: { ...needs, contextTokens: 100_000 } }],
    [
      "the size of its window is not known",
      {
        needs: { ...needs, contextTokens: 900_000 },
        catalog: catalogOf({ "b/1": { contextTokens: 0 }, "c/1": {} }),
      },
    ],
    [
      "it cannot read images, and the turn holds none",
      { catalog: catalogOf({ "b/1": { images: false }, "c/1": {} }) },
    ],
    [
      "it cannot call tools, and the turn has none",
      { needs: { ...needs, tools: false }, catalog: catalogOf({ "b/1": { toolCalls: false }, "c/1": {} }) },
    ],
  ]
  test.each(rows)("%s", (_, change) => {
    expect(select(input(change))).toEqual({ pick: { model: "b/1" }, skipped: [] })
  })
})

describe("a chain is walked forward only", () => {
  const candidates = [{ model: "b/1" }, { model: "b/2" }, { model: "c/1" }] as const

  test("what stands in front of a tried model is not asked, also when it has recovered", () => {
    expect(select(input({ candidates, tried: [{ model: "b/2" }] }))).toEqual({
      pick: { model: "c/1" },
      skipped: [
        { model: "b/1", reason: { why: "earlier-in-chain" } },
        { model: "b/2", reason: { why: "tried" } },
      ],
    })
  })

  test("a refusal on an earlier walk counts for that model alone", () => {
    const refused = { model: "b/2", kind: "bad_request", isEarlier: true } as const
    const { pick } = select(input({ candidates, tried: [refused] }))
    expect(pick).toEqual({ model: "b/1" })
    const next = select(input({ candidates, tried: [refused, { model: "b/1" }] }))
    expect(next.pick).toEqual({ model: "c/1" })
  })

  test("nobody is left when the last one was tried, and every candidate has its reason", () => {
    const { pick, skipped } = select(input({ candidates, tried: [{ model: "c/1" }] }))
    expect(pick).toBeUndefined()
    expect(skipped.map(({ model, reason }) => `${model} ${reason.why}`)).toEqual([
      "b/1 earlier-in-chain",
      "b/2 earlier-in-chain",
      "c/1 tried",
    ])
  })
})

describe("whatever the state,", () => {
  const model = fc.integer({ min: 0, max: 5 }).map((number): ModelKey => `p${number % 2}/m${number}`)
  const state = fc.record({
    candidates: fc.uniqueArray(model),
    tried: fc.array(model),
    openCircuits: fc.array(model),
    tripped: fc.option(fc.constantFrom("p0", "p1"), { nil: undefined }),
    forbidden: fc.array(model),
    connected: fc.array(model),
  })

  test("the pick was neither tried, forbidden, cooling down nor unknown, and every model before it was passed", () => {
    fc.assert(
      fc.property(state, (given) => {
        const records = [
          ...given.openCircuits.map((key) => open(`model:${key}`)),
          ...(given.tripped === undefined ? [] : [open(`provider:${given.tripped}`)]),
        ]
        const { pick, skipped } = select(
          input({
            candidates: given.candidates.map((key) => ({ model: key })),
            tried: given.tried.map((key) => ({ model: key })),
            circuit: circuits(...records),
            forbidden: (key) => (given.forbidden.includes(key) ? "a rule" : undefined),
            catalog: catalogOf(Object.fromEntries(given.connected.map((key) => [key, {}]))),
          }),
        )
        const passed = skipped.map((entry) => entry.model)
        expect(given.candidates.slice(0, passed.length)).toEqual(passed)
        if (!pick) return expect(passed).toHaveLength(given.candidates.length)
        expect(given.candidates[passed.length]).toBe(pick.model)
        for (const bad of [given.tried, given.openCircuits, given.forbidden])
          expect(bad).not.toContain(pick.model)
        expect(given.connected).toContain(pick.model)
        expect(pick.model.startsWith(`${given.tripped}/`)).toBe(false)
        const lastTried = given.candidates.findLastIndex((key) => given.tried.includes(key))
        expect(passed.length).toBeGreaterThan(lastTried)
      }),
      { numRuns: 500 },
    )
  })
})

describe("the model that is back first", () => {
  const models: readonly ModelKey[] = ["b/1", "b/2", "c/1"]
  const b1 = open("model:b/1", now + 9_000)
  const c1 = open("model:c/1", now + 4_000)
  const rows: readonly (readonly [
    string,
    Partial<SelectInput>,
    { model: ModelKey; until: number } | undefined,
  ])[] = [
    [
      "is the one with the shortest cooldown",
      { circuit: circuits(b1, c1) },
      { model: "c/1", until: now + 4_000 },
    ],
    [
      "may be one that was tried",
      { circuit: circuits(c1), tried: [{ model: "c/1" }] },
      { model: "c/1", until: now + 4_000 },
    ],
    ["is none when nothing cools down", {}, undefined],
    [
      "is never one that is held",
      { circuit: circuits(heldCircuit("model:c/1", now), b1) },
      { model: "b/1", until: now + 9_000 },
    ],
    [
      "is never one whose key was rejected, nor one of a provider without credit: they need somebody",
      {
        circuit: circuits({ ...c1, kind: "auth" }, { ...open("provider:b"), kind: "billing" }),
        catalog: catalogOf({ "b/1": {}, "b/2": {}, "c/1": {} }),
      },
      undefined,
    ],
    [
      "is never a forbidden one",
      { circuit: circuits(b1, c1), forbidden: (key) => (key === "c/1" ? "rule" : undefined) },
      { model: "b/1", until: now + 9_000 },
    ],
    [
      "is never one that is not connected",
      { circuit: circuits(b1, c1), catalog: catalogOf({ "b/1": {} }) },
      { model: "b/1", until: now + 9_000 },
    ],
  ]
  test.each(rows)("%s", (_, change, expected) => {
    expect(soonestBack(models, input(change))).toEqual(expected)
  })
})
