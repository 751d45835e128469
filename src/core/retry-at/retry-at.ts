import type { Evidence } from "../classify/evidence.ts"
import type { Failure } from "../verdict.ts"
import { fromBody } from "./from-body.ts"
import { fromCodexHeaders, fromRetryAfter, fromWindowHeaders } from "./from-headers.ts"
import { fromSentence } from "./from-sentence.ts"

const hourMs = 3_600_000
const mostMs = 7 * 24 * hourMs

/** Providers whose texts give Beijing time without saying so (BigModel's 1308 and 1310). */
const chinese = /zai|z\.ai|z-ai|zhipu|bigmodel|glm|qwen|alibaba|dashscope|volc|doubao|moonshot|kimi|minimax/

/** How far ahead of UTC a time is that names no zone: Japan's and Korea's, China's and its vendors', else none. */
function assumedOffsetMs(provider: string | undefined, text: string): number {
  if (/[\u3040-\u30FF\uAC00-\uD7AF]/.test(text)) return 9 * hourMs
  const isChinese =
    chinese.test(provider?.slice(0, 200).toLowerCase() ?? "") ||
    /error from provider \(z\.ai|[\u4E00-\u9FFF]/.test(text)
  return isChinese ? 8 * hourMs : 0
}

/** The last of those that are still to come. */
function latest(candidates: readonly (number | undefined)[], now: number): number | undefined {
  let result: number | undefined
  for (const at of candidates) if (at !== undefined && at > (result ?? now)) result = at
  return result
}

/**
 * When the provider says that it will be well again, at most seven days from now. The latest of what it says outright
 * (`retry-after`, used-up Codex windows, reset fields of the body, sentences); else the reset of a window's headers.
 *
 * @param evidence of this very failure
 * @param now milliseconds since 1970
 * @returns milliseconds since 1970, later than `now`, or `undefined` for no opinion
 */
export function retryAtOf(failure: Failure, evidence: Evidence, now: number): number | undefined {
  const { headers, text, roots } = evidence
  const told = latest(
    [
      fromRetryAfter(headers, now),
      ...fromCodexHeaders(headers, now),
      ...roots.map((root) => fromBody(root, now)),
      fromSentence(text, now, assumedOffsetMs(failure.provider, text)),
    ],
    now,
  )
  const status =
    failure.status ?? evidence.levels.find((level) => level.fieldStatus !== undefined)?.fieldStatus
  const at = told ?? fromWindowHeaders(headers, now, status === undefined || status === 429)
  return at === undefined ? undefined : Math.min(Math.ceil(at), now + mostMs)
}
