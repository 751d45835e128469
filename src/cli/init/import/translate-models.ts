import { isObject, type JsonObject } from "../../../core/json-object.ts"
import type { NotImported } from "./imported-settings.ts"

/**
 * A list of models in any of the forms that other plugins take: a text, `"model(variant)"`, an object with `model`, or
 * a list of these.
 *
 * @param path of the list, for what is not taken: that is added to `notImported`
 * @param provider for names that stand without one
 */
export function translateModels(
  value: unknown,
  path: string,
  notImported: NotImported[],
  provider?: string,
): readonly (string | JsonObject)[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : value === undefined ? [] : [value]
  return items.flatMap((item, index) => {
    const at = Array.isArray(value) ? `${path}[${index}]` : path
    const model = translateModel(item, at, provider, notImported)
    if (model === undefined) notImported.push({ path: at, why: "no provider/model can be read from it" })
    return model === undefined ? [] : [model]
  })
}

const entryKeys = new Set(["model", "variant", "temperature", "top_p", "maxTokens", "max_tokens"])

function translateModel(
  item: unknown,
  path: string,
  provider: string | undefined,
  notImported: NotImported[],
): string | JsonObject | undefined {
  if (typeof item === "string") {
    const { model, variant } = nameOf(item, provider)
    return model === undefined || variant === undefined ? model : { model, variant }
  }
  if (!isObject(item)) return undefined
  if (typeof item["model"] !== "string") return undefined
  const { model, variant } = nameOf(item["model"], provider)
  if (model === undefined) return undefined
  for (const key of Object.keys(item))
    if (!entryKeys.has(key))
      notImported.push({ path: `${path}.${key}`, why: 'write "variant" if the model has one of that name' })
  const entry = {
    variant: item["variant"] ?? variant,
    temperature: item["temperature"],
    top_p: item["top_p"],
    max_tokens: item["maxTokens"] ?? item["max_tokens"],
  }
  const set = Object.entries(entry).filter(([, value]) => value !== undefined)
  return set.length === 0 ? model : { model, ...Object.fromEntries(set) }
}

function nameOf(text: string, provider: string | undefined) {
  const [, name = "", variant] = /^\s*([^\s(]+)\s*(?:\(([\w-]+)\))?\s*$/.exec(text) ?? []
  const isWhole = /^[^/]+\/./.test(name)
  const model = isWhole ? name : provider !== undefined && name !== "" ? `${provider}/${name}` : undefined
  return { model, variant }
}
