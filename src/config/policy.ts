import type { ChainSources } from "../core/chain.ts"
import type { CooldownPolicy } from "../core/circuit.ts"
import type { DecisionPolicy } from "../core/decide.ts"
import { caseless, type FallbackEntry, type ModelKey, modelRef } from "../core/model-ref.ts"
import type { Settings } from "./schema.ts"

export function cooldownPolicy({ runtime_fallback: runtime }: Settings): CooldownPolicy {
  return {
    baseMs: runtime.cooldown_seconds * 1_000,
    multiplier: runtime.cooldown_multiplier,
    maxMs: runtime.max_cooldown_seconds * 1_000,
  }
}

export function decisionPolicy({ runtime_fallback: runtime }: Settings): DecisionPolicy {
  return {
    maxAttempts: runtime.max_fallback_attempts,
    patienceMs: runtime.patience_seconds * 1_000,
    sameModelRetries: runtime.same_model_retries,
  }
}

export function chainSources(settings: Settings, session?: readonly FallbackEntry[]): ChainSources {
  return {
    session,
    agents: settings.agents,
    categories: settings.categories,
    models: settings.models,
    global: settings.fallback_models,
  }
}

/** The setting that forbids this model as a fallback, by its name in the file; `undefined` when none does. */
export function forbiddenBy(settings: Settings, model: ModelKey): string | undefined {
  const { providerID, modelID } = modelRef(model)
  const provider = settings.providers[providerID]
  if (provider?.allow_fallback === false) return `providers.${providerID}.allow_fallback is false`
  if (matchesAny(provider?.ignore_models, modelID)) return `providers.${providerID}.ignore_models`
  if (provider?.allow_models && !matchesAny(provider.allow_models, modelID))
    return `providers.${providerID}.allow_models does not name it`
  if (matchesAny(settings.ignore_models, model)) return "ignore_models"
  if (settings.allow_models && !matchesAny(settings.allow_models, model))
    return "allow_models does not name it"
  return undefined
}

/** A final `*` matches any ending. */
function matchesAny(patterns: readonly string[] | undefined, text: string): boolean {
  const name = caseless(text)
  return (patterns ?? [])
    .map(caseless)
    .some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one))
}

/** Whether failures of this provider are left as they are. */
export function optedOut(settings: Settings, provider: string): boolean {
  return settings.providers[provider]?.allow_fallback === false
}
