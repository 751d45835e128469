import { spaceless, wordIndex } from "./word-index.ts"
import type { Concept, Term, WordIndex } from "./word-index.ts"

/** Where a concept is named: the numbers of its first and last word. */
export type Span = readonly [first: number, last: number]

export type Clause = {
  readonly marks: ReadonlyMap<Concept, readonly Span[]>
  /** Said to the reader ("please …"), not of the failure. */
  readonly isAdvice: boolean
  /** The number of its sentence, from 0. */
  readonly sentence: number
  /** Written in a script without spaces: its verb stands last. */
  readonly isSpaceless: boolean
}

type Draft = { marks: Map<Concept, Span[]>; isAdvice: boolean; sentence: number; isSpaceless: boolean }

const sentenceEnd = /[.!?;\n]+(?=\s|$)|[。！？；]/
const address = /\bhttps?:\/\/\S+/g
const quoted =
  /`[^`\n]{0,200}`|(?<![\p{L}\p{N}])'[^'\n]{1,300}'(?![\p{L}\p{N}])|"[^"\n]{1,300}"|[「“«][^」”»\n]{1,300}[」”»]/gu
const word = /[\p{L}\p{N}_]+(?:'\p{L}+)?/gu

/** A quote is an echo of the request, unless it is what a wrapper was told: `failed: "rate limit exceeded"`. */
function withoutEchoes(text: string): string {
  return text.replaceAll(quoted, (quote: string, at: number) => {
    const inner = quote.slice(1, -1)
    const isReport = /(?:^|[:=>(,]\s?)$/.test(text.slice(Math.max(0, at - 3), at)) && inner.includes(" ")
    return isReport && !quote.startsWith("`") ? ` ${inner} ` : " ¤ "
  })
}

function addMark(draft: Draft, concept: Concept, span: Span): void {
  const spans = draft.marks.get(concept)
  if (spans === undefined) draft.marks.set(concept, [span])
  else if (spans.length < 12) spans.push(span)
}

function fits(term: Term, words: readonly string[], at: number): boolean {
  const { rest, open } = term
  for (let index = 0; index < rest.length; index += 1) {
    const expected = rest[index] ?? ""
    const found = words[at + 1 + index]
    if (found === undefined) return false
    const isLast = index === rest.length - 1
    if (isLast && open ? !found.startsWith(expected) : found !== expected) return false
  }
  return true
}

const periods = /per_?(?:(day|month|week|hour)|(?:minute|second|min))/

function markWord(draft: Draft, index: WordIndex, words: readonly string[], at: number): void {
  const found = words[at] ?? ""
  for (const term of index.byWord.get(found) ?? []) {
    if (fits(term, words, at)) addMark(draft, term.concept, [at, at + term.rest.length])
  }
  for (const [stem, concept] of index.byStem.get(found.slice(0, 3)) ?? []) {
    if (found.startsWith(stem)) addMark(draft, concept, [at, at])
  }
  const period = found.length > 6 ? periods.exec(found) : null
  if (period !== null) addMark(draft, period[1] === undefined ? "short" : "lasting", [at, at])
}

/** Two characters count as one word. */
function markSpaceless(draft: Draft, index: WordIndex, run: string, at: number): number {
  for (let offset = 0; offset < run.length; offset += 1) {
    for (const [text, concept] of index.byCharacter.get(run.charAt(offset)) ?? []) {
      if (!run.startsWith(text, offset)) continue
      const first = at + offset / 2
      addMark(draft, concept, [first, first + text.length / 2 - 1])
    }
  }
  return run.length / 2
}

/** Numbers its words through; spaceless runs are searched. Advice begins a clause of its own. */
function markSentence(clauses: Clause[], sentence: string, number: number): void {
  const index = wordIndex()
  let draft: Draft = {
    marks: new Map(),
    isAdvice: false,
    sentence: number,
    isSpaceless: spaceless.test(sentence),
  }
  const words = sentence.match(word) ?? []
  if (draft.isSpaceless) {
    markMixed(draft, index, sentence, words)
  } else {
    for (let at = 0; at < words.length; at += 1) {
      markWord(draft, index, words, at)
      if (!draft.isAdvice && draft.marks.get("advice")?.some(([first]) => first === at) === true) {
        draft.marks.delete("advice")
        const rest: Draft = { ...draft, marks: new Map(), isAdvice: true }
        for (const [concept, spans] of draft.marks) {
          const moved = spans.filter(([first]) => first === at)
          if (moved.length > 0) rest.marks.set(concept, moved)
        }
        if (at > 0) clauses.push(draft)
        draft = rest
      }
    }
  }
  if (draft.marks.size > 0) clauses.push(draft)
}

function markMixed(draft: Draft, index: WordIndex, sentence: string, words: readonly string[]): void {
  const first = draft
  let at = 0
  for (const [number, found] of words.entries()) {
    if (spaceless.test(found)) {
      // A Latin word may stand in the run without a space: `api调用`.
      at += markSpaceless(first, index, found, at)
      const latin = found.match(/[a-z]{2,}/g) ?? []
      for (const part of latin) markAt(first, index, [part], at)
    } else {
      markAt(first, index, words.slice(number, number + 4), at)
      at += 1
    }
  }
  // Korean writes spaces within its terms.
  if (/[\uAC00-\uD7AF]/.test(sentence)) markSpaceless(first, index, sentence, 0)
}

function markAt(draft: Draft, index: WordIndex, words: readonly string[], at: number): void {
  const local: Draft = { ...draft, marks: new Map() }
  markWord(local, index, words, 0)
  for (const [concept, spans] of local.marks) {
    for (const [first, last] of spans) addMark(draft, concept, [at + first, at + last])
  }
}

/**
 * What a text speaks of, sentence by sentence.
 *
 * @param text normalised, see `normalizeText`
 */
export function markClauses(text: string): readonly Clause[] {
  const clauses: Clause[] = []
  const plain = withoutEchoes(text.replaceAll(address, " ")).replaceAll(
    / ?\/ ?(?=(?:min|minute|sec|second|hour|day|week|month)\b)/g,
    " per ",
  )
  for (const [number, sentence] of plain.split(sentenceEnd).entries()) markSentence(clauses, sentence, number)
  return clauses
}
