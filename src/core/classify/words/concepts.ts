import { sentences, states, virtues } from "./states.ts"
import { subjects } from "./subjects.ts"

/** Every list of words, by the concept that it names. Only the generated index is read while OpenCode runs. */
export const termLists = { ...subjects, ...states, ...sentences, ...virtues } as const

export type Concept = keyof typeof termLists
