import type { FailureKind } from "./verdict.ts"

/** Why a candidate was passed over. */
export type SkipReason =
  | { readonly why: "tried"; readonly kind?: FailureKind }
  | { readonly why: "earlier-in-chain" }
  | { readonly why: "cooling-down"; readonly until: number; readonly kind: FailureKind }
  | { readonly why: "held" }
  | { readonly why: "being-probed"; readonly until: number }
  | {
      readonly why: "provider-tripped"
      readonly provider: string
      readonly until: number
      readonly kind: FailureKind
    }
  | { readonly why: "provider-held"; readonly provider: string }
  /** A turn does not begin there (`leave_at_percent`). `limit` says which limit is how full, for people. */
  | { readonly why: "near-limit"; readonly provider: string; readonly limit: string; readonly until: number }
  | { readonly why: "catalog-unknown" }
  | { readonly why: "not-connected"; readonly provider: string }
  | { readonly why: "unknown-model" }
  /** `provider/*`: the model in use is not to be had there. */
  | { readonly why: "not-offered"; readonly provider: string }
  | { readonly why: "no-images" }
  | { readonly why: "no-pdf" }
  | { readonly why: "no-tools" }
  | { readonly why: "window-too-small"; readonly contextTokens: number; readonly neededTokens: number }
  | { readonly why: "not-allowed"; readonly rule: string }
