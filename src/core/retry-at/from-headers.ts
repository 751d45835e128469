import { parseMoment } from "./parse-moment.ts"

type Headers = Readonly<Record<string, string>>

/** `retry-after-ms` (Azure, OpenAI) before `retry-after`: seconds, with fraction, or an HTTP date. */
export function fromRetryAfter(headers: Headers, now: number): number | undefined {
  const ms = Number.parseFloat(headers["retry-after-ms"] ?? "")
  if (ms > 0) return now + ms
  const value = headers["retry-after"]
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
 * Limits of a window (`x-ratelimit-reset-tokens: 6m0s`, `anthropic-ratelimit-requests-reset`, OpenRouter's
 * `x-ratelimit-reset` in milliseconds). Of several, the last one of those with nothing left; when none is
 * known to be used up, the soonest.
 */
export function fromWindowHeaders(headers: Headers, now: number): number | undefined {
  let exhausted: number | undefined
  let soonest: number | undefined
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
