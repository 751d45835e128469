import type { Concept } from "./concepts.ts"
import { bucketOf } from "./buckets.ts"
import { openPair } from "./open-pair.ts"
import type { Packed } from "./packed-index.ts"
import { packedIndex } from "./word-index.generated.ts"

export type Term = {
  /** As it must stand in the text from its first character on; with a blank behind it unless any ending will do. */
  readonly text: string
  readonly concept: Concept
  /** How many words it has. */
  readonly words: number
}

/** What one word says, and whether terms of several words begin with it. */
export type WordFacts = { readonly terms: readonly Term[]; readonly begins: boolean }

/** Words are few and come again; beyond this they are somebody's prose. */
const maxKnown = 4000

const facts = new Map<string, WordFacts | undefined>()
const pairs = new Map<string, readonly Term[]>()
const characters = new Map<string, readonly Term[]>()

function readTerm(packed: string): Term[] {
  const [text = "", number, words] = packed.split("|")
  const concept = packedIndex.concepts[Number(number)]
  return concept === undefined ? [] : [{ text, concept, words: Number(words) }]
}

function unpack(list: Packed, key: string): readonly Term[] {
  const bucket = list[bucketOf(key)] ?? ""
  const line = bucket.indexOf(`\n${key}\t`)
  if (line < 0) return []
  return bucket
    .slice(line + key.length + 2, bucket.indexOf("\n", line + 1))
    .split(";")
    .flatMap(readTerm)
}

function remember<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const value = known.get(key)
  if (value !== undefined || known.has(key)) return value as Value
  const made = make()
  if (known.size < maxKnown) known.set(key, made)
  return made
}

function readWord(word: string): WordFacts | undefined {
  const { byWord, byStem, byPair } = packedIndex
  const stems = unpack(byStem, word.slice(0, 3)).filter(({ text }) => word.startsWith(text))
  const terms = [...unpack(byWord, word), ...stems]
  const begins = byPair[bucketOf(word)]?.includes(`\n${word} `) === true
  return terms.length === 0 && !begins ? undefined : { terms, begins }
}

/** @returns `undefined` for a word that says nothing */
export function factsOf(word: string): WordFacts | undefined {
  return remember(facts, word, () => readWord(word))
}

/** Terms of several words that begin with these two; the third and further words are still to be compared. */
export function termsOfPair(first: string, second: string): readonly Term[] {
  const { byPair } = packedIndex
  return remember(pairs, `${first} ${second}`, () => [
    ...unpack(byPair, `${first} ${second}`),
    ...unpack(byPair, openPair(first, second)),
  ])
}

/** Terms in scripts without spaces that begin with this character. */
export function termsOfCharacter(character: string): readonly Term[] {
  return remember(characters, character, () => unpack(packedIndex.byCharacter, character))
}
