import type { FailureKind, FailureScope } from "../verdict.ts"
import { compose, type Composed, type Setting } from "./compose.ts"
import { type Family, findCode, type Finding, shared, type Strength, transport } from "./knowledge.ts"

/** `status` is what the HTTP status alone says, where it says something: words and codes of other levels outrank it. */
export type Grade = "proof" | "clear" | "status" | "vague"
export type Judged = Finding & { readonly grade: Grade }

export type Case = {
  readonly family: Family | undefined
  /** An HTTP answer is known, whichever level names it. */
  readonly answered: boolean
  /** Nothing but words is known. */
  readonly bare: boolean
}

export function graded(finding: Finding | undefined, grade: Grade): Judged | undefined {
  return finding === undefined ? undefined : { ...finding, grade }
}

/** The rows of the tables: the family's own first. */
export function codeOf(
  { family, answered }: Case,
  codes: readonly string[],
  strength: Strength,
): Finding | undefined {
  const own = family === undefined ? undefined : findCode(family.own(), codes, strength)
  // What the family's own table knows of a code outranks what it means elsewhere.
  const others = family === undefined ? codes : codes.filter((code) => !family.own().codes.has(code))
  const general = own ?? findCode(shared(), others, strength)
  return general ?? (answered ? undefined : findCode(transport(), codes, strength))
}

/** Without an answer a time-out reaches the whole provider, unless the connection stood already. */
export function reachOf(
  { kind, scope }: Composed,
  answered: boolean,
  text: string,
): FailureScope | undefined {
  if (kind !== "timeout" || answered) return scope
  return /\b(?:read|stream|body|headers?|idle|first token|output|inference|prediction|not respond within|model(?: \S+)?(?: has)? timed? ?out)\b/.test(
    text,
  )
    ? "model"
    : "provider"
}

/** What is no vendor's own, or says nothing of what is wrong: `model_invalid_request`. */
const isNoName = /invalid_request/

/** Whose limit a code names: `ModelAccountRpmRateLimitExceeded`, `user_global_rate_limited`. */
function limitedBy(kind: FailureKind, words: string): FailureScope | undefined {
  if (kind !== "rate_limit") return undefined
  if (/\bmodel\b/.test(words)) return "model"
  return /\b(?:account|organi[sz]ation|user|team|project|workspace|key)\b/.test(words)
    ? "provider"
    : undefined
}

/** What a vendor's own identifier says by its words: `RateLimitExceeded`, `acme_insufficient_balance`. */
export function byCodeWords(codes: readonly string[], setting: Setting): Judged | undefined {
  let vague: Judged | undefined
  for (const code of codes) {
    const isKnown = shared().codes.has(code) || shared().codes.has(code.replaceAll("_", ""))
    if (code.length > 80 || isNoName.test(code) || isKnown) continue
    const words = code.replaceAll(/[_.:-]+/g, " ")
    const found = compose(words, setting)
    if (found === undefined) continue
    const scope =
      limitedBy(found.kind, words) ?? reachOf({ ...found, scope: undefined }, setting.answered, words)
    const judged = { kind: found.kind, scope, rule: `code ${code}` }
    if (found.grade === "clear" && found.kind !== "unavailable") return { ...judged, grade: "clear" }
    vague ??= { ...judged, grade: "vague" }
  }
  return vague
}

/** What no text beside it can mean otherwise. "Unauthorized", "rate limited" and "busy" are also said of an empty account. */
const kindsThatTell: ReadonlySet<FailureKind> = new Set([
  "billing",
  "quota",
  "model_not_found",
  "context_overflow",
  "content_filter",
])

/** Whether a code says it outright by its words: the text beside it may speak of anything. */
export function tells(coded: Judged | undefined): boolean {
  return coded?.grade === "clear" && kindsThatTell.has(coded.kind)
}
