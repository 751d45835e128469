import type { FailureKind, FailureScope } from "../verdict.ts"

export type { FailureKind, FailureScope } from "../verdict.ts"

/**
 * How much a code says by itself.
 * - `proof`: one meaning only, whatever else stands in the answer (`insufficient_quota`).
 * - `hint`: a category; a known phrase is more precise (`rate_limit_error` with "usage limit").
 * - `vague`: said of nearly anything; even the HTTP status is more precise (`invalid_request_error`).
 */
export type Strength = "proof" | "hint" | "vague"

type Meaning = {
  readonly kind: FailureKind
  /** Default: the table's, then {@link defaultScopes}. */
  readonly scope?: FailureScope
}

/** Codes, types, reasons and exception names in lower case, or a family of them, under the strength that they have. */
export type CodeRow = Meaning &
  ({ readonly proof: Codes } | { readonly hint: Codes } | { readonly vague: Codes })
type Codes = readonly (string | RegExp)[]

/** The text, in lower case, holds one of the phrases, and fits the pattern. */
export type PhraseRow = Meaning & { readonly phrases?: readonly string[]; readonly pattern?: RegExp }

export type StatusRow = Meaning & { readonly statuses: readonly number[] }

/** Each group of rows stands beneath its source: an address, or the name of a document. */
export type Row = CodeRow | PhraseRow | StatusRow

export type Table = {
  readonly family: string
  /** Provider ids of this family, in lower case. Without it the table holds for every provider. */
  readonly providers?: RegExp
  /** Where this family departs from {@link defaultScopes}. */
  readonly scopes?: Readonly<Partial<Record<FailureKind, FailureScope>>>
  /** A rate limit that lasts an hour or more is a spent allowance here, whatever it calls itself. */
  readonly longWaitIsQuota?: boolean
  /** Rows that mean this only when the family's own provider says them: bare numbers, common words. */
  readonly own?: readonly Row[]
  /** Rows that keep their meaning when a gateway or an unknown provider relays them. */
  readonly shared?: readonly Row[]
  /** Rows that hold only while no HTTP answer is known: what a server says of its own network is its outage. */
  readonly transport?: readonly Row[]
}

/**
 * The labelling convention of `test/fixtures/errors.jsonl`, where nothing more precise is known:
 * limits, overload and outages reach one model; money, keys, allowances and the network reach all models
 * of the provider; what is wrong with the request itself reaches nothing else.
 */
export const defaultScopes: Readonly<Record<FailureKind, FailureScope>> = {
  rate_limit: "model",
  overloaded: "model",
  unavailable: "model",
  server_error: "model",
  timeout: "model",
  network: "provider",
  quota: "provider",
  billing: "provider",
  auth: "provider",
  model_not_found: "model",
  empty_answer: "model",
  context_overflow: "none",
  bad_request: "none",
  content_filter: "none",
  aborted: "none",
  unknown: "none",
}
