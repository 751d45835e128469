import { covers } from "./policy.ts"
import type { Settings } from "./schema.ts"

type Rules = Pick<Settings, "allow_models" | "ignore_models">

/** The settings with further prohibitions. None of the settings' own is lifted by it. */
export function addProhibitions(settings: Settings, added: Settings): Settings {
  const providers = new Map(Object.entries(settings.providers))
  for (const [name, stricter] of Object.entries(added.providers)) {
    const provider = providers.get(name)
    const allow_fallback = stricter.allow_fallback && provider?.allow_fallback !== false
    providers.set(name, { ...stricter, ...provider, ...addRules(provider, stricter), allow_fallback })
  }
  return { ...settings, ...addRules(settings, added), providers: Object.fromEntries(providers) }
}

function addRules(own: Rules | undefined, added: Rules): Rules {
  const allow_models = inBoth(own?.allow_models, added.allow_models)
  return {
    ...(allow_models === undefined ? {} : { allow_models }),
    ignore_models: [...(own?.ignore_models ?? []), ...added.ignore_models],
  }
}

/** `undefined` allows all. An empty list allows none. */
function inBoth(
  own: readonly string[] | undefined,
  added: readonly string[] | undefined,
): readonly string[] | undefined {
  if (own === undefined || added === undefined) return own ?? added
  const within = (list: readonly string[], wider: readonly string[]): readonly string[] =>
    list.filter((one) => wider.some((other) => covers(other, one)))
  return [...new Set([...within(added, own), ...within(own, added)])]
}
