import type { Failure, FailureKind, Verdict } from "../verdict.ts"
import { gatherEvidence } from "./evidence.ts"

/** Characters that a user's pattern sees of a text: what a provider says of a failure stands in its first lines. */
const patternTextLimit = 1_000

/** A compiled regular expression: whether it fits anywhere in a text. */
export type TextPattern = { readonly test: (text: string) => boolean }

export type FallbackRules = {
  /** `retry_on_errors` */
  readonly retryOnErrors: readonly number[]
  /** `fallback_on` */
  readonly fallbackOn: readonly FailureKind[]
  /** Compiled `retry_on_patterns`. */
  readonly retryOnPatterns: readonly TextPattern[]
}

/** What no other answer may overrule when the provider has said it in its own words. */
const requestKinds: ReadonlySet<FailureKind> = new Set(["context_overflow", "content_filter", "bad_request"])

/** The status of the answer, or the one that stands in a field of the error object. Never digits of a text. */
function trueStatus(failure: Failure): number | undefined {
  if (failure.status !== undefined && failure.status >= 400) return failure.status
  return gatherEvidence(failure).levels.find(({ fieldStatus }) => fieldStatus !== undefined)?.fieldStatus
}

function matchesPattern(failure: Failure, patterns: readonly TextPattern[]): boolean {
  const texts = [failure.message, failure.body].flatMap((text) =>
    text === undefined ? [] : [text.slice(0, patternTextLimit)],
  )
  return patterns.some((pattern) => texts.some((text) => pattern.test(text)))
}

/**
 * Whether this failure is a reason to go on with the next model.
 *
 * An abort never is. A kind in `fallbackOn` is, and so is a text that fits one of the user's own patterns.
 * A true HTTP status in `retryOnErrors` is as well, unless a code or a known phrase shows that the request
 * itself is at fault (`context_overflow`, `content_filter`, `bad_request`): the next model would refuse it
 * too. A verdict that rests on nothing but that status (`rule` is `status 400`) yields to the user's list.
 */
export function fallsBack(verdict: Verdict, failure: Failure, rules: FallbackRules): boolean {
  if (verdict.kind === "aborted") return false
  if (rules.fallbackOn.includes(verdict.kind)) return true
  if (matchesPattern(failure, rules.retryOnPatterns)) return true
  const status = trueStatus(failure)
  if (status === undefined || !rules.retryOnErrors.includes(status)) return false
  return !requestKinds.has(verdict.kind) || verdict.rule === `status ${status}`
}
