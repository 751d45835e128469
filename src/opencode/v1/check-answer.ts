/**
 * The SDK resolves with `{ error }` instead of rejecting.
 *
 * @throws Error that says what OpenCode refused, with at most 300 characters of its answer
 */
export function check(what: string, answer: { readonly error?: unknown }): void {
  if (answer.error === undefined) return
  throw new Error(`OpenCode refused to ${what}: ${describe(answer.error)}`)
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : JSON.stringify(error)
  return text.slice(0, 300)
}
