import type { Cooldown } from "./circuit.ts"
import type { FailureKind } from "./verdict.ts"

export type SkipReason =
  | { readonly why: "tried"; readonly kind?: FailureKind }
  | { readonly why: "earlier-in-chain" }
  | ({ readonly why: "cooling-down" } & Cooldown)
  | { readonly why: "held" }
  | { readonly why: "being-probed"; readonly until: number }
  | ({ readonly why: "provider-tripped"; readonly provider: string } & Cooldown)
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
  /** It can take the turn, but OpenCode would sum up what the session holds. */
  | { readonly why: "would-compact" }
  /** OpenCode would do so behind each step: what the model is said to take leaves nothing beside its answer. */
  | { readonly why: "compacts-without-end" }
  | { readonly why: "not-allowed"; readonly rule: string }

/**
 * What kind of obstacle a reason is. `cooldown`: over with time. `hold`: until a person ends it. `absent`: OpenCode
 * does not have the model. `unfit`: as things are set, it takes no turn at all. `turn`: of this turn alone.
 */
export type Obstacle = "cooldown" | "hold" | "absent" | "unfit" | "turn"

const obstacles: Readonly<Record<SkipReason["why"], Obstacle>> = {
  tried: "turn",
  "earlier-in-chain": "turn",
  "cooling-down": "cooldown",
  held: "hold",
  "being-probed": "cooldown",
  "provider-tripped": "cooldown",
  "provider-held": "hold",
  "near-limit": "turn",
  "catalog-unknown": "turn",
  "not-connected": "absent",
  "unknown-model": "absent",
  "not-offered": "unfit",
  "no-images": "turn",
  "no-pdf": "turn",
  "no-tools": "unfit",
  "window-too-small": "turn",
  "would-compact": "turn",
  "compacts-without-end": "unfit",
  "not-allowed": "unfit",
}

export function obstacleOf({ why }: SkipReason): Obstacle {
  return obstacles[why]
}
