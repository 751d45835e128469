/** What was asked for is no longer there: the user has deleted the session in the meantime. No fault of anybody's. */
export class SessionGoneError extends Error {
  override readonly name = "SessionGoneError"
}
