import { sentences, states } from "./states.ts"
import { subjects } from "./subjects.ts"
import type { Sentence, State } from "./states.ts"
import type { Subject } from "./subjects.ts"

export type Concept = Subject | State | Sentence

export type Term = {
  readonly concept: Concept
  /** The words after the first. */
  readonly rest: readonly string[]
  /** Whether the last word may have any ending. */
  readonly open: boolean
}

export type WordIndex = {
  /** By the first word. */
  readonly byWord: ReadonlyMap<string, readonly Term[]>
  /** Single words with any ending, by their first three letters, then as written. */
  readonly byStem: ReadonlyMap<string, readonly (readonly [stem: string, concept: Concept])[]>
  /** Scripts without spaces, by the first character. */
  readonly byCharacter: ReadonlyMap<string, readonly (readonly [text: string, concept: Concept])[]>
}

/** Han, kana and Hangul. */
export const spaceless = /[\u3040-\u30FF\u3400-\u9FFF\uAC00-\uD7AF]/

function push<Value>(map: Map<string, Value[]>, key: string, value: Value): void {
  const values = map.get(key)
  if (values === undefined) map.set(key, [value])
  else values.push(value)
}

function buildIndex(): WordIndex {
  const byWord = new Map<string, Term[]>()
  const byStem = new Map<string, (readonly [string, Concept])[]>()
  const byCharacter = new Map<string, (readonly [string, Concept])[]>()
  const groups = Object.entries({ ...subjects, ...states, ...sentences }) as [Concept, string][]
  for (const [concept, terms] of groups) {
    for (const written of terms.split(",")) {
      const term = written.trim()
      const open = term.endsWith("*")
      const text = open ? term.slice(0, -1).trim() : term
      if (spaceless.test(text)) {
        push(byCharacter, text.charAt(0), [text, concept])
        continue
      }
      const [first = "", ...rest] = text.split(" ")
      if (open && rest.length === 0) push(byStem, first.slice(0, 3), [first, concept])
      else push(byWord, first, { concept, rest, open })
    }
  }
  return { byWord, byStem, byCharacter }
}

let built: WordIndex | undefined

/** Built at the first failure: most starts of OpenCode never meet one. */
export function wordIndex(): WordIndex {
  return (built ??= buildIndex())
}
