import { parseDuration } from "./parse-duration.ts"

/** Above these a bare number is a point in time: 1e9 s is 2001, 1e12 ms is 2001. */
const epochSeconds = 1e9
const epochMs = 1e11

/**
 * Reads a reset value whose form is known only by looking at it: seconds from now, seconds or milliseconds
 * since 1970, a span (`6m0s`, `PT30S`), an ISO date or an HTTP date.
 *
 * @returns milliseconds since 1970 (it may be past), or `undefined`
 */
export function parseMoment(value: string | number, now: number): number | undefined {
  const text = String(value).trim()
  if (text === "" || text.length > 80) return undefined
  const bare = /^\d{1,18}(?:\.\d{1,18})?$/.test(text) ? Number(text) : undefined
  if (bare !== undefined) {
    if (bare >= epochMs) return bare
    return bare >= epochSeconds ? bare * 1000 : now + bare * 1000
  }
  const lower = text.toLowerCase()
  const span = /^(?:pt?\d|\d{1,15}(?:\.\d{1,15})? ?[a-z])/.test(lower) ? parseDuration(lower) : undefined
  if (span !== undefined) return now + span
  // A date begins with a digit (ISO) or a weekday (RFC 9110); `Date.parse` takes nearly anything else too.
  if (!/^(?:\d{4}-\d\d|(?:mon|tue|wed|thu|fri|sat|sun))/.test(lower)) return undefined
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : at
}
