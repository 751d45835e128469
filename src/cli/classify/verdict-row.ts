import { defaultSettings } from "../../config/schema.ts"
import { classify } from "../../core/classify/classify.ts"
import { fallsBack } from "../../core/classify/falls-back.ts"
import type { FailureKind, FailureScope } from "../../core/verdict.ts"
import { isoTime } from "../terminal/json.ts"
import { readRow } from "./read-row.ts"

export type VerdictRow =
  | {
      readonly class: FailureKind
      /** Whether it is a reason to go on with the next model, by default settings. */
      readonly fallback: boolean
      readonly scope: FailureScope
      readonly retryAt: string | null
      readonly rule: string
    }
  | { readonly error: string; readonly line: number }

const { retry_on_errors, fallback_on } = defaultSettings().runtime_fallback
const defaultRules = { retryOnErrors: retry_on_errors, fallbackOn: fallback_on, retryOnPatterns: [] }

/** @param number of the line, from 1 */
export function verdictRow(line: string, number: number, now: number): VerdictRow {
  const read = readRow(line)
  if (!read.ok) return { error: read.why, line: number }
  const verdict = classify(read.failure, now)
  return {
    class: verdict.kind,
    fallback: fallsBack(verdict, read.failure, defaultRules),
    scope: verdict.scope,
    retryAt: isoTime(verdict.retryAt),
    rule: verdict.rule,
  }
}
