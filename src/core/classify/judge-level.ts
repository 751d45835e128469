import type { FailureKind } from "../verdict.ts"
import { codesSaid } from "./codes-in-text.ts"
import { compose, type Composed, type Setting } from "./compose.ts"
import { fitsStatus, meaningOfStatus, refusesRequest } from "./http-statuses.ts"
import { isBrokenAnswer, isRequestCode, missingThing, validationIn } from "./is-validation.ts"
import { byCodeWords, tells, type Case, codeOf, graded, type Judged, reachOf } from "./judge-codes.ts"
import { type Finding, findPhrase, shared, transport } from "./knowledge.ts"
import { type Level, statusOf } from "./level.ts"

/** Statuses that say what is wrong. The others (400, 5xx) stand over anything. */
function isTelling(status: number): boolean {
  return status < 500 ? ![400, 409, 422].includes(status) : [504, 522, 524, 529].includes(status)
}

/** A conflict passes, unless the text says what is wrong with the request. */
function isRefusal(status: number | undefined): boolean {
  return status === undefined || status === 409 || refusesRequest(status)
}

/** What gateways say of a supplier's failure that they do not show. Under 400 it is no fault of the request. */
const saysNothing =
  /^(?:error from provider[^:]*: |error: |stream error: |: |, message: )?(?:provider returned (?:an )?error|openai_error|upstream(?: request)? (?:error|failed|failure)|do request failed|bad response status code(?: \d+)?|backend request failed.{0,20}|(?:failed|unable) to (?:get (?:an? )?response from|reach|contact|connect to) (?:the )?(?:(?:model|ai|llm|upstream) )?(?:provider|upstream|backend)|connection to (?:the )?upstream (?:refused|reset|closed|lost)|unknown error|error|request failed)\.?(?: (?:please )?(?:try again|retry)[\w ]{0,20}\.?)?(?:\nfailed after \d{1,3} attempts?)?$/

/** Its status, in words. */
const saysRefused = /^(?:\w{1,40}: )?bad request: /

function phraseOf({ family, answered }: Case, text: string): Finding | undefined {
  const own = family && findPhrase(family.own(), text)
  return own ?? (answered ? undefined : findPhrase(transport(), text)) ?? findPhrase(shared(), text)
}

/** Kinds that a refusal of the request may be told apart by, although it names a field. */
const kindsOfRefusal: ReadonlySet<FailureKind> = new Set([
  "context_overflow",
  "content_filter",
  "bad_request",
])

/** What is too long or unwanted, whatever words it is said in. */
const kindsOfLength: ReadonlySet<FailureKind | undefined> = new Set(["context_overflow", "content_filter"])
/** Accounts, models and crowds are refused in the words of validators. */
const kindsOfAccount: ReadonlySet<FailureKind | undefined> = new Set([
  "rate_limit",
  "overloaded",
  "auth",
  "billing",
  "quota",
  "model_not_found",
])

/** Fields that are no part of a request are "refused" with these: `"param": "quota"`. */
const kindsOfLimit: ReadonlySet<FailureKind> = new Set(["rate_limit", "quota", "billing"])

function refusal(rule: string): Judged {
  return { kind: "bad_request", scope: undefined, rule, grade: "clear" }
}

function byStatus({ family }: Case, status: number | undefined): Judged | undefined {
  if (status === undefined) return undefined
  const own = family?.own().statuses.get(status)
  if (own !== undefined) return { ...own, grade: "clear" }
  const meaning = meaningOfStatus(status)
  return meaning && { ...meaning, rule: `status ${status}`, grade: isTelling(status) ? "status" : "vague" }
}

/** Everything that the steps of {@link judgeLevel} look at. */
type Facts = {
  readonly level: Level
  readonly status: number | undefined
  readonly about: Case
  readonly codes: readonly string[]
  readonly text: string
  readonly phrase: Finding | undefined
  readonly composed: Composed | undefined
  /** For what its codes say by their words. */
  readonly ofCodes: Setting
}

