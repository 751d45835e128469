/** Reads what others made, whose shape is not known: never throws, `undefined` for all that is not there. */
export function field(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined
}

export function text(value: unknown, key: string): string | undefined {
  const found = field(value, key)
  return typeof found === "string" ? found : undefined
}
