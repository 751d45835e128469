import type { FailureKind, FailureScope } from "../verdict.ts"
import { type CompositionRule, compositionRules, type Grade } from "./composition-rules.ts"
import { refusesRequest } from "./http-statuses.ts"
import { isSourceCode } from "./is-prose.ts"
import { explains } from "./words/explains.ts"
import { type Clause, markClauses, type Span } from "./words/mark-clauses.ts"

export type Composed = {
  readonly kind: FailureKind
  readonly grade: Grade
  readonly rule: string
  readonly scope: FailureScope | undefined
}

/** Words between two spans; negative where they overlap. */
function gap([firstA, lastA]: Span, [firstB, lastB]: Span): number {
  return firstA > lastB ? firstA - lastB - 1 : firstB - lastA - 1
}

/** Where a rule fits: the number of the word that completes it; `undefined` where it does not. */
function fitsAt(
  { about, is, within = 0, ahead }: CompositionRule,
  { marks, isSpaceless }: Clause,
): number | undefined {
  for (const subject of about) {
    for (const span of marks.get(subject) ?? []) {
      if (is === undefined) return span[0]
      for (const state of is) {
        for (const other of marks.get(state) ?? []) {
          if (ahead === true && !isSpaceless && other[0] > span[0]) continue
          const words = gap(span, other)
          if (words >= 0 && words <= within) return Math.max(span[0], other[0])
        }
      }
    }
  }
  return undefined
}

export type Setting = {
  /** An HTTP answer is known. */
  readonly answered: boolean
  /** Nothing but words is known: talk about failures is no failure. */
  readonly bare: boolean
  readonly status?: number | undefined
  /** Codes beside the text: they may name a period. */
  readonly codes?: readonly string[]
}

function periodOf(codes: readonly string[]): "short" | "lasting" | undefined {
  for (const code of codes) {
    if (/per_?(?:minute|second|min)|(?:^|_)(?:rpm|tpm|qps)(?:_|$)/.test(code)) return "short"
    if (/per_?(?:day|month|week|hour)|daily|weekly|monthly|hourly|byday/.test(code)) return "lasting"
  }
  return undefined
}

/** An allowance or a burst, by its period: in the same clause, in a code, or in another clause. */
function byPeriod(kind: FailureKind, clause: Clause, { codes = [] }: Setting): FailureKind {
  if (kind !== "rate_limit" && kind !== "quota") return kind
  if (clause.marks.has("short")) return "rate_limit"
  if (clause.marks.has("lasting")) return "quota"
  const period = periodOf(codes)
  return period === "short" ? "rate_limit" : period === "lasting" ? "quota" : kind
}

/** "Rate limit", "API rate limit" */
const wordsAlone = 3

/** A rule that a clause fits, and the number of the word that completes it. */
type Stated = { readonly rule: CompositionRule; readonly at: number }

/** Kinds that leave the request where it is, whoever is right. */
const kindsOfRequest: ReadonlySet<FailureKind> = new Set(["context_overflow", "content_filter"])

/**
 * Whether a statement must come to its point, and be no talk: where nothing but words is known, and where the
 * request is refused, which may quote anything.
 */
function isDoubtful({ kind, grade }: CompositionRule, { bare, status }: Setting): boolean {
  return bare || (refusesRequest(status) && !kindsOfRequest.has(kind) && grade !== "vague")
}

function composeClause(clause: Clause, setting: Setting): Stated | undefined {
  const { answered, status } = setting
  for (const rule of compositionRules) {
    if (rule.offline === true && answered) continue
    if (rule.exceptUnder !== undefined && String(status).startsWith(rule.exceptUnder)) continue
    if (rule.alone === true && (clause.words > wordsAlone || clause.marks.has("talk"))) continue
    if (rule.unless?.some((concept) => clause.marks.has(concept)) === true) continue
    if (rule.with?.some((concept) => clause.marks.has(concept)) === false) continue
    const at = fitsAt(rule, clause)
    if (at === undefined) continue
    // "You must purchase credits": a refusal speaks so to the one who asked.
    const isTold = !setting.bare && clause.marks.has("reader")
    const isTalk =
      !isTold && clause.marks.get("talk")?.some(([first]) => first <= at || clause.isSpaceless) === true
    const isNoReport = isTalk || (setting.bare && clause.marks.has("machine")) || explains(clause)
    if (!isNoReport || !isDoubtful(rule, setting)) return { rule, at }
    // What is refused may be quoted: there talk ends the search.
    if (!setting.bare) return undefined
  }
  return undefined
}

