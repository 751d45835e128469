import type { FailureKind, FailureScope } from "../verdict.ts"

/** What is asked for is refused, not who asks. */
export function refusesRequest(status: number | undefined): boolean {
  return status === 400 || status === 422
}

/**
 * Under 401, 402 and 429 nothing is too long and nothing unwanted, whatever is said of tokens; 402 speaks of money,
 * not of a crowd.
 */
export function fitsStatus(kind: FailureKind, status: number | undefined): boolean {
  if (kind === "overloaded") return status !== 402
  const isAsked = status === 401 || status === 402 || status === 429
  return !isAsked || (kind !== "context_overflow" && kind !== "content_filter")
}

type Row = readonly [status: number, kind: FailureKind, scope?: FailureScope]

/**
 * RFC 9110; 499 nginx; 520 to 530 Cloudflare; 529 Anthropic. A 5xx is `unavailable` and reaches the model:
 * that is what the corpus calls it. Cloudflare's own statuses reach all models behind the same address.
 */
const rows: readonly Row[] = [
  [400, "bad_request"],
  [401, "auth"],
  [402, "billing"],
  [403, "auth"],
  [404, "model_not_found"],
  [405, "bad_request"],
  [406, "bad_request"],
  [407, "auth"],
  [408, "timeout"],
  [409, "bad_request"],
  [410, "model_not_found"],
  [411, "bad_request"],
  [412, "bad_request"],
  [413, "context_overflow"],
  [414, "bad_request"],
  [415, "bad_request"],
  [416, "bad_request"],
  [417, "bad_request"],
  [422, "bad_request"],
  // The model is being loaded or exchanged.
  [423, "unavailable"],
  [424, "unavailable"],
  [425, "unavailable"],
  [426, "bad_request"],
  [429, "rate_limit"],
  [431, "bad_request"],
  // Portkey: a guardrail has refused it.
  [446, "content_filter"],
  [451, "auth"],
  [499, "timeout"],
  [504, "timeout"],
  [520, "unavailable", "provider"],
  [521, "unavailable", "provider"],
  [522, "timeout", "provider"],
  [523, "unavailable", "provider"],
  [524, "timeout", "provider"],
  [525, "unavailable", "provider"],
  [526, "unavailable", "provider"],
  [527, "unavailable", "provider"],
  [529, "overloaded"],
  [530, "unavailable", "provider"],
  [598, "timeout"],
  [599, "timeout"],
]

export type StatusMeaning = { readonly kind: FailureKind; readonly scope: FailureScope | undefined }

const meanings = new Map<number, StatusMeaning>(
  rows.map(([status, kind, scope]) => [status, { kind, scope }]),
)

/** @returns `undefined` below 300 and for a 4xx that says nothing. Every 3xx and 5xx means something. */
export function meaningOfStatus(status: number): StatusMeaning | undefined {
  const known = meanings.get(status)
  if (known !== undefined) return known
  // A step that is answered so has reached a proxy or a cache, and no model.
  if (status >= 300 && status <= 399) return { kind: "unavailable", scope: "provider" }
  if (status >= 500 && status <= 599) return { kind: "unavailable", scope: undefined }
  return undefined
}
