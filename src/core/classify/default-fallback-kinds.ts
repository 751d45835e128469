import type { FailureKind } from "../verdict.ts"

/** The default of `fallback_on`: everything another model may cure without the user's help. */
export const defaultFallbackKinds = [
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
] as const satisfies readonly FailureKind[]
