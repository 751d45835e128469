/**
 * One error within a failure: what was thrown, the gateway's object around the supplier's, the supplier's own.
 * A text that names a status ("HTTP 503 - upstream answered 404: no such model") is one level inside the text
 * before it.
 */
export type Level = {
  /** 0 is what was thrown or answered; the provider's own error is the deepest. */
  readonly depth: number
  /** The HTTP status in its own fields. */
  fieldStatus: number | undefined
  /** The one that its text names. */
  namedStatus: number | undefined
  /** The status of what stands around it. */
  readonly around: number | undefined
  /** Codes, types, reasons and names out of fields, in lower case. */
  readonly codes: string[]
  /** What the text holds of codes: `insufficient balance (1008)`, `RateLimitError: …`. Less sure than a field. */
  readonly textCodes: string[]
  /** Whether it names a field of the request: `param`, `loc`. */
  namesField: boolean
  /** Normalised. */
  readonly texts: string[]
}

export function statusOf({ fieldStatus, namedStatus }: Level): number | undefined {
  return fieldStatus ?? namedStatus
}

/** Neither a status nor a code in any field. "error" is what every frame is called. */
export function isUncoded(levels: readonly Level[]): boolean {
  return levels.every(
    ({ fieldStatus, codes }) => fieldStatus === undefined && codes.every((code) => code === "error"),
  )
}