function factsOf(level: Level, status: number | undefined, about: Case): Facts {
  const codes = [...level.codes, ...level.textCodes]
  const text = level.texts.join("\n")
  const ofCodes = { answered: about.answered, bare: false, status }
  return {
    level,
    status,
    about,
    codes,
    text,
    phrase: phraseOf(about, text),
    composed: compose(text, { ...ofCodes, bare: about.bare, codes }),
    ofCodes,
  }
}

/** A field of the request is named: only what a provider says in its own words outranks that. */
function byNamedField({ level, status, about, text, phrase, composed, ofCodes }: Facts): Judged | undefined {
  // A gateway's own 5xx around it says nothing of it.
  const isModel = composed?.kind === "model_not_found" && composed.grade === "clear"
  const mayBeRefused =
    isRefusal(status) ||
    (status === 404 && !isModel) ||
    (statusOf(level) === undefined && status !== undefined && status >= 500)
  if (!mayBeRefused) return undefined
  const code = level.codes.find(isRequestCode)
  const namesField = level.namesField || (status === 404 && missingThing.test(text))
  if ((!namesField && code === undefined) || phrase !== undefined) return undefined
  // `decimal_above_max_value` speaks of a value.
  const others = level.codes.filter((other) => !isRequestCode(other))
  const worded = byCodeWords(others, ofCodes)
  const coded = graded(codeOf(about, level.codes, "hint"), "clear") ?? worded
  if (coded !== undefined && kindsOfLimit.has(coded.kind)) return coded
  if (status === 404 && worded?.kind === "model_not_found") return worded
  if (composed !== undefined && kindsOfRefusal.has(composed.kind)) return composed
  // A code that says "parameter" without saying which: the text does.
  if (isModel && !namesField && validationIn(text) === undefined) return undefined
  return refusal(code === undefined ? "a field of the request is named" : `code ${code}`)
}

function byPhrase({ phrase, composed, status }: Facts): Judged | undefined {
  // An account that is empty outranks the rate limit it is refused with.
  if (phrase?.kind === "rate_limit" && composed?.kind === "billing" && composed.grade === "clear")
    return composed
  return phrase !== undefined && fitsStatus(phrase.kind, status) ? graded(phrase, "clear") : undefined
}

/** A field is refused in few words; pages and traces are longer. */
const refusalLength = 600

/** By a client, before it asks: a server's `PermissionDenied` has read the request. */
const thrown = /(?:error|exception)$/

/** Where no answer is known, the request may never have been read: "ConnectTimeout: …" says so in front. */
function wasNeverRead({ level, text, about, ofCodes }: Facts): boolean {
  if (about.answered) return false
  const begun = level.textCodes.filter((code) => text.startsWith(code.replaceAll("_", "")))
  const ahead = byCodeWords([...level.codes, ...begun], ofCodes)
  return ahead?.grade === "clear" && (!kindsOfAccount.has(ahead.kind) || thrown.test(ahead.rule))
}

/** A conflict that the same request meets again. */
const remains = /\bidempoten(?:cy|t)\b|\balready exists?\b/

/** Told in the words of a validator. Under a status that stands elsewhere it is little more than a sound. */
function byValidation(facts: Facts): Judged | undefined {
  const { text, status, composed, about } = facts
  if (wasNeverRead(facts)) return undefined
  // Some servers call what they refuse their own failure.
  const isFailure = status !== undefined && status >= 500 && text.length <= refusalLength
  if (!(isRefusal(status) || isFailure) || kindsOfLength.has(composed?.kind)) return undefined
  const strength = status === 409 && remains.test(text) ? "strong" : validationIn(text, isFailure)
  // "tools … are not allowed"
  const isAccount =
    kindsOfAccount.has(composed?.kind) && !(composed?.kind === "auth" && refusesRequest(status))
  const isOther = isAccount || (!about.answered && composed?.grade === "clear")
  // "… cannot be used while …" is said of a conflict that passes.
  if ((isFailure || status === 409) && strength === "weak") return undefined
  if (strength === undefined || (strength === "weak" && isOther)) return undefined
  const grade = about.answered && status === undefined ? "vague" : "clear"
  return { ...refusal("a field of the request is refused"), grade }
}

