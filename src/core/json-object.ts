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

/** Reads what others made, whose shape is not known: never throws, `undefined` for all that is not there. */
export function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined
}

export function text(value: unknown, key: string): string | undefined {
  const found = field(value, key)
  return typeof found === "string" ? found : undefined
}

/** What users name is looked up among a record's own keys: `constructor` must not find what every object inherits. */
export function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
