import { caseless } from "../core/model-ref.ts"
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
  return [...new Set([...added.filter(coveredBy(own)), ...own.filter(coveredBy(added))])]
}

/** Whether one of these patterns fits whatever another one fits. Looked up, because a file may hold thousands. */
function coveredBy(patterns: readonly string[]): (narrower: string) => boolean {
  const known = new Set(patterns.map(caseless))
  const wide = [...known].filter((one) => one.endsWith("*"))
  const lengths = [...new Set(wide.map((one) => one.length - 1))]
  return (narrower) => {
    const name = caseless(narrower)
    const stem = name.endsWith("*") ? name.slice(0, -1) : name
    return known.has(name) || lengths.some((length) => known.has(`${stem.slice(0, length)}*`))
  }
}
