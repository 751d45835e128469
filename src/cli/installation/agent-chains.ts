import { mergeSettings } from "../../config/merge-settings.ts"
import { chainSources, forbiddenBy } from "../../config/policy.ts"
import type { Settings } from "../../config/schema.ts"
import { agentPlaces } from "../../config/take-agent-settings.ts"
import { type Catalog, knownModel } from "../../core/catalog.ts"
import { agentKey, type Chain, resolveChain } from "../../core/chain.ts"
import type { CircuitKey, CircuitRecord } from "../../core/circuit.ts"
import { asObject, isObject, type JsonObject, ownValue, text } from "../../core/json-object.ts"
import { type FallbackEntry, type ModelKey, parseNamedModel } from "../../core/model-ref.ts"
import { skipReason } from "../../core/select.ts"

/** What a chain is looked at with. */
type ChainWorld = {
  readonly settings: Settings
  readonly catalog: Catalog
  readonly circuits: ReadonlyMap<CircuitKey, CircuitRecord>
  readonly now: number
}

export type ChainModel = ReturnType<typeof standingOf>

export type ChainView = {
  readonly kind: "agent" | "category"
  readonly name: string
  /** The model it starts on; `undefined`: whichever the user or the parent agent has chosen. */
  readonly primary: ChainModel | undefined
  readonly category: string | undefined
  readonly chain: Chain
  readonly fallbacks: readonly ChainModel[]
}

/** Those of OpenCode that people talk to. */
export const builtInAgents = ["build", "plan", "general", "explore"] as const

/** A model for turns whose own one is not known: no list and no link names it. */
const anyModel: ModelKey = "?/?"

/** OpenCode's own agents first, then the configured ones, then the categories. */
export function chainViews(config: JsonObject, world: ChainWorld): readonly ChainView[] {
  const { agents, categories } = world.settings
  const configured = agentsOf(config)
  const known = [...builtInAgents, ...Object.keys(configured)]
  const others = Object.keys(agents).filter((key) => !known.some((name) => agentKey(agents, name) === key))
  const names = new Set([...known, ...others])
  return [
    ...[...names]
      // Version 1's word and version 2's.
      .filter((name) => !["disable", "disabled"].some((key) => configured[name]?.[key] === true))
      .map((name) => {
        const model = modelNamed(configured[name]?.["model"]) ?? modelNamed(config["model"])
        const { category } = ownValue(agents, agentKey(agents, name)) ?? {}
        return view({ kind: "agent", name, category }, model && { model }, world)
      }),
    ...Object.entries(categories).map(([name, { model, variant }]) =>
      view(
        { kind: "category", name, category: undefined },
        model && { model, ...(variant !== undefined && { variant }) },
        world,
      ),
    ),
  ]
}

function view(
  whose: Pick<ChainView, "kind" | "name" | "category">,
  primary: FallbackEntry | undefined,
  world: ChainWorld,
): ChainView {
  const { kind, name, category } = whose
  const { settings, catalog } = world
  const chain = resolveChain(chainSources(settings), {
    model: primary?.model ?? anyModel,
    ...(kind === "agent" ? { agent: name, category } : { category: name }),
    catalog,
  })
  return {
    ...whose,
    chain,
    primary: primary && standingOf(primary, { ...world, isFallback: false }),
    fallbacks: chain.entries.map((entry) => {
      const standing = standingOf(entry, { ...world, isFallback: true })
      // Which model a `provider/*` is depends on the one that is chosen in the session.
      const isOpen = primary === undefined && standing.reason?.why === "not-offered"
      return isOpen ? { ...standing, reason: undefined } : standing
    }),
  }
}

/** Its `reason`: why a turn could not use it now; `undefined` when it could. */
function standingOf(entry: FallbackEntry, world: ChainWorld & { readonly isFallback: boolean }) {
  const { catalog, now } = world
  const turn = {
    tried: [],
    circuit: (key: CircuitKey) => world.circuits.get(key),
    catalog,
    needs: { images: false, pdf: false, tools: true, contextTokens: 0 },
    // The lists of allowed models are about fallbacks; the user's own model is the user's own choice.
    forbidden: (model: ModelKey) => (world.isFallback ? forbiddenBy(world.settings, model) : undefined),
    now,
  }
  return { entry, capabilities: knownModel(catalog, entry.model), reason: skipReason(turn, entry.model) }
}

/** Agents by name, those written as `mode` (OpenCode's older word) or `agents` (version 2) included. */
export function agentsOf(config: JsonObject): Readonly<Record<string, JsonObject>> {
  const all = agentPlaces.map((key) => asObject(config[key])).reduce(mergeSettings, {})
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, JsonObject] => isObject(entry[1])),
  )
}

/** `"provider/model"`, or as version 2 writes it with a variant behind it or as an object. */
export function modelNamed(model: unknown): ModelKey | undefined {
  const id = text(model, "model") ?? text(model, "modelID") ?? text(model, "id")
  const provider = text(model, "providerID")
  const name = typeof model === "string" ? model : provider && id ? `${provider}/${id}` : ""
  return parseNamedModel(name)?.model
}
