import { bucketOf } from "./buckets.ts"
import type { Concept } from "./concepts.ts"
import type { Packed } from "./packed-index.ts"
import { packedIndex } from "./word-index.generated.ts"

export type Term = {
  /** As it must stand in the text from its first character on; with a blank behind it unless any ending will do. */
  readonly text: string
  readonly concept: Concept
  /** How many words it has. */
  readonly words: number
}

type Known = Map<string, readonly Term[]>

/** Words are few and come again; beyond this they are somebody's prose, and all are forgotten: no look-up pays for an order. */
const mostKnown = 4000

const words: Known = new Map()
const characters: Known = new Map()

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

function remember(known: Known, key: string, read: () => readonly Term[]): readonly Term[] {
  const found = known.get(key)
  if (found !== undefined) return found
  if (known.size >= mostKnown) known.clear()
  const terms = read()
  known.set(key, terms)
  return terms
}

/** Terms that may begin with this word; the text behind it is still to be compared. */
export function termsOfWord(word: string): readonly Term[] {
  const { byWord, byStem } = packedIndex
  return remember(words, word, () => [...unpack(byWord, word), ...unpack(byStem, word.slice(0, 3))])
}

/** Terms in scripts without spaces that begin with this character. */
export function termsOfCharacter(character: string): readonly Term[] {
  return remember(characters, character, () => unpack(packedIndex.byCharacter, character))
}
