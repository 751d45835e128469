const nothing = new Uint8Array(0)

/** The parts one behind the other; a single one is given back as it is. */
export function joinBytes(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only = nothing, ...others] = parts.filter((part) => part.length > 0)
  if (others.length === 0) return only
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}
