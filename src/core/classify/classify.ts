import { findByCodeWords } from "./find-by-code-words.ts"
import { findAbort } from "./find-abort.ts"
import { findCode, familyOf, findPhrase, late, scopeOf, shared, transport } from "./knowledge.ts"
import { gatherEvidence } from "./evidence.ts"
import { meaningOfStatus } from "./http-statuses.ts"
import { isProse } from "./is-prose.ts"
import { normalizeText, wordsOf } from "./normalize-text.ts"
import { refineFinding } from "./refine-finding.ts"
import { retryAtOf } from "../retry-at/retry-at.ts"
import { relayedStatusInText, statusInText } from "./status-in-text.ts"
import type { Evidence } from "./evidence.ts"
import type { Failure, Verdict } from "../verdict.ts"
import type { Family, Finding } from "./knowledge.ts"

type Facts = {
  readonly evidence: Evidence
  readonly family: Family | undefined
  /** All texts, normalised, one per line or more. */
  readonly text: string
  readonly words: ReadonlySet<string>
  /** The status of the HTTP answer or of the error object; never digits out of prose. */
  readonly status: number | undefined
}

/** Outer statuses under which gateways hide the provider's own. */
const wrapperStatuses = new Set([400, 500, 502])

function statusOf(failure: Failure, evidence: Evidence, text: string): number | undefined {
  const outer = failure.status !== undefined && failure.status >= 400 ? failure.status : undefined
  const inner = evidence.statuses[0]
  if (outer === undefined) return inner
  if (!wrapperStatuses.has(outer)) return outer
  const hidden = inner !== undefined && inner !== outer ? inner : relayedStatusInText(text)
  return hidden ?? outer
}

function findByProof({ evidence, family, status }: Facts): Finding | undefined {
  const own = family === undefined ? undefined : findCode(family.own(), evidence.codes, "proof")
  if (own !== undefined) return own
  const general = findCode(shared(), evidence.codes, "proof")
  if (general !== undefined || status !== undefined) return general
  return findCode(transport(), evidence.codes, "proof")
}

/** Allowances that only headers tell apart from a burst limit. */
function findByHeaders({ evidence: { headers }, status }: Facts): Finding | undefined {
  if (status !== undefined && status !== 429) return undefined
  if (headers["anthropic-ratelimit-unified-status"] === "rejected") {
    return { kind: "quota", scope: "provider", rule: "anthropic: header unified-status rejected" }
  }
  for (const window of ["primary", "secondary"]) {
    const used = Number(headers[`x-codex-${window}-used-percent`])
    if (used >= 100) return { kind: "quota", scope: "provider", rule: `codex: header ${window}-used-percent` }
  }
  return undefined
}

function findByPhrase({ family, text, words, status }: Facts): Finding | undefined {
  if (text === "") return undefined
  const own = family === undefined ? undefined : findPhrase(family.own(), text, words)
  if (own !== undefined) return own
  const wire = status === undefined ? findPhrase(transport(), text, words) : undefined
  return wire ?? findPhrase(shared(), text, words)
}

function findByCode({ evidence, family }: Facts, strength: "hint" | "vague"): Finding | undefined {
  const own = family === undefined ? undefined : findCode(family.own(), evidence.codes, strength)
  return own ?? findCode(shared(), evidence.codes, strength)
}

function findByStatus(status: number | undefined, family: Family | undefined): Finding | undefined {
  if (status === undefined) return undefined
  const own = family?.own().statuses.get(status)
  if (own !== undefined) return own
  const meaning = meaningOfStatus(status)
  return meaning === undefined ? undefined : { ...meaning, rule: `status ${status}` }
}

function findByLateWords(facts: Facts): Finding | undefined {
  const { text, words, status } = facts
  return (
    findByCode(facts, "vague") ??
    (status === undefined ? findByStatus(statusInText(text), facts.family) : undefined) ??
    findPhrase(late(), text, words)
  )
}

/** No status, no code, no JSON: nothing but words. */
function isBareText(
  { name, code }: Failure,
  { fieldCodes, roots }: Evidence,
  status: number | undefined,
): boolean {
  return (
    status === undefined &&
    name === undefined &&
    code === undefined &&
    fieldCodes.size === 0 &&
    roots.length === 0
  )
}

/**
 * What a failure means. Total: any input yields a verdict, in time that grows with the text's length and is
 * bounded by it. Evidence counts in this order: an abort; a code that proves; headers of an allowance; a
 * phrase of the provider (statuses lie); a code that hints; the HTTP status; a vague code; digits that a
 * text names as a status, when none is known; otherwise `unknown`.
 *
 * @param now milliseconds since 1970, for `retryAt`
 */
export function classify(failure: Failure, now: number): Verdict {
  const evidence = gatherEvidence(failure)
  const text = normalizeText([...evidence.texts].join("\n"))
  const abort = findAbort(failure, text)
  if (abort !== undefined) return { kind: "aborted", scope: "none", rule: abort }
  const status = statusOf(failure, evidence, text)
  if (isBareText(failure, evidence, status) && isProse(text)) {
    return { kind: "unknown", scope: "none", rule: "talk about failures" }
  }
  const facts: Facts = { evidence, family: familyOf(failure.provider), text, words: wordsOf(text), status }
  const finding =
    findByProof(facts) ??
    findByHeaders(facts) ??
    findByPhrase(facts) ??
    findByCode(facts, "hint") ??
    findByCodeWords(evidence.fieldCodes) ??
    findByStatus(status, facts.family) ??
    findByLateWords(facts)
  if (finding === undefined) return { kind: "unknown", scope: "none", rule: "nothing known fits" }
  const at = retryAtOf(failure, evidence, now)
  const refined = refineFinding(finding, facts.family, {
    text,
    status,
    waitMs: at === undefined ? undefined : at - now,
  })
  const verdict = { kind: refined.kind, scope: scopeOf(refined, facts.family), rule: refined.rule }
  return at === undefined || verdict.scope === "none" ? verdict : { ...verdict, retryAt: at }
}
