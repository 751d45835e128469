import { sentences, states, virtues } from "./states.ts"
import { subjects } from "./subjects.ts"

/** Every list of words, by the concept that it names. Only the generated index is read while OpenCode runs. */
export const termLists = { ...subjects, ...states, ...sentences, ...virtues } as const

export type Concept = keyof typeof termLists

/** What a subject is said to be where a negation stands in front of one of the {@link virtues}. */
export const negated: readonly (readonly [virtue: Concept, states: readonly Concept[]])[] = [
  ["usable", ["down"]],
  ["present", ["absent"]],
  ["valid", ["invalid"]],
  ["enough", ["lacking"]],
]
