import { isObject, type JsonObject } from "../core/json-object.ts"

/**
 * Two sources as one: the higher one wins. Objects merge key by key at every depth, everything else (lists
 * too) is replaced as a whole.
 */
export function mergeSettings(lower: JsonObject, higher: JsonObject): JsonObject {
  // Through entries and not by assignment: a key named `__proto__` stays a key.
  const merged = new Map(Object.entries(lower))
  for (const [key, value] of Object.entries(higher)) {
    const below = merged.get(key)
    merged.set(key, isObject(below) && isObject(value) ? mergeSettings(below, value) : value)
  }
  return Object.fromEntries(merged)
}
