import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { agentKey, type ChainSources, resolveChain } from "../../../src/core/chain.ts"
import type { FallbackEntry, ModelKey } from "../../../src/core/model-ref.ts"
import { catalogWith } from "../catalog-of.ts"

const own: ModelKey = "a/own"

const list = (...models: readonly ModelKey[]): readonly FallbackEntry[] => models.map((model) => ({ model }))
const named = (name: string, ...models: readonly ModelKey[]) => ({
  [name]: { fallback_models: list(...models) },
})

function sources(change: Partial<ChainSources>): ChainSources {
  return { agents: {}, categories: {}, models: {}, global: [], ...change }
}

describe("which list a turn follows", () => {
  const all = sources({
    session: list("s/1"),
    agents: named("build", "ag/1"),
    categories: named("deep", "ca/1"),
    models: named(own, "mo/1"),
    global: list("gl/1"),
  })
  const turn = { model: own, agent: "build", category: "deep" }
  const rows: readonly (readonly [
    string,
    ChainSources,
    typeof turn | { model: ModelKey },
    string,
    readonly string[],
  ])[] = [
    ["the session's comes first", all, turn, "session", ["s/1"]],
    ["then the agent's", { ...all, session: undefined }, turn, "agent", ["ag/1"]],
    ["then the category's", { ...all, session: undefined, agents: {} }, turn, "category", ["ca/1"]],
    ["then the model's", { ...all, session: undefined, agents: {}, categories: {} }, turn, "model", ["mo/1"]],
    ["then the global one", sources({ global: list("gl/1") }), turn, "global", ["gl/1"]],
    ["then none", sources({}), turn, "none", []],
    [
      "a turn without agent and category passes theirs over",
      { ...all, session: undefined },
      { model: own },
      "model",
      ["mo/1"],
    ],
    [
      "an agent without a list lets the next one count",
      { ...all, session: undefined, agents: { build: {} } },
      turn,
      "category",
      ["ca/1"],
    ],
    [
      "an empty list of the agent switches the chain off",
      { ...all, session: undefined, agents: named("build") },
      turn,
      "agent",
      [],
    ],
    ["an empty list of the session switches the chain off", { ...all, session: [] }, turn, "session", []],
    [
      "an empty list of the model switches the chain off",
      sources({ models: named(own), global: list("gl/1") }),
      turn,
      "model",
      [],
    ],
    [
      "a model's list is the one under its very name",
      sources({ models: { ...named("A/Own", "other/1"), ...named(own, "mo/1") } }),
      turn,
      "model",
      ["mo/1"],
    ],
    [
      "a model's list is found however its name is spelled",
      sources({ models: named("A/Own", "mo/1") }),
      turn,
      "model",
      ["mo/1"],
    ],
    [
      "what every object inherits is no agent",
      sources({ global: list("gl/1") }),
      { model: own, agent: "constructor" },
      "global",
      ["gl/1"],
    ],
  ]
  test.each(rows)("%s", (_, from, asked, origin, models) => {
    const chain = resolveChain(from, asked)
    expect(chain.origin.from as string).toBe(origin)
    expect(chain.entries.map((entry) => entry.model as string)).toEqual([...models])
  })

  test.each([
    ["its own name", ["build", "Build"], "build", "build"],
    ["the same in other letters", ["Build", "plan"], "build", "Build"],
    [
      "what stands before a dash: oh-my-opencode's",
      ["sisyphus", "Atlas"],
      "Sisyphus - ultraworker",
      "sisyphus",
    ],
    [
      "whole before in part",
      ["atlas", "ATLAS - plan executor"],
      "Atlas - Plan Executor",
      "ATLAS - plan executor",
    ],
    ["no beginning of a word", ["sisyphus"], "Sisyphus-Junior", "Sisyphus-Junior"],
    ["nothing that every object inherits", ["plan"], "constructor", "constructor"],
  ])("the key of an agent's settings is %s", (_title, keys, agent, expected) => {
    expect(agentKey(Object.fromEntries(keys.map((key) => [key, true])), agent)).toBe(expected)
  })

  test("the origin is the key under which the agent's list is written", () => {
    const { origin, entries } = resolveChain(sources({ agents: named("sisyphus", "b/1") }), {
      model: own,
      agent: "Sisyphus - ultraworker",
    })
    expect(origin).toEqual({ from: "agent", name: "sisyphus" })
    expect(entries).toEqual(list("b/1"))
  })

  test("the origin names the agent, the category or the model", () => {
    expect(resolveChain({ ...all, session: undefined }, turn).origin).toEqual({
      from: "agent",
      name: "build",
    })
  })
})

