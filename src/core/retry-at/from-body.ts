import { parseMoment } from "./parse-moment.ts"

type Reader = (value: string | number, now: number) => number | undefined

const seconds: Reader = (value, now) => {
  const number = Number(value)
  return number > 0 ? now + number * 1000 : undefined
}
const milliseconds: Reader = (value, now) => {
  const number = Number(value)
  return number > 0 ? now + number : undefined
}

/** A bare small number under such a name may count anything. */
const pointInTime: Reader = (value, now) =>
  /^\d{1,9}(?:\.\d*)?$/.test(String(value)) ? undefined : parseMoment(value, now)

/** Keys in lower case. Codex, OpenRouter, Google RetryInfo and Cloud Code, Hugging Face, OpenCode's gateways. */
const readers: Readonly<Record<string, Reader>> = {
  resets_at: parseMoment,
  reset_at: parseMoment,
  resetsat: parseMoment,
  resetat: parseMoment,
  reset_time: parseMoment,
  resettime: parseMoment,
  quotaresettimestamp: parseMoment,
  quotaresetdelay: parseMoment,
  retrydelay: parseMoment,
  retry_delay: parseMoment,
  retry_in: parseMoment,
  retry_at: parseMoment,
  reset_in: parseMoment,
  resets_in: parseMoment,
  reset: pointInTime,
  resets: pointInTime,
  retry_after: parseMoment,
  retryafter: parseMoment,
  "retry-after": parseMoment,
  resets_in_seconds: seconds,
  reset_in_seconds: seconds,
  retry_in_seconds: seconds,
  reset_seconds: seconds,
  wait_seconds: seconds,
  cooldown_seconds: seconds,
  reset_after_seconds: seconds,
  retry_after_seconds: seconds,
  retryafterseconds: seconds,
  estimated_time: seconds,
  retry_after_ms: milliseconds,
  retryafterms: milliseconds,
  "retry-after-ms": milliseconds,
}

const maxNodes = 2000
const maxDepth = 14

/** The latest of the reset fields in a parsed body, at any depth, or `undefined`. */
export function fromBody(root: object, now: number): number | undefined {
  let latest: number | undefined
  let nodesLeft = maxNodes
  const visit = (node: object, depth: number): void => {
    for (const [name, value] of Object.entries(node).slice(0, 200)) {
      nodesLeft -= 1
      if (nodesLeft <= 0) return
      if (typeof value === "object" && value !== null) {
        if (depth < maxDepth) visit(value, depth + 1)
      } else if (typeof value === "string" || typeof value === "number") {
        const key = name.toLowerCase()
        const at = Object.hasOwn(readers, key) ? readers[key]?.(value, now) : undefined
        if (at !== undefined && at > now) latest = Math.max(latest ?? 0, at)
      }
    }
  }
  visit(root, 0)
  return latest
}
