/**
 * Everything that is known of a failure, from whichever path it came: an HTTP response, an error frame in
 * the middle of a stream, an exception of `fetch`, `session.error`, an assistant message's `error`, or the
 * text of `session.status`. Every field may be missing.
 */
export type Failure = {
  /** OpenCode's provider id, such as `anthropic`: of the model in use, which only whoever judges the failure has to know. */
  readonly provider?: string | undefined
  readonly status?: number | undefined
  /** Names in lower case. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** The response body, or the error frame's text, as received. */
  readonly body?: string | undefined
  /** `Error.name` or OpenCode's error name (`APIError`, `MessageAbortedError`, …). */
  readonly name?: string | undefined
  /** `Error.code`, such as `ECONNREFUSED`. */
  readonly code?: string | undefined
  readonly message?: string | undefined
  /** What was thrown, so that it can be thrown again. Says nothing that the other fields do not say. */
  readonly thrown?: unknown
  readonly forAllKeys?: ForAllKeys | undefined
}

/** What holds of an answer that stands for those of several keys. */
export type ForAllKeys = {
  /** One of them may take other sessions: it says nothing of the model. */
  readonly concernsOneSession?: boolean
  /** When the first of them is back, whatever the answer says; milliseconds since 1970. */
  readonly backAt?: number
}

/** `Failure.name` of an answer in which nothing stands: no provider says so itself. */
export const emptyAnswerName = "EmptyAnswerError"

export const failureKinds = [
  "rate_limit",
  "overloaded",
  "unavailable",
  "server_error",
  "timeout",
  "network",
  "quota",
  "billing",
  "auth",
  "model_not_found",
  "empty_answer",
  "context_overflow",
  "bad_request",
  "content_filter",
  "aborted",
  "unknown",
] as const

export type FailureKind = (typeof failureKinds)[number]

/** What these say holds for the request, not for the model: the next session may use it at once. */
export const concernsOnlyThisRequest: ReadonlySet<FailureKind> = new Set([
  "bad_request",
  "context_overflow",
  "content_filter",
])

/** How far a failure reaches: this model only, all models of its provider, or nothing but this request. */
export type FailureScope = "model" | "provider" | "none"

export type Verdict = {
  readonly kind: FailureKind
  readonly scope: FailureScope
  /** When the provider says that it will be well again: milliseconds since 1970. Never in the past. */
  readonly retryAt?: number
  /** The rule that decided, for people: `anthropic: error.type overloaded_error`, `status 429`. */
  readonly rule: string
}
