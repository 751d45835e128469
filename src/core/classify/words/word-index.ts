import type { Concept } from "./concepts.ts"
import { openPair } from "./open-pair.ts"
import { wordIndexJson } from "./word-index.generated.ts"

/** By key: `text|concept|words` of each term, `;` between them. Read when a text holds the key. */
type Packed = Readonly<Record<string, string>>

export type PackedIndex = {
  /** By their numbers. */
  readonly concepts: readonly Concept[]
  readonly byWord: Packed
  /** Terms of several words by the first two, see `openPair`. */
  readonly byPair: Packed
  /** Terms of one word with any ending, by its first three letters. */
  readonly byStem: Packed
  /** Scripts without spaces, by the first character. */
  readonly byCharacter: Packed
  /** The words that terms of several words begin with. */
  readonly firstWords: Packed
}

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

let parsed: PackedIndex | undefined
const facts = new Map<string, WordFacts | undefined>()
const pairs = new Map<string, readonly Term[]>()
const characters = new Map<string, readonly Term[]>()

/** Parsed at the first failure: most starts of OpenCode never meet one. */
function wordIndex(): PackedIndex {
  return (parsed ??= JSON.parse(wordIndexJson) as PackedIndex)
}

function unpack(list: Packed, key: string): readonly Term[] {
  // `constructor` and its kin are no keys.
  if (!Object.hasOwn(list, key)) return []
  const { concepts } = wordIndex()
  return (list[key] ?? "").split(";").flatMap((term) => {
    const [text = "", number, words] = term.split("|")
    const concept = concepts[Number(number)]
    return concept === undefined ? [] : [{ text, concept, words: Number(words) }]
  })
}

function remember<Value>(known: Map<string, Value>, key: string, make: () => Value): Value {
  const value = known.get(key)
  if (value !== undefined || known.has(key)) return value as Value
  const made = make()
  if (known.size < maxKnown) known.set(key, made)
  return made
}

function readWord(word: string): WordFacts | undefined {
  const { byWord, byStem, firstWords } = wordIndex()
  const stems = unpack(byStem, word.slice(0, 3)).filter(({ text }) => word.startsWith(text))
  const terms = [...unpack(byWord, word), ...stems]
  const begins = Object.hasOwn(firstWords, word)
  return terms.length === 0 && !begins ? undefined : { terms, begins }
}

/** @returns `undefined` for a word that says nothing */
export function factsOf(word: string): WordFacts | undefined {
  return remember(facts, word, () => readWord(word))
}

/** Terms of several words that begin with these two; the third and further words are still to be compared. */
export function termsOfPair(first: string, second: string): readonly Term[] {
  const { byPair } = wordIndex()
  return remember(pairs, `${first} ${second}`, () => [
    ...unpack(byPair, `${first} ${second}`),
    ...unpack(byPair, openPair(first, second)),
  ])
}

/** Terms in scripts without spaces that begin with this character. */
export function termsOfCharacter(character: string): readonly Term[] {
  return remember(characters, character, () => unpack(wordIndex().byCharacter, character))
}
