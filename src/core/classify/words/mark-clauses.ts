import { BoundedMap } from "../../bounded-map.ts"
import type { Concept } from "./concepts.ts"
import { type Term, termsOfCharacter, termsOfWord } from "./word-index.ts"

/** Where a concept is named: the numbers of its first and last word. */
export type Span = readonly [first: number, last: number]

export type Clause = {
  readonly marks: ReadonlyMap<Concept, readonly Span[]>
  /** Said to the reader ("please …"), not of the failure. */
  readonly isAdvice: boolean
  /** The number of its sentence, from 0. */
  readonly sentence: number
  /** How many words it has. */
  readonly words: number
  /** Written in a script without spaces: its verb stands last. */
  readonly isSpaceless: boolean
}

type Draft = { readonly marks: Map<Concept, Span[]>; readonly isAdvice: boolean }

/** An error says what is wrong at its start; a relayed cause stands at its end. */
const firstSentences = 8
const lastSentences = 4

/** Han, kana and Hangul. */
const spaceless = /[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]/

/** Full-width marks are folded before, and no blank stands behind them: `过于频繁;如果`. An aside may stand for a sentence: `overloaded — usually for a moment`. */
const sentenceEnd =
  /[.!?;\n]+(?=\s|$)|[!?;](?=[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF])|。|[—–(|-] ?(?=(?:this |that |it )?(?:is )?(?:usually|typically|sometimes)\b)/
/** In front it is what is spoken of: "https://acme.test/v1 not found". */
const address = /\bhttps?:\/\/\S+/g
const quoted =
  /`[^`\n]{0,200}`|(?<![\p{L}\p{N}])'[^'\n]{1,300}'(?![\p{L}\p{N}])|"[^"\n]{1,300}"|[「“«][^」”»\n]{1,300}[」”»]/gu
const latinWord = /[a-z0-9_]+(?:'[a-z]+)?/g
/** A run of a spaceless script is a word of its own, also right behind a Latin one: `api调用`. */
const anyWord =
  /[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]+|(?:(?![\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF])[\p{L}\p{N}_])+(?:'\p{L}+)?/gu
const beyondAscii = /[\u0080-\uFFFF]/
/** `NVIDIA_NIM_API_KEY`: what it is the name of. */
const variable = /\b\w{1,60}_(api_?key|api_token|access_token|auth_token|secret_key)\b/g
/** What botocore, the AI SDK and servers put in front of every error. */
const preamble =
  /\b(?:(?:an error occurred \(\w{1,60}\) )?when calling the\s\w{1,60}\soperation\b|\berror (?:occurred )?(?:when|while) [\w ]{1,60}(?=:)|failed after \d{1,3} attempts?(?:\.\s*last error:|[.:]|$)\s*)/
/** `mistralai/mixtral-8x22b-instruct`, `gpt-5.6-sol`, `zai-coding-plan/glm`, but also `rate-limit/quota`. */
const joined = /(?<![\p{L}\p{N}_./-])[a-z][\w./]{0,60}-[\w./-]{1,120}/gu
/** With a digit, or several hyphens and a slash, a model's name, no row of words. */
const isName = /\d|-[^-]*-.*\/|-.*\/.*-|\/.*-.*-/
/** "rate-limit/quota-exceeded" */
const namesFailure = /limit|quota|credit|exceed|exhaust|overload|unavailable|timeout/
/** What LiteLLM and Hermes put behind every error, what stands in front of a message, gRPC's name for it, and what counts no requests by time. */
const labels =
  /\b(?:received model group|available model group fallbacks)=\S*|\bcontext: \d+ msgs?, ~?[\d,]+ tokens|\bmessage: |^unknown: |\bplan mode\b|\btoo many requests (?:in|per) (?:(?:an?|the|one|this|single) )*batch\b(?! queue)/g
/** Who acts is not what is missing: "model produced invalid sequence". */
const actingModel = /\bmodel(?= (?:returned|produced|generated|responded|replied|emitted)\b)/g
const owner = "(?:account|organi[sz]ation|team|project|user|tenant|workspace|key)"
/** A budget of tokens is no money: a step's, a subagent's or a plan's. Whose it is stands in front or behind. */
const tokenBudget = new RegExp(
  `\\b((?:your|${owner}(?: (?:has|have) \\w+ its)?) )?tokens? budget\\b(?=(?:(?: (?!for |of )\\w+){0,4} (?:for|of) (?:your|this|the) (?:api )?(${owner})\\b)?)`,
  "g",
)
/** `1000 calls / month`. */
const perUnit = / ?\/ ?(?=(?:min|minute|sec|second|hour|day|week|month)\b)/g

/** "50% of your allowance used": who is told of a part has the rest. */
const part = /(?<![\d.])(?!0+(?:\.0+)? ?%)\d{1,2}(?:\.\d{1,4})? ?% (?:of (?:\w+ ){0,3}\w+|\w+)/g

/** A status is no `line 403`. */
const reporting = /(?:^|[:=>(,]\s?|(?:^|\): |\b(?:with|returned|http|status|code|error) )[45]\d\d )$/
/** A quote is an echo of the request, unless it is what a wrapper was told: `failed: "rate limit exceeded"`, `403 "out of credits"`. */
export function withoutEchoes(text: string): string {
  if (!/["'`\u2018-\u201D\u300C\u00AB]/.test(text)) return text
  return text.replaceAll(quoted, (quote: string, at: number) => {
    const inner = quote.slice(1, -1)
    const isReport = reporting.test(text.slice(Math.max(0, at - 13), at)) && /[ ,。]/.test(inner)
    return isReport && !quote.startsWith("`") ? ` ${inner} ` : " ¤ "
  })
}

