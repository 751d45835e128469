import { field } from "./json-object.ts"

/** How full the window was, from the counts that OpenCode keeps of an answer (1 and 2). Odd counts are nothing. */
export function tokensUsed(tokens: unknown): number {
  const cache = field(tokens, "cache")
  const counts = [
    field(tokens, "input"),
    field(tokens, "output"),
    field(cache, "read"),
    field(cache, "write"),
  ]
  return counts.reduce<number>((sum, count) => sum + (typeof count === "number" && count > 0 ? count : 0), 0)
}

/**
 * How full the window is behind an answer of OpenCode 1. A summary stands for all that was said before it, and only
 * what it says is sent again.
 */
export function tokensBehind(answer: unknown): number {
  const tokens = field(answer, "tokens")
  return tokensUsed(field(answer, "summary") === true ? { output: field(tokens, "output") } : tokens)
}
