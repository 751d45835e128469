import {
  backAt,
  type CircuitKey,
  type CircuitRecord,
  type CircuitState,
  modelHealth,
} from "../core/circuit.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"

/** How a model is doing, as far as the panel tells one state from another. */
export type ModelStanding =
  | { readonly is: "well" }
  /** Nothing is known of it: it has not been asked here. */
  | { readonly is: "untried" }
  | { readonly is: "cooling"; readonly until: number; readonly kind: FailureKind }
  /** The whole provider is out: a dead key, an empty wallet. */
  | { readonly is: "tripped"; readonly until: number; readonly kind: FailureKind }
  | { readonly is: "held" }
  /** Its cooldown is over; the next request tells. */
  | { readonly is: "due" }

export function modelStanding(
  model: ModelKey,
  facts: {
    readonly circuit: (key: CircuitKey) => CircuitRecord | undefined
    readonly tried: boolean
    readonly now: number
  },
): ModelStanding {
  const { provider: whole, model: single } = modelHealth(model, facts.circuit, facts.now)
  // The order of `circuitReason`: what stops a request is what is shown.
  return (
    openStanding(whole, "tripped") ??
    openStanding(single, "cooling") ??
    (whole.state === "half-open" || single.state === "half-open"
      ? { is: "due" }
      : { is: facts.tried ? "well" : "untried" })
  )
}

function openStanding(state: CircuitState, is: "tripped" | "cooling"): ModelStanding | undefined {
  if (state.state !== "open") return undefined
  return state.held ? { is: "held" } : { is, until: backAt(state), kind: state.kind }
}

/** Whether the text of this standing changes with the clock. */
export function countsDown(standing: ModelStanding): boolean {
  return standing.is === "cooling" || standing.is === "tripped"
}