/** Whether a clause of a text without any structure states a failure, and no vague one. */
export function statesFailure(clause: Clause): boolean {
  const stated = composeClause(clause, { answered: false, bare: true })
  return stated !== undefined && stated.rule.grade !== "vague"
}

/** An error that says little says it in few words. */
const vagueWords = 9
/** A report comes to its point. */
const wordsToThePoint = 20

/**
 * Whether a statement of a bare text tells of something else than a failure of this request: a report comes to its
 * point in its first sentences, or speaks to the one who asked; what says little is short.
 */
function isTale({ rule, at }: Stated, { sentence, words, marks }: Clause): boolean {
  if (marks.has("reader") || marks.has("later")) return false
  if (rule.grade === "vague") return sentence > 0 || words > vagueWords
  return !marks.has("report") && (sentence > 1 || at > wordsToThePoint)
}

/**
 * What one clause states, of itself.
 *
 * @param isReport a clause before it stated a failure
 */
function statementOf(clause: Clause, setting: Setting, isReport: boolean): Composed | undefined {
  const stated = composeClause(clause, setting)
  if (stated === undefined) return undefined
  if (!isReport && isDoubtful(stated.rule, setting) && isTale(stated, clause)) return undefined
  const { rule } = stated
  const [about] = rule.about
  const kind = byPeriod(rule.kind, clause, setting)
  const period = kind === rule.kind ? "" : ", by its period"
  const isYours = clause.marks.has("allowance") && clause.marks.has("reader")
  return {
    kind,
    grade: rule.grade ?? (clause.isAdvice && about !== "pay" ? "vague" : "clear"),
    // Requests and tokens are counted for each model, also by the day; "your usage limit" is the account's.
    scope:
      kind === "quota" && rule.kind === "rate_limit" && about === "rate" && !isYours ? "model" : undefined,
    rule: `words: ${[about, ...(rule.is ?? []).slice(0, 1)].join(" + ")}${period}`,
  }
}

/** "n_keep (15028) >= n_ctx (7424)": numbers compared, not a path through a menu. */
const comparison = /(?<=[\d)]) ?>=? ?(?=(?:\w{1,40}:? ?\(?)?\d)/g

/** What an empty account, or one whose allowance is spent, is refused with. */
const outranking: Readonly<Partial<Record<FailureKind, readonly FailureKind[]>>> = {
  rate_limit: ["billing"],
  unavailable: ["quota"],
}

function outranks({ kind }: Composed, { marks }: Clause, before: Composed): boolean {
  const isDenied = marks.has("talk") || (kind === "quota" && marks.has("not"))
  return !isDenied && outranking[before.kind]?.includes(kind) === true
}

/**
 * What a text means by the subjects and states that stand next to each other in one of its clauses. The first
 * clear statement counts, and advice ("please …") only where nothing is stated; see {@link outranking}.
 *
 * @param text normalised
 */
export function compose(text: string, setting: Setting): Composed | undefined {
  if ((setting.bare || refusesRequest(setting.status)) && isSourceCode(text)) return undefined
  const clauses = markClauses(text.includes(">") ? text.replaceAll(comparison, " exceeds ") : text)
  let best: Composed | undefined
  for (const advice of [false, true]) {
    for (const clause of clauses) {
      if (clause.isAdvice !== advice) continue
      const stated = statementOf(clause, setting, best?.grade === "clear")
      if (stated === undefined) continue
      const isClear = stated.grade === "clear"
      if (best?.grade === "clear" && !(isClear && outranks(stated, clause, best))) continue
      if (isClear && (best?.grade === "clear" || outranking[stated.kind] === undefined)) return stated
      best = isClear ? stated : (best ?? stated)
    }
    if (best?.grade === "clear") return best
  }
  return best
}
