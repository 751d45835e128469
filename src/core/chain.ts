import { type Catalog, spelledAs } from "./catalog.ts"
import { ownValue } from "./json-object.ts"
import { caseless, type FallbackEntry, type ModelKey, providerOf, sameModel } from "./model-ref.ts"
import { isAnyModelOf, sameModelElsewhere } from "./same-model-elsewhere.ts"

type Lists = Readonly<Record<string, { readonly fallback_models?: readonly FallbackEntry[] | undefined }>>

/** The lists of fallback models that the user wrote down, already normalised; under the settings' own keys. */
export type ChainSources = {
  /** A list given for this session by hand (`/understudy chain`). */
  readonly session?: readonly FallbackEntry[] | undefined
  readonly agents: Lists
  readonly categories: Lists
  readonly models: Lists
  readonly global: readonly FallbackEntry[]
}

export type ChainOrigin =
  | { readonly from: "session" | "global" | "none" }
  | { readonly from: "agent" | "category" | "model"; readonly name: string }

export type Chain = {
  /** Where the list was found; links from model to model may have made it longer. */
  readonly origin: ChainOrigin
  /** In order, without duplicates and without the model itself. */
  readonly entries: readonly FallbackEntry[]
}

type ChainTurn = {
  readonly model: ModelKey
  readonly agent?: string | undefined
  readonly category?: string | undefined
  /** Where the model of a `provider/*` is looked up; without it such an entry stays as it is written. */
  readonly catalog?: Catalog
}

/** Entries of one chain, links included. A turn switches at most 20 times; what is beyond is never reached. */
const longestChain = 100

/**
 * The chain for a turn: session, agent, category, model link, global; the first list that is set wins, and an
 * empty list counts as set (it switches the chain off). Behind the list come the links of its models
 * (`models.X.fallback_models`), breadth first, so that what the user wrote for this agent is always tried
 * before what follows from a link. Each model stands once.
 *
 * `provider/*` is the turn's model at that provider (in a link: the model that the link belongs to). Where it is
 * not to be had the entry stays as it is written, and `select` says why it is passed over.
 */
export function resolveChain(sources: ChainSources, turn: ChainTurn): Chain {
  const { origin, list } = firstList(sources, turn)
  const entries: FallbackEntry[] = []
  const entriesBehind = (model: ModelKey, written: readonly FallbackEntry[]): readonly FallbackEntry[] =>
    written.flatMap((entry) => entryFor(entry, model, turn.catalog) ?? [])
  const queue = [...entriesBehind(turn.model, list)]
  for (let entry = queue.shift(); entry && entries.length < longestChain; entry = queue.shift()) {
    const { model } = entry
    if ([turn, ...entries].some((known) => sameModel(known.model, model))) continue
    entries.push(entry)
    queue.push(...entriesBehind(model, linksOf(sources, model) ?? []))
  }
  return { origin, entries }
}

/** @returns `undefined` for `provider/*` of the provider that has the model already */
function entryFor(
  written: FallbackEntry,
  model: ModelKey,
  catalog: Catalog | undefined,
): FallbackEntry | undefined {
  if (!isAnyModelOf(written.model)) return { ...written, model: spelledAs(catalog, written.model) }
  const provider = providerOf(written.model)
  if (provider === providerOf(model)) return undefined
  const found = catalog && sameModelElsewhere(model, provider, catalog)
  return found ? { ...written, model: found, asWritten: written.model } : written
}

function firstList(
  sources: ChainSources,
  turn: ChainTurn,
): { readonly origin: ChainOrigin; readonly list: readonly FallbackEntry[] } {
  if (sources.session) return { origin: { from: "session" }, list: sources.session }
  // Nothing is called "".
  const { agent = "", category = "" } = turn
  const name = agentKey(sources.agents, agent)
  const agentList = ownValue(sources.agents, name)?.fallback_models
  if (agentList) return { origin: { from: "agent", name }, list: agentList }
  const categoryList = ownValue(sources.categories, category)?.fallback_models
  if (categoryList) return { origin: { from: "category", name: category }, list: categoryList }
  const links = linksOf(sources, turn.model)
  if (links) return { origin: { from: "model", name: turn.model }, list: links }
  if (sources.global.length > 0) return { origin: { from: "global" }, list: sources.global }
  return { origin: { from: "none" }, list: [] }
}

/**
 * The key under which the settings of an agent are written: its name as OpenCode has it, else the same in other
 * letters, else what stands before " - ": oh-my-opencode's `sisyphus` is called "Sisyphus - ultraworker" (4.19.4).
 *
 * @returns the name itself where nothing is written
 */
export function agentKey(agents: Readonly<Record<string, unknown>>, agent: string): string {
  if (Object.hasOwn(agents, agent)) return agent
  const names = [caseless(agent), caseless(agent).split(" - ")[0]]
  return names.flatMap((name) => Object.keys(agents).find((key) => caseless(key) === name) ?? [])[0] ?? agent
}

function linksOf(sources: ChainSources, model: ModelKey): readonly FallbackEntry[] | undefined {
  const exact = ownValue(sources.models, model)
  if (exact) return exact.fallback_models
  const spelled = Object.keys(sources.models).find((key) => caseless(key) === caseless(model))
  return spelled === undefined ? undefined : ownValue(sources.models, spelled)?.fallback_models
}