/** It was not our request but somebody else's answer that could not be read. */
const mayBeRelayed = /\b(?:upstream|provider|backend|supplier|origin)\b/

/** The words; where a code says the same, the code, which knows how far it reaches. */
function byWords(
  { level, composed, text, status, about, codes, ofCodes }: Facts,
  coded: Judged | undefined,
): Judged | undefined {
  const hint = graded(codeOf(about, codes, "hint"), "clear")
  const isClear = composed?.grade === "clear" && fitsStatus(composed.kind, status)
  // A server that gives its error a code was reached.
  const ofServer = composed?.kind === "network" ? byCodeWords(level.codes, ofCodes) : undefined
  if (ofServer?.grade === "clear") return ofServer
  // "Invalid … stream event": it is read, and makes no sense. "Unrecognized token '<'" is of no key.
  const isUnread = (composed?.kind === "network" || composed?.kind === "auth") && isBrokenAnswer(text)
  if (isClear && !isUnread && composed.kind !== hint?.kind) {
    const isModels = coded?.kind === composed.kind && coded.scope === "model"
    return { ...composed, scope: isModels ? "model" : reachOf(composed, about.answered, text) }
  }
  if ((status === undefined || mayBeRelayed.test(text)) && isBrokenAnswer(text)) {
    const grade = about.answered && !mayBeRelayed.test(text) ? "vague" : "clear"
    return { kind: "unavailable", scope: undefined, rule: "the answer is no JSON", grade }
  }
  return hint
}

/** What any failure may say. */
function vaguely(
  { composed, codes, status, text, about }: Facts,
  coded: Judged | undefined,
): Judged | undefined {
  if (status === 400 && saysNothing.test(text))
    return { kind: "unavailable", scope: undefined, rule: "a gateway that says nothing", grade: "vague" }
  const stated = byStatus(about, status ?? (saysRefused.test(text) ? 400 : undefined))
  if (stated?.kind === "bad_request") return kindsOfLength.has(composed?.kind) ? composed : stated
  const said = composed ?? coded ?? graded(codeOf(about, codes, "vague"), "vague") ?? stated
  return (
    said ??
    (codes.some(isRequestCode) ? { ...refusal("a code of a refused request"), grade: "vague" } : undefined)
  )
}

const perMinute = /\b(?:[rt]pm|qps|per (?:minute|min|second|sec))\b/

/**
 * What one error says of itself. In this order: a code that proves; that a field of the request is refused; a code
 * whose words tell; the provider's own words; words composed; a code that hints; the HTTP status; what any failure may
 * say.
 *
 * @param status its own, or that of what stands around it
 */
export function judgeLevel(level: Level, status: number | undefined, about: Case): Judged | undefined {
  const facts = factsOf(level, status, about)
  const proof = codeOf(about, facts.codes, "proof")
  // `insufficient_quota` under "exceeds tpm limit": a relay's word for any limit.
  const { composed } = facts
  const isClear = composed?.kind === "rate_limit" && composed.grade === "clear"
  const isBurst = proof?.kind === "billing" && isClear && perMinute.test(facts.text)
  const certain = graded(isBurst ? undefined : proof, "proof") ?? byNamedField(facts)
  if (certain !== undefined) return certain
  const coded = byCodeWords([...level.codes, ...codesSaid(level.textCodes, facts.text)], facts.ofCodes)
  const outright = tells(coded) ? coded : (byPhrase(facts) ?? byValidation(facts) ?? byWords(facts, coded))
  if (outright !== undefined) return outright
  if (coded?.grade === "clear") return coded
  const stated = byStatus(about, status)
  return stated !== undefined && stated.grade !== "vague" ? stated : vaguely(facts, coded)
}
