import type { FailureKind, FailureScope } from "../verdict.ts"
import type { StatusRow } from "./rule.ts"

/** What is asked for is refused, not who asks. */
export function refusesRequest(status: number | undefined): boolean {
  return status === 400 || status === 422
}

/**
 * Under 401, 402 and 429 nothing is too long and nothing unwanted, whatever is said of tokens; 402 speaks of money,
 * not of a crowd, 413 of a size, not of time, 446 of nothing but contents.
 */
export function fitsStatus(kind: FailureKind, status: number | undefined): boolean {
  if (kind === "overloaded") return status !== 402
  if (kind === "timeout") return status !== 413
  if (status === 446) return kind === "content_filter"
  const isAsked = status === 401 || status === 402 || status === 429
  return !isAsked || (kind !== "context_overflow" && kind !== "content_filter")
}

/**
 * RFC 9110; 409 and 423 to 425 while a model is loaded, locked or exchanged; 446 Portkey's guardrails; 499 nginx;
 * 520 to 530 Cloudflare; 529 Anthropic. A 5xx is `unavailable` and reaches the model: that is what the corpus calls it. Cloudflare's own
 * statuses reach all models behind the same address.
 */
const rows: readonly StatusRow[] = [
  { statuses: [400, 405, 406, 411, 412, 414, 415, 416, 417, 422, 426, 431], kind: "bad_request" },
  { statuses: [401, 403, 407, 451], kind: "auth" },
  { statuses: [402], kind: "billing" },
  { statuses: [404, 410], kind: "model_not_found" },
  { statuses: [408, 499, 504, 598, 599], kind: "timeout" },
  { statuses: [413], kind: "context_overflow" },
  { statuses: [409, 423, 424, 425], kind: "unavailable" },
  { statuses: [429], kind: "rate_limit" },
  { statuses: [446], kind: "content_filter" },
  { statuses: [520, 521, 523, 525, 526, 527, 530], kind: "unavailable", scope: "provider" },
  { statuses: [522, 524], kind: "timeout", scope: "provider" },
  { statuses: [529], kind: "overloaded" },
]

export type StatusMeaning = { readonly kind: FailureKind; readonly scope: FailureScope | undefined }

const meanings = new Map<number, StatusMeaning>(
  rows.flatMap(({ statuses, kind, scope }) => statuses.map((status) => [status, { kind, scope }] as const)),
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
