import { parseMoment } from "../retry-at/parse-moment.ts"
import { type LimitWindow, mostWindows } from "./limit-window.ts"

type Headers = ReadonlyMap<string, string>
type Window = { readonly name: string; readonly usedPercent: number; readonly reset: string | undefined }

/**
 * What an answer's headers say of the provider's limits. Understood are Anthropic's subscription windows and
 * request limits, Codex, Copilot, and the `x-ratelimit-*` of OpenAI, Azure, Groq, Cerebras, Mistral, xAI,
 * OpenRouter and others. Google, Bedrock, Z.ai and DeepSeek say nothing (November 2026).
 *
 * @param headers names in lower case, as `Headers` gives them
 * @param now when the answer came; milliseconds since 1970
 */
export function readWindows(
  headers: Iterable<readonly [string, string]>,
  now: number,
): readonly LimitWindow[] {
  const relevant: Headers = new Map([...headers].filter(([name]) => mayName.test(name)))
  if (relevant.size === 0) return []
  const found = [...relevant].flatMap(([name, value]) => {
    for (const read of readers) {
      const window = read(name, value, relevant)
      if (window && Number.isFinite(window.usedPercent)) return [window]
    }
    return []
  })
  return found.slice(0, mostWindows).map(({ name, usedPercent, reset }) => {
    const resetsAt = reset === undefined ? undefined : parseMoment(reset, now)
    return {
      name,
      usedPercent: Math.round(Math.min(100, Math.max(0, usedPercent)) * 10) / 10,
      ...(resetsAt !== undefined && { resetsAt: Math.ceil(resetsAt) }),
      seenAt: now,
    }
  })
}

const mayName = /ratelimit|rate-limit|^x-codex-|^x-quota-/

type Reader = (name: string, value: string, headers: Headers) => Window | undefined

/** Claude subscriptions: `anthropic-ratelimit-unified-5h-utilization: 0.83` and its `-reset` in seconds since 1970. */
const unified: Reader = (name, value, headers) => {
  const found = /^anthropic-ratelimit-unified-(\d{1,3})(h|d)(?:_([a-z]{1,20}))?-utilization$/.exec(name)
  if (!found) return undefined
  const [, count, unit, part] = found
  return {
    name: `${count} ${unit}${part === undefined ? "" : ` ${part}`}`,
    usedPercent: Number.parseFloat(value) * 100,
    reset: headers.get(name.replace("-utilization", "-reset")),
  }
}

/** ChatGPT subscriptions (Codex): two windows whose lengths stand beside them, 300 and 10,080 minutes today. */
const codex: Reader = (name, value, headers) => {
  const prefix = /^(x-codex-(?:primary|secondary))-used-percent$/.exec(name)?.[1]
  if (prefix === undefined) return undefined
  const minutes = Number(headers.get(`${prefix}-window-minutes`))
  const reset = headers.get(`${prefix}-reset-at`) ?? headers.get(`${prefix}-reset-after-seconds`)
  return { name: lengthName(minutes) ?? prefix.slice(2), usedPercent: Number.parseFloat(value), reset }
}

function lengthName(minutes: number): string | undefined {
  if (!(minutes > 0)) return undefined
  if (minutes % 1_440 === 0) return `${minutes / 1_440} d`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
}

/** Copilot: `ent=300&rem=88.5&rst=2026-06-01T00:00:00Z`, `rem` in percent; an entitlement of -1 has no limit. */
const copilot: Reader = (name, value) => {
  const what = /^x-(?:quota-snapshot|usage-ratelimit)-([a-z_]{1,40})$/.exec(name)?.[1]
  if (what === undefined) return undefined
  const fields = new URLSearchParams(value)
  if (fields.get("ent") === "-1") return undefined
  const usedPercent = 100 - Number.parseFloat(fields.get("rem") ?? "")
  return { name: what.replaceAll("_", " "), usedPercent, reset: fields.get("rst") ?? undefined }
}

/** `x-ratelimit-remaining-tokens-minute`, `anthropic-ratelimit-requests-remaining`: each beside its limit. */
const counted: Reader = (name, value, headers) => {
  if (!/^(?:x-|anthropic-)?rate-?limit-/.test(name) || !/-remaining\b/.test(name)) return undefined
  const limit = Number.parseFloat(headers.get(name.replace("-remaining", "-limit")) ?? "")
  if (!(limit > 0)) return undefined
  const what = name.replace(/^(?:x-|anthropic-)?rate-?limit-/, "").replace(/-?\bremaining\b-?/, "")
  if (!/^[a-z-]{0,40}$/.test(what)) return undefined
  return {
    name: countedName(what),
    usedPercent: (1 - Number.parseFloat(value) / limit) * 100,
    reset: headers.get(name.replace("-remaining", "-reset")),
  }
}

function countedName(what: string): string {
  const period = /-?\b(second|minute|hour|day|week|month)$/.exec(what)
  const subject = (period ? what.slice(0, period.index) : what).replace(/^req$|^$/, "requests")
  return `${subject.replaceAll("-", " ")}${period ? ` per ${period[1]}` : ""}`
}

const readers: readonly Reader[] = [unified, codex, copilot, counted]
