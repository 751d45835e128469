import { defaultSettings } from "../../config/schema.ts"
import { classify } from "../../core/classify/classify.ts"
import { fallsBack } from "../../core/classify/falls-back.ts"
import type { Failure } from "../../core/verdict.ts"
import { isoTime } from "../terminal/json.ts"
import { readRow } from "./read-row.ts"

const { retry_on_errors, fallback_on } = defaultSettings().runtime_fallback
const defaultRules = { retryOnErrors: retry_on_errors, fallbackOn: fallback_on, retryOnPatterns: [] }

/** The verdict, and whether it is a reason to go on with the next model by default settings. */
export function judgeRow(failure: Failure, now: number) {
  const verdict = classify(failure, now)
  return { verdict, fallback: fallsBack(verdict, failure, defaultRules) }
}

/** @param number of the line, from 1 */
export function verdictRow(line: string, number: number, now: number) {
  const read = readRow(line)
  if (!read.ok) return { error: read.why, line: number }
  const { verdict, fallback } = judgeRow(read.value, now)
  return {
    class: verdict.kind,
    fallback,
    scope: verdict.scope,
    retryAt: isoTime(verdict.retryAt),
    rule: verdict.rule,
  }
}
