import { retryAtOf } from "../retry-at/retry-at.ts"
import { emptyAnswerName, type Failure, type Verdict } from "../verdict.ts"
import { statesFailure } from "./compose.ts"
import { type Evidence, gatherEvidence } from "./evidence.ts"
import { findAbort } from "./find-abort.ts"
import { isProse, talksOfStatuses } from "./is-prose.ts"
import type { Case, Judged } from "./judge-codes.ts"
import { judgeLevel } from "./judge-level.ts"
import { familyOf, type Finding, scopeOf } from "./knowledge.ts"
import { isUncoded, type Level, statusOf } from "./level.ts"
import { refineFinding } from "./refine-finding.ts"
import { explains } from "./words/explains.ts"
import { markClauses } from "./words/mark-clauses.ts"

/** Allowances that only headers tell apart from a burst limit. */
function findByHeaders({ headers }: Evidence, status: number | undefined): Finding | undefined {
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

/** `RateLimited { retry_after_ms: 5000 }` in a sentence is no error's object. */
function isWordless(root: object): boolean {
  return Object.values(root).every((value) => typeof value === "number" || typeof value === "boolean")
}

/** No status, no code, no object that says anything: nothing but words. */
function isBareText({ name, code }: Failure, { levels, roots }: Evidence): boolean {
  return name === undefined && code === undefined && roots.every(isWordless) && isUncoded(levels)
}

/** Explains failures, to nobody in particular, in its first sentence; "503 Service Unavailable. This is usually…" is the second. */
function isLecture({ texts }: Level): boolean {
  const text = texts.join("\n")
  return (
    !text.startsWith(".") && markClauses(text).some((clause) => clause.sentence === 0 && explains(clause))
  )
}

/**
 * "System MUST handle HTTP 429", "Raises: AuthenticationError": what begins as talk, or has talk in front of a status
 * that it names, reports nothing.
 */
function beginsAsTalk({ levels }: Evidence): boolean {
  if (levels.some(isLecture)) return true
  const [outer, ...inner] = levels
  // What begins with a status reports it.
  if (outer === undefined || outer.namedStatus !== undefined) return false
  const clauses = markClauses(outer.texts.join("\n"))
  // What begins with the reader or an error goes on with what it likes.
  const opening = clauses.find(({ words }) => words > 0)?.marks
  if (opening?.has("reader") === true || opening?.has("report") === true) return false
  const namesStatus = inner.some(({ namedStatus }) => namedStatus !== undefined)
  for (const clause of clauses) {
    const { marks, sentence } = clause
    const talk = marks.get("talk")
    if (talk !== undefined && (namesStatus || (sentence === 0 && talk.some(([at]) => at === 0)))) return true
    // What has stated its failure goes on with what it likes, too.
    if (statesFailure(clause)) return false
  }
  return false
}

/** The outermost status that is known: the HTTP answer's, a field's, or one that a text names. */
function firstStatus({ levels }: Evidence): number | undefined {
  for (const level of levels) {
    const status = statusOf(level)
    if (status !== undefined) return status
  }
  return undefined
}

/** The innermost error that says what is wrong; where none does, the innermost that says anything. */
function judge({ levels }: Evidence, about: Case): Judged | undefined {
  let best: Judged | undefined
  for (const level of levels.toSorted((a, b) => b.depth - a.depth)) {
    const judged = judgeLevel(level, statusOf(level) ?? level.around, about)
    if (judged === undefined) continue
    if (judged.grade === "proof" || judged.grade === "clear") return judged
    if (best === undefined || (best.grade === "vague" && judged.grade === "status")) best = judged
  }
  return best
}

/**
 * What a failure means. Total: any input yields a verdict, in time that grows with the text's length and is
 * bounded by it. Errors within errors are judged from the innermost outwards, see `judgeLevel`; an abort counts
 * before all, headers of an allowance before everything but a code that proves.
 *
 * @param now milliseconds since 1970, for `retryAt`
 */
export function classify(failure: Failure, now: number): Verdict {
  if (failure.name === emptyAnswerName)
    return { kind: "empty_answer", scope: "model", rule: "nothing in the answer" }
  const evidence = gatherEvidence(failure)
  const { text } = evidence
  const abort = findAbort(failure, evidence)
  if (abort !== undefined) return { kind: "aborted", scope: "none", rule: abort }
  const bare = isBareText(failure, evidence)
  if (
    bare &&
    (isProse(text) || talksOfStatuses(failure.body ?? failure.message ?? "") || beginsAsTalk(evidence))
  )
    return { kind: "unknown", scope: "none", rule: "talk about failures" }
  const family = familyOf(failure.provider)
  const status = firstStatus(evidence)
  const judged = judge(evidence, { family, answered: status !== undefined, bare })
  const finding = judged?.grade === "proof" ? judged : (findByHeaders(evidence, status) ?? judged)
  if (finding === undefined) return { kind: "unknown", scope: "none", rule: "nothing known fits" }
  const told = retryAtOf(failure, evidence, now)
  const refined = refineFinding(finding, family, {
    text,
    status,
    waitMs: (told ?? now) - now,
  })
  const verdict = { kind: refined.kind, scope: scopeOf(refined, family), rule: refined.rule }
  const at = failure.forAllKeys?.backAt ?? told
  return at === undefined || at <= now || verdict.scope === "none" ? verdict : { ...verdict, retryAt: at }
}
