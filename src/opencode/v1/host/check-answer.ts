import { field } from "../../../core/json-object.ts"
import { SessionGoneError } from "../../../host/session-gone.ts"

/**
 * The SDK resolves with `{ error }` instead of rejecting.
 *
 * @throws Error that says what OpenCode refused, with at most 300 characters of its answer; a `SessionGoneError` where
 *   OpenCode no longer has what it is about
 */
export function check(what: string, answer: { readonly error?: unknown }): void {
  if (answer.error === undefined) return
  const message = `OpenCode refused to ${what}: ${describe(answer.error)}`
  const isGone = field(answer.error, "name") === "NotFoundError"
  throw isGone ? new SessionGoneError(message) : new Error(message)
}

function describe(error: unknown): string {
  const text = error instanceof Error ? error.message : JSON.stringify(error)
  return text.slice(0, 300)
}
