export type Bytes = Uint8Array<ArrayBuffer>

export const noBytes: Bytes = new Uint8Array(0)

/** The parts one behind the other; a single one is given back as it is. */
export function joinBytes(parts: readonly Bytes[]): Bytes {
  let length = 0
  let longest = noBytes
  for (const part of parts) {
    length += part.length
    if (part.length > longest.length) longest = part
  }
  if (longest.length === length) return longest
  const whole = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** In bytes. Copying more costs more than handing over one piece more. */
export const mostCopied = 1024

/** Bun makes a small array anew before it makes a view of it, so that a copy is the cheaper one of the two. */
export function partOf(bytes: Bytes, from: number, to: number): Bytes {
  if (from === 0 && to >= bytes.length) return bytes
  return bytes.length > mostCopied ? bytes.subarray(from, to) : bytes.slice(from, to)
}
