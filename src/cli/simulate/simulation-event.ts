import type { ChainOrigin } from "../../core/chain.ts"
import type { Decision, PassReason } from "../../core/decide.ts"
import type { ModelKey } from "../../core/model-ref.ts"
import type { FailureKind, Verdict } from "../../core/verdict.ts"

/** An event before the clock has put its time to it. Texts are for people. */
export type NewEvent =
  | {
      readonly event: "prompt"
      readonly turn: number
      readonly model: ModelKey
      readonly origin: ChainOrigin
      readonly chain: readonly ModelKey[]
    }
  /** The model is not asked at all: it is known to be down, or cannot be used. */
  | {
      readonly event: "not-asked"
      readonly model: ModelKey
      readonly why: string
      readonly to: ModelKey | undefined
      readonly skipped: readonly string[]
    }
  | { readonly event: "answered"; readonly model: ModelKey }
  | { readonly event: "failed"; readonly model: ModelKey; readonly with: string; readonly verdict: Verdict }
  /** The identical request goes out with the provider's next key; the one before rests. */
  | {
      readonly event: "key-changed"
      readonly provider: string
      readonly fromKey: number
      readonly toKey: number
      readonly kind: FailureKind
      readonly forMs: number
    }
  | { readonly event: "repeated"; readonly model: ModelKey; readonly afterMs: number }
  | {
      readonly event: "switched"
      readonly from: ModelKey
      readonly to: ModelKey
      readonly skipped: readonly string[]
    }
  | { readonly event: "left-to-opencode"; readonly model: ModelKey; readonly why: PassReason }
  | {
      readonly event: "exhausted"
      readonly model: ModelKey
      readonly why: Extract<Decision, { do: "exhausted" }>["why"]
      readonly skipped: readonly string[]
      readonly soonest: { readonly model: string; readonly inMs: number } | undefined
      /** The turn waits for the first model that comes back (`when_exhausted`). */
      readonly waits: boolean
      /** The error that OpenCode shows at once; without it, and without waiting, OpenCode's own retries go on. */
      readonly refusal?: string
    }
  | { readonly event: "waits"; readonly forMs: number; readonly model: string }
  /** A circuit after a failure, as it stands in the store. */
  | { readonly event: "rests"; readonly subject: string; readonly forMs: number; readonly failures: number }
  | { readonly event: "toast"; readonly variant: string; readonly message: string }
  /** A step of the script that never came to pass. */
  | { readonly event: "unused"; readonly step: string }

/** One thing that happens in a dry run, with the milliseconds since its start. */
export type SimulationEvent = { readonly at: number } & NewEvent
