export type JsonObject = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** An object as such, anything else as an empty one: what others made is read field by field, never trusted. */
export function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {}
}

/** Without the keys of which nothing is known. */
export function withoutUndefined<Fields extends object>(
  fields: Fields,
): { readonly [Key in keyof Fields]?: Exclude<Fields[Key], undefined> } {
  const known = Object.entries(fields).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known) as ReturnType<typeof withoutUndefined<Fields>>
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** @returns `undefined` for what is no JSON: that is an answer here, and the caller decides what it means */
export function parseJsonText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
