import { parseMoment } from "./parse-moment.ts"

type Headers = Readonly<Record<string, string>>

/** Some put words before the name: `x-retry-after`, `x-ms-retry-after-ms`, `x-ratelimit-user-retry-after`. */
function valueOf(headers: Headers, name: string): string | undefined {
  if (headers[name] !== undefined) return headers[name]
  return Object.entries(headers).find(([key]) => key.endsWith(`-${name}`))?.[1]
}

/** `retry-after-ms` (Azure, OpenAI) before `retry-after`: seconds, with fraction, or an HTTP date. */
export function fromRetryAfter(headers: Headers, now: number): number | undefined {
  const ms = Number.parseFloat(valueOf(headers, "retry-after-ms") ?? "")
  if (ms > 0) return now + ms
  const value = valueOf(headers, "retry-after")
  if (value === undefined) return undefined
  const at = parseMoment(value, now)
  return at !== undefined && at > now ? at : undefined
}

/** Codex names each window's use and reset. Only a used-up window says when the account is well again. */
export function fromCodexHeaders(headers: Headers, now: number): number | undefined {
  let latest: number | undefined
  for (const window of ["primary", "secondary"]) {
    const used = Number(headers[`x-codex-${window}-used-percent`])
    if (!(used >= 100)) continue
    const after = Number(headers[`x-codex-${window}-reset-after-seconds`])
    const at =
      parseMoment(headers[`x-codex-${window}-reset-at`] ?? "", now) ??
      (after > 0 ? now + after * 1000 : undefined)
    if (at !== undefined && at > now && at > (latest ?? 0)) latest = at
  }
  return latest
}

/** The name of the header that says how much is left, for the header that says when it is reset. */
function remainingName(name: string): string | undefined {
  if (name.startsWith("anthropic-ratelimit-") && name.endsWith("-reset")) {
    return `${name.slice(0, -"reset".length)}remaining`
  }
  if (/^x-rate-?limit-reset/.test(name) || name.startsWith("ratelimit-reset")) {
    return name.replace("-reset-after", "-remaining").replace("-reset", "-remaining")
  }
  return undefined
}

/**
 * The IETF draft's single header: `limit=100, remaining=0, reset=30` or, later, `"default";r=0;t=30`. Only a limit
 * with nothing left says when the request will pass.
 */
function fromCombinedHeader(value: string | undefined, now: number): number | undefined {
  const left = /\b(?:remaining|r) ?= ?(\d{1,15})/.exec(value ?? "")?.[1]
  const seconds = /\b(?:reset|t) ?= ?(\d{1,15})/.exec(value ?? "")?.[1]
  return left !== undefined && Number(left) === 0 && Number(seconds) > 0
    ? now + Number(seconds) * 1000
    : undefined
}

/**
 * Limits of a window (`x-ratelimit-reset-tokens: 6m0s`, `anthropic-ratelimit-requests-reset`, OpenRouter's
 * `x-ratelimit-reset` in milliseconds). Of several, the last one of those with nothing left; when none is
 * known to be used up, the soonest.
 */
export function fromWindowHeaders(headers: Headers, now: number): number | undefined {
  let exhausted: number | undefined
  let soonest: number | undefined
  const combined = fromCombinedHeader(headers["ratelimit"], now)
  if (combined !== undefined) return combined
  for (const [name, value] of Object.entries(headers)) {
    const remaining = remainingName(name)
    const at = remaining === undefined ? undefined : parseMoment(value, now)
    if (remaining === undefined || at === undefined || at <= now) continue
    const left = headers[remaining]
    if (left !== undefined && Number.parseFloat(left) <= 0) exhausted = Math.max(exhausted ?? 0, at)
    soonest = Math.min(soonest ?? at, at)
  }
  return exhausted ?? soonest
}
