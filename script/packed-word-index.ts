import { foldText } from "../src/core/classify/normalize-text.ts"
import { bucketOf, buckets } from "../src/core/classify/words/buckets.ts"
import { type Concept, termLists } from "../src/core/classify/words/concepts.ts"
import type { PackedIndex } from "../src/core/classify/words/packed-index.ts"
import { inTraditional } from "./traditional-characters.ts"

type Lists = Record<"byWord" | "byStem" | "byCharacter", Map<string, string[]>>

function push(map: Map<string, string[]>, key: string, term: string): void {
  map.set(key, [...(map.get(key) ?? []), term])
}

function addTerm(lists: Lists, term: string, concept: number): void {
  if (term.charCodeAt(0) >= 0x3040) return push(lists.byCharacter, term.charAt(0), `${term}|${concept}|1`)
  const isOpen = term.endsWith("*")
  const text = isOpen ? term.slice(0, -1) : `${term} `
  const [first = "", ...more] = term.split(" ")
  const packed = `${text}|${concept}|${more.length + 1}`
  if (isOpen && more.length === 0) push(lists.byStem, first.slice(0, 3), packed)
  else push(lists.byWord, first, packed)
}

/** Lines of `key<Tab>terms`, in as many buckets as the reader expects. */
function packed(map: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const texts = Array.from({ length: buckets }, () => "\n")
  for (const [key, terms] of map) texts[bucketOf(key)] += `${key}\t${terms.join(";")}\n`
  return texts
}

/** The lists of words, arranged for looking up. */
export function packedWordIndex(): PackedIndex {
  const concepts = Object.keys(termLists) as Concept[]
  const lists: Lists = { byWord: new Map(), byStem: new Map(), byCharacter: new Map() }
  for (const [number, concept] of concepts.entries()) {
    const terms = termLists[concept].split(",").map((term) => foldText(term.trim()))
    for (const term of new Set(terms.flatMap((term) => [term, inTraditional(term)])))
      addTerm(lists, term, number)
  }
  return {
    concepts,
    byWord: packed(lists.byWord),
    byStem: packed(lists.byStem),
    byCharacter: packed(lists.byCharacter),
  }
}