function addMark(draft: Draft, concept: Concept, span: Span): void {
  const spans = draft.marks.get(concept)
  if (spans === undefined) draft.marks.set(concept, [span])
  else if (spans.length < 12) spans.push(span)
}

/** The period in an identifier: `generate_requests_per_model_per_day`. */
const periods = /per_?(?:(day|month|week|hour)|(?:minute|second|min))/

type Found = {
  readonly word: string
  /** Its number, from 0; see {@link markRun} for numbers between. */
  readonly at: number
  /** Where it stands in the sentence's text. */
  readonly offset: number
}

/** Stands for any ending. A name may begin so, too: `overloaded_429.pdf`. */
function isOpenWord({ text, words }: Term): boolean {
  return words === 1 && !text.endsWith(" ")
}

/** @param text the sentence's words, each with a blank behind it */
function markWord(draft: Draft, text: string, { word, at, offset }: Found): void {
  const terms = termsOfWord(word).filter(
    (term) => text.startsWith(term.text, offset) && !(isOpenWord(term) && word.includes("_")),
  )
  // "billing" is no money in "billing cycle" and "billing tier".
  const least = terms.find(({ concept }) => concept === "lasting" || concept === "plan")?.words ?? 1
  for (const { concept, words } of terms) if (words >= least) addMark(draft, concept, [at, at + words - 1])
  const period = periods.exec(word)
  if (period !== null) addMark(draft, period[1] === undefined ? "short" : "lasting", [at, at])
}

/** Two characters count as one word. */
function markRun(draft: Draft, text: string, { word, at, offset }: Found): void {
  for (const [place, character] of word.split("").entries()) {
    for (const term of termsOfCharacter(character)) {
      if (!text.startsWith(term.text, offset + place)) continue
      const first = at + place / 2
      addMark(draft, term.concept, [first, first + term.text.length / 2 - 1])
    }
  }
}

/** Advice begins a clause of its own: what was marked at its first word belongs to it. */
function cutAt(draft: Draft, at: number): readonly [before: Draft, advice: Draft] {
  const before: Draft = { marks: new Map(), isAdvice: false }
  const advice: Draft = { marks: new Map(), isAdvice: true }
  for (const [concept, spans] of draft.marks)
    for (const span of spans) addMark(span[0] < at ? before : advice, concept, span)
  return [before, advice]
}

