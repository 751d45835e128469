/** Above this a body is not parsed but searched for `"code": …` pairs: parsing time grows with length. */
const maxJsonChars = 65_536

/** @returns `undefined` for text that is not a JSON object or array, or too long to be worth parsing. */
export function parseJson(text: string): object | undefined {
  const first = text.charCodeAt(0)
  const looksLikeJson = first === 0x7b || first === 0x5b
  if (!looksLikeJson || text.length > maxJsonChars) return undefined
  try {
    const value: object = JSON.parse(text)
    // A status in brackets, `[401]`, is no list.
    return Array.isArray(value) && typeof value[0] !== "object" ? undefined : value
  } catch {
    // Not JSON, or nested deeper than the engine's stack: the text is then searched as text.
    return undefined
  }
}
