import type { Concept } from "./concepts.ts"

/**
 * What is read when a text holds a key, and not before: lines of `key<Tab>terms`, in buckets (see `bucketOf`); each term
 * is `text|concept|words`, with `;` between them.
 */
export type Packed = readonly string[]

export type PackedIndex = {
  /** By their numbers. */
  readonly concepts: readonly Concept[]
  /** By their first word. */
  readonly byWord: Packed
  /** Terms of one word with any ending, by its first three letters. */
  readonly byStem: Packed
  /** Scripts without spaces, by the first character. */
  readonly byCharacter: Packed
}
