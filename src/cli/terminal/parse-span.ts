import { parseDuration } from "../../core/retry-at/parse-duration.ts"

/** More than any cooldown and any journal: ten years. */
const longestMs = 10 * 365 * 86_400_000

/** `90s`, `1h30m`, `1.5 h`, or a bare number of seconds, as milliseconds; `undefined` for anything else. */
export function parseSpan(text: string): number | undefined {
  const compact = text.replaceAll(/\s/g, "").toLowerCase()
  const seconds = /^\d{1,10}(\.\d{1,6})?$/.test(compact) ? `${compact}s` : compact
  if (!/^(\d{1,10}(\.\d{1,6})?(ms|min|s|m|h|d|w)){1,7}$/.test(seconds)) return undefined
  const ms = parseDuration(seconds)
  return ms !== undefined && ms <= longestMs ? Math.round(ms) : undefined
}
