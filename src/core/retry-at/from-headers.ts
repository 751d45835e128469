import { momentOfField } from "./from-field.ts"
import { parseMoment } from "./parse-moment.ts"

type Headers = Readonly<Record<string, string>>

/** Of a window, which may have much left: it stands on every answer. */
const windowName = /rate-?limit|quota|x-codex/

/** Two answers' headers, joined on the way: `5, 10`. A date holds a comma, too. */
function lastOf(value: string): string {
  return /^[\d.]+(?:\s*,\s*[\d.]+)+$/.test(value) ? String(Math.max(...value.split(",").map(Number))) : value
}

/**
 * What headers say outright: `retry-after-ms` before `retry-after` (seconds, with fraction, or an HTTP date), also
 * behind a vendor's words (`x-ms-retry-after-ms`), and others that mean the same (`x-retry-in-seconds`).
 */
export function fromRetryAfter(headers: Headers, now: number): number | undefined {
  let inMs: number | undefined
  let otherwise: number | undefined
  for (const [name, value] of Object.entries(headers)) {
    if (windowName.test(name) && !name.endsWith("retry-after")) continue
    const at = momentOfField(name, lastOf(value), now)
    if (at === undefined) continue
    if (name.endsWith("retry-after-ms")) inMs = at
    else otherwise = Math.max(otherwise ?? 0, at)
  }
  return inMs ?? otherwise
}

/** Codex names each window's use and reset. Only a used-up window says when the account is well again. */
export function fromCodexHeaders(headers: Headers, now: number): readonly (number | undefined)[] {
  return ["primary", "secondary"].map((window) => {
    const value = (what: string): string => headers[`x-codex-${window}-${what}`] ?? ""
    if (!(Number(value("used-percent")) >= 100)) return undefined
    return parseMoment(value("reset-at"), now) ?? now + Number(value("reset-after-seconds")) * 1000
  })
}

/**
 * The IETF draft's single header: `limit=100, remaining=0, reset=30` or, later, `"burst";r=5;t=30, "day";r=0;t=3600`.
 * Only a limit with nothing left says when the request will pass.
 */
function fromCombinedHeader(value: string, now: number): number | undefined {
  const seconds = value.split(/, ?(?=")/).map((policy) => {
    const left = /\b(?:remaining|r) ?= ?(\d{1,15})/.exec(policy)?.[1]
    return Number(left) === 0 ? Number(/\b(?:reset|t) ?= ?(\d{1,15})/.exec(policy)?.[1] ?? 0) : 0
  })
  const longest = Math.max(...seconds)
  return longest > 0 ? now + longest * 1000 : undefined
}

/**
 * Limits of a window (`x-ratelimit-reset-tokens: 6m0s`, `anthropic-ratelimit-requests-reset`, Mistral's
 * `ratelimitbysize-reset`, OpenRouter's `x-ratelimit-reset` in milliseconds). They stand on every answer, so only a
 * window with nothing left counts: the last one of those. Where no window says how much is left, the soonest, and
 * only if the answer itself is about a limit.
 */
export function fromWindowHeaders(headers: Headers, now: number, isLimit: boolean): number | undefined {
  const combined = fromCombinedHeader(headers["ratelimit"] ?? "", now)
  if (combined !== undefined) return combined
  let exhausted: number | undefined
  let soonest: number | undefined
  for (const [name, value] of Object.entries(headers)) {
    if (!windowName.test(name) || !name.includes("-reset")) continue
    if (headers[name.replace("-reset", "-status")]?.startsWith("allowed") === true) continue
    const at = parseMoment(lastOf(value), now)
    if (at === undefined || at <= now) continue
    const left = headers[name.replace(/-reset(?:-after)?/, "-remaining")]
    if (left === undefined) soonest = Math.min(soonest ?? at, at)
    else if (Number.parseFloat(left) <= 0) exhausted = Math.max(exhausted ?? 0, at)
  }
  return exhausted ?? (isLimit ? soonest : undefined)
}