describe("links from model to model", () => {
  const rows: readonly (readonly [string, ChainSources, readonly string[]])[] = [
    [
      "stand behind the whole list, breadth first",
      sources({
        agents: named("build", "b/1", "c/1"),
        models: { ...named("b/1", "b/2"), ...named("c/1", "c/2"), ...named("b/2", "b/3") },
      }),
      ["b/1", "c/1", "b/2", "c/2", "b/3"],
    ],
    [
      "do not bring a model in twice",
      sources({ agents: named("build", "b/1", "c/1"), models: named("b/1", "c/1", "d/1") }),
      ["b/1", "c/1", "d/1"],
    ],
    [
      "that lead back to the start end there",
      sources({ models: { ...named(own, "b/1"), ...named("b/1", "c/1"), ...named("c/1", own) } }),
      ["b/1", "c/1"],
    ],
    [
      "of a model to itself are refused",
      sources({ models: { ...named(own, "b/1"), ...named("b/1", "b/1", "c/1") } }),
      ["b/1", "c/1"],
    ],
    ["of the turn's model to itself are refused", sources({ models: named(own, own, "b/1") }), ["b/1"]],
    [
      "are followed whatever the case of a name",
      sources({ agents: named("build", "B/One"), models: named("b/one", "c/1") }),
      ["B/One", "c/1"],
    ],
    [
      "do not bring the turn's own model in by another spelling",
      sources({ agents: named("build", "A/OWN", "b/1") }),
      ["b/1"],
    ],
  ]
  test.each(rows)("%s", (_, from, models) => {
    const chain = resolveChain(from, { model: own, agent: "build" })
    expect(chain.entries.map((entry) => entry.model as string)).toEqual([...models])
  })

  test("the first of two entries of one model stays, with its parameters", () => {
    const global: readonly FallbackEntry[] = [
      { model: "b/1", variant: "high" },
      { model: "B/1", variant: "low" },
    ]
    expect(resolveChain(sources({ global }), { model: own }).entries).toEqual([
      { model: "b/1", variant: "high" },
    ])
  })

  test("any graph comes to an end, without duplicates and without the turn's model", () => {
    const model = fc.integer({ min: 0, max: 7 }).map((number): ModelKey => `p/m${number}`)
    const graph = fc.dictionary(
      model,
      fc.record({ fallback_models: fc.array(fc.record({ model }), { maxLength: 8 }) }),
    )
    fc.assert(
      fc.property(graph, model, fc.array(fc.record({ model })), (models, start, global) => {
        const { entries } = resolveChain(sources({ models, global }), { model: start })
        const names = entries.map((entry) => entry.model)
        expect(new Set(names).size).toBe(names.length)
        expect(names).not.toContain(start)
      }),
    )
  })
})

describe("provider/* is the model in use, at that provider", () => {
  const models: readonly ModelKey[] = ["b/m/own-1.5", "c/own-1-5-20260101", "c/two-3", "d/other-1"]
  const catalog = catalogWith(...models)
  const entriesOf = (from: ChainSources, model: ModelKey = "a/own-1-5") =>
    resolveChain(from, { model, catalog }).entries

  test("each provider's own spelling, what stands beside it on the entry included", () => {
    const global: readonly FallbackEntry[] = [{ model: "b/*", variant: "high" }, { model: "c/*" }]
    expect(entriesOf(sources({ global }))).toEqual([
      { model: "b/m/own-1.5", asWritten: "b/*", variant: "high" },
      { model: "c/own-1-5-20260101", asWritten: "c/*" },
    ])
  })

  test("a provider without the model keeps its place as it is written; the model's own provider has none", () => {
    expect(entriesOf(sources({ global: list("a/*", "d/*", "c/two-3") }))).toEqual(list("d/*", "c/two-3"))
  })

  test("in a link it is the model that the link belongs to", () => {
    const from = sources({ global: list("x/two-3"), models: named("x/two-3", "c/*") })
    expect(entriesOf(from)).toEqual([{ model: "x/two-3" }, { model: "c/two-3", asWritten: "c/*" }])
  })

  test("a link that leads back to the turn's own model ends there", () => {
    const from = sources({ global: list("b/*"), models: named("b/m/own-1.5", "c/*") })
    expect(entriesOf(from, "c/own-1-5-20260101")).toEqual([{ model: "b/m/own-1.5", asWritten: "b/*" }])
  })

  test("without a catalog nothing is found", () => {
    expect(resolveChain(sources({ global: list("b/*") }), { model: own }).entries).toEqual(list("b/*"))
  })
})
