/** What was asked for is no longer there: the user has deleted the session in the meantime. No fault of anybody's. */
export class SessionGoneError extends Error {
  override readonly name = "SessionGoneError"
}

/** Also as OpenCode 2 says it, without a message (2.0.15). */
export function isSessionGone(error: unknown): error is Error {
  return (
    error instanceof SessionGoneError || (error instanceof Error && error.name === "Session.NotFoundError")
  )
}
