import type { FailureKind } from "../verdict.ts"

const words: Readonly<Record<FailureKind, string>> = {
  rate_limit: "rate limit reached",
  overloaded: "model is overloaded",
  unavailable: "service is unavailable",
  server_error: "server made an error",
  timeout: "no answer in time",
  network: "the connection failed",
  quota: "usage limit reached",
  billing: "out of credit",
  auth: "key was rejected",
  model_not_found: "model not found",
  empty_answer: "answered with nothing",
  context_overflow: "conversation is too long",
  bad_request: "request was refused",
  content_filter: "blocked by content filter",
  aborted: "stopped on purpose",
  unknown: "an unknown error",
}

/** Why a model was left, as the journal keeps it: a failure's kind, or in words what else kept a turn off it. */
export function explainSwitch({
  kind,
  cause,
}: {
  readonly kind?: FailureKind
  readonly cause?: string
}): string {
  return kind === undefined ? (cause ?? "cannot be used now") : explainKind(kind)
}

/** Two to five plain words for a toast: "anthropic/claude: rate limit reached". */
export function explainKind(kind: FailureKind): string {
  return words[kind]
}
