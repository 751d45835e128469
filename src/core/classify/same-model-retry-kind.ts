import type { Failure, FailureKind, Verdict } from "../verdict.ts"

/** Statuses of a single failed run rather than of a service that is down. */
const transientStatuses = new Set([500, 502, 520])

/**
 * Under which key of `same_model_retries` a failure counts. The corpus labels every 5xx `unavailable`;
 * a plain 500 or 502 without a phrase or code is what the settings call `server_error`.
 */
export function sameModelRetryKind(verdict: Verdict, failure: Failure): FailureKind {
  const isPlain = verdict.kind === "unavailable" && transientStatuses.has(failure.status ?? 0)
  return isPlain ? "server_error" : verdict.kind
}
