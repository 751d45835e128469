import { modelLists } from "../../../config/lint-settings.ts"
import type { Settings } from "../../../config/schema.ts"
import type { ProblemSource, SettingsPath } from "../../../config/settings-problem.ts"
import { type KnownCatalog, offersVariant } from "../../../core/catalog.ts"
import { type ModelKey, parseModelKey, providerOf } from "../../../core/model-ref.ts"
import { nearestWord } from "../../../core/nearest-word.ts"
import { isAnyModelOf } from "../../../core/same-model-elsewhere.ts"
import { suggestModel } from "../../../core/suggest-model.ts"
import { replayedPackages } from "../../../opencode/v1/in-flight/carries-marker.ts"
import { agentsOf, type ChainView, modelNamed } from "../../installation/agent-chains.ts"
import { packageFacts } from "../../opencode/package-facts.ts"
import type { Facts } from "../facts.ts"
import { type Finding, type Found, placeOfSetting } from "../finding.ts"

/** A model that the settings or OpenCode's own configuration name. */
type WrittenModel = {
  readonly text: string
  /** The reasoning variant that is written with it. */
  readonly variant?: string | undefined
  readonly path: SettingsPath
  /** Who says so in OpenCode's own configuration; one of the settings' is skipped when it is wrong. */
  readonly by?: ProblemSource
}

export function modelFindings({ catalog, own: { config, settings } }: Facts): readonly Found[] {
  if (!catalog.known) return []
  const named = (model: unknown, path: SettingsPath, by: ProblemSource): readonly WrittenModel[] => {
    const text = modelNamed(model)
    return text === undefined ? [] : [{ text, path, by }]
  }
  const primaries = Object.entries(agentsOf(config)).flatMap(([agent, { model }]) =>
    named(model, ["agents", agent, "model"], { from: "agent", agent }),
  )
  const all: readonly WrittenModel[] = [
    ...named(config["model"], ["model"], { from: "opencode config" }),
    ...primaries,
    ...writtenModels(settings),
  ]
  return all.flatMap((written) => modelFinding(written, catalog) ?? [])
}

/** Every entry of a list, every category's model, and every model that a list is set for. */
export function writtenModels(settings: Settings): readonly WrittenModel[] {
  return [
    ...modelLists(settings).flatMap(([path, list]) =>
      list.map(({ model, variant }, index) => ({ text: model, variant, path: [...path, index] })),
    ),
    ...Object.entries(settings.categories).flatMap(([name, { model, variant }]) =>
      model === undefined ? [] : [{ text: model, variant, path: ["categories", name, "model"] }],
    ),
    ...Object.keys(settings.models).map((model) => ({ text: model, path: ["models", model] })),
  ]
}

function modelFinding(written: WrittenModel, catalog: KnownCatalog): Found | undefined {
  const { text, path, by } = written
  const key = parseModelKey(text)
  // Not even of the form provider/model: the settings' own check reports it.
  if (key === undefined) return undefined
  if (catalog.models.has(key)) return variantFinding(written, key, catalog)
  if (isAnyModelOf(key) && catalog.providers.has(providerOf(key))) return undefined
  const suggestion = suggestModel(key, catalog)
  const isConnected = catalog.providers.has(providerOf(key))
  const what = isConnected
    ? `OpenCode does not know the model ${key}.`
    : `The provider ${providerOf(key)} of ${key} is not connected.`
  const effect = by === undefined ? " It is skipped." : ""
  const meant = suggestion === undefined ? "" : `Did you mean ${suggestion}? `
  return {
    severity: isConnected || suggestion !== undefined ? "error" : "warning",
    code: isConnected ? "unknown-model" : "provider-not-connected",
    ...placeOfSetting(path, by),
    what: `${what}${effect}`,
    advice: isConnected
      ? `${meant}\`opencode models\` lists what there is.`
      : `${meant}Connect the provider with \`opencode auth login\`, or remove the model.`,
  }
}

function variantFinding(
  { variant, path }: WrittenModel,
  model: ModelKey,
  catalog: KnownCatalog,
): Found | undefined {
  if (variant === undefined || offersVariant(catalog, model, variant)) return undefined
  const offered = catalog.models.get(model)?.variants ?? []
  const near = nearestWord(variant, offered)
  return {
    severity: "warning",
    code: "unknown-variant",
    ...placeOfSetting(path),
    what: `${model} has no variant ${variant}: it is used without one.`,
    advice:
      offered.length === 0
        ? "It has none: remove the variant."
        : `${near === undefined ? "" : `Did you mean ${near}? `}It has: ${offered.join(", ")}.`,
  }
}

export function ruleFindings({ catalog, own }: Facts): readonly Found[] {
  if (!catalog.known) return []
  return Object.keys(own.settings.providers)
    .filter((id) => !catalog.providers.has(id))
    .map((id) => {
      const near = nearestWord(id, [...catalog.providers])
      return {
        severity: "warning",
        code: "unknown-provider",
        ...placeOfSetting(["providers", id]),
        what: `No connected provider is named ${id}${near === undefined ? "." : `; did you mean ${near}?`} Its settings do nothing.`,
        advice: `Connected: ${[...catalog.providers].join(", ")}.`,
      }
    })
}

/** Models of the user's chains whose failures cannot be met inside the turn. OpenCode 2 has a way for all of them. */
export function replayFindings({ answers, catalog }: Facts, views: readonly ChainView[]): readonly Finding[] {
  if (!catalog.known || answers?.isVersion2) return []
  const used = views.flatMap(({ primary, fallbacks }) => [...(primary ? [primary] : []), ...fallbacks])
  return used.flatMap(({ entry: { model } }) => {
    const why = replayedPackages.get(catalog.models.get(model)?.npm ?? "")
    if (why === undefined) return []
    return {
      severity: "info",
      code: "handled-by-replay",
      where: model,
      what: `A failure of ${model} is handled by a replay, after OpenCode's own retries: ${why}.`,
      advice: `\`opencode run\` and a waiting parent agent do not get the fallback's answer. ${packageFacts.docs}/providers.md names the packages.`,
    }
  })
}