/** What a subject is said to be where a negation stands in front of a virtue. */
const negated: readonly (readonly [virtue: Concept, states: readonly Concept[]])[] = [
  ["usable", ["down"]],
  ["present", ["absent"]],
  ["valid", ["invalid"]],
  ["enough", ["lacking"]],
]

/** Words between a negation and what it denies: "is not currently available". */
const negationReach = 2

/** "Not available" is what is said of something that is down. */
function markNegations(draft: Draft): void {
  const negations = draft.marks.get("not") ?? []
  if (negations.length === 0) return
  for (const [virtue, states] of negated) {
    for (const [first, last] of draft.marks.get(virtue) ?? []) {
      const denial = negations.find(([, end]) => first > end && first - end - 1 <= negationReach)
      if (denial !== undefined) for (const state of states) addMark(draft, state, [denial[0], last])
    }
  }
}

/** Numbers its words through and notes what they name. */
function markSentence(clauses: Clause[], words: readonly string[], number: number): void {
  const text = `${words.join(" ")} `
  const isSpaceless = spaceless.test(text)
  let from = 0
  const add = (part: Draft, to: number): void => {
    markNegations(part)
    const { marks, isAdvice } = part
    clauses.push({ marks, isAdvice, sentence: number, words: to - from, isSpaceless })
    from = to
  }
  let draft: Draft = { marks: new Map(), isAdvice: false }
  let at = 0
  let offset = 0
  for (const [index, word] of words.entries()) {
    const isRun = spaceless.test(word)
    if (isRun) markRun(draft, text, { word, at, offset })
    else markWord(draft, text, { word, at, offset })
    if (!draft.isAdvice && draft.marks.get("advice")?.at(-1)?.[0] === at) {
      const [before, advice] = cutAt(draft, at)
      add(before, index)
      draft = advice
    }
    at += isRun ? word.length / 2 : 1
    offset += word.length + 1
  }
  add(draft, words.length)
}

/** Most texts hold none, and looking for them is a twentieth of a long text's time. */
function withoutNames(text: string): string {
  return text.includes("-")
    ? text.replaceAll(joined, (name) =>
        isName.test(name) && (/\d/.test(name) || !namesFailure.test(name)) ? " " : name,
      )
    : text
}

/** "Try again." tells nothing. */
const exclamation = 2

function readClauses(text: string): readonly Clause[] {
  const clauses: Clause[] = []
  const plain = withoutNames(
    withoutEchoes(text.replaceAll(address, (_, at: number) => (at === 0 ? " endpoint " : " "))).replace(
      preamble,
      "",
    ),
  )
    .replaceAll(variable, "api key")
    .replaceAll(labels, " ")
    .replaceAll(actingModel, "it")
    .replaceAll(
      tokenBudget,
      (_, whose?: string, ofWhom?: string) =>
        (whose ?? "") + ((whose ?? ofWhom) === undefined ? "token limit" : "allowance"),
    )
    .replaceAll(perUnit, " per ")
    .replaceAll(part, "a part of it")
  const word = beyondAscii.test(plain) ? anyWord : latinWord
  const sentences = [...new Set(plain.split(sentenceEnd))]
    .map((sentence): readonly string[] => sentence.match(word) ?? [])
    .filter(({ length }) => length > 0)
  let told = 0
  for (const [number, words] of sentences.entries()) {
    if (number < firstSentences || number >= sentences.length - lastSentences)
      markSentence(clauses, words, told)
    if (number === 0 || words.length > exclamation) told += 1
  }
  return clauses
}

/** An outage says the same words to every session, turn after turn. */
const known = new BoundedMap<string, readonly Clause[]>(64)

/**
 * What a text speaks of, sentence by sentence.
 *
 * @param text normalised, see `normalizeText`
 */
export function markClauses(text: string): readonly Clause[] {
  const clauses = known.get(text) ?? readClauses(text)
  known.set(text, clauses)
  return clauses
}
