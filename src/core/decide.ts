import { lasting, mayRecover, ownRetries, triedMayRecover } from "./may-recover.ts"
import { type FallbackEntry, type ModelKey, sameModel } from "./model-ref.ts"
import { canTake, circuitReason, select, type SelectInput, type Skipped } from "./select.ts"
import type { FailureKind, Verdict } from "./verdict.ts"

export type DecisionPolicy = {
  /** Switches per turn, 0 or more. */
  readonly maxAttempts: number
  readonly patienceMs: number
  /** Further tries of the identical request on the same model, by kind. */
  readonly sameModelRetries: Readonly<Partial<Record<FailureKind, number>>>
}

/** Why a failure is left to OpenCode. */
export type PassReason = "switched-off" | "not-a-reason" | "provider-opted-out" | "patience" | "user-aborted"

export type Decision =
  | { readonly do: "pass"; readonly why: PassReason }
  /** Send the identical request once more to the same model. */
  | { readonly do: "repeat"; readonly afterMs: number }
  | { readonly do: "switch"; readonly to: FallbackEntry; readonly skipped: readonly Skipped[] }
  | {
      readonly do: "exhausted"
      readonly why: "no-chain" | "no-model-left" | "attempts-spent"
      readonly skipped: readonly Skipped[]
      readonly soonest?: SoonestBack
      /** Somebody may be well again while OpenCode's own retries last. */
      readonly mayRecover: boolean
    }

export type ExhaustedChain = Extract<Decision, { do: "exhausted" }>

const repeatPauseMs = 250
const repeatJitterMs = 250

/** Patience and repeats, which come before anything is held against the model. */
export function decideToStay(input: {
  readonly verdict: Verdict
  /** Whether the settings make this verdict a reason to fall back. */
  readonly isReason: boolean
  readonly policy: DecisionPolicy
  /** The kind under which `sameModelRetries` is looked up; see `sameModelRetryKind`. */
  readonly retryKind: FailureKind
  /** How often this very request has been repeated already; `undefined` when it cannot be repeated. */
  readonly repeats: number | undefined
  /** Whether others have found meanwhile that the model must not be asked. */
  readonly isDown: boolean
  /** When patience with this model began; `undefined`: it has not been waited for. */
  readonly patientSince?: number | undefined
  /** How often the turn has waited in a row, for whichever model: not all of OpenCode's own tries may go into that. */
  readonly patientTries: number
  /** A number in [0, 1). */
  readonly random: number
  readonly now: number
}): Decision | undefined {
  const { verdict, policy, now, patientSince = now } = input
  if (verdict.kind === "aborted") return { do: "pass", why: "user-aborted" }
  if (!input.isReason) return { do: "pass", why: "not-a-reason" }
  if (
    verdict.retryAt !== undefined &&
    policy.patienceMs > 0 &&
    input.patientTries < ownRetries &&
    verdict.retryAt - patientSince <= policy.patienceMs
  )
    return { do: "pass", why: "patience" }
  const allowed = input.isDown ? 0 : (policy.sameModelRetries[input.retryKind] ?? 0)
  if (input.repeats !== undefined && input.repeats < allowed)
    return { do: "repeat", afterMs: Math.round(repeatPauseMs + repeatJitterMs * input.random) }
  return undefined
}

/** Who takes over from a model that is given up. Its own failure must already stand in the circuits. */
export function decideSuccessor(input: {
  readonly policy: DecisionPolicy
  readonly selection: SelectInput
  /** Switches that this turn has made. */
  readonly attempts: number
  /** Whom a later try may come to: the user's own model and its whole chain, the model in use among them. */
  readonly mayReturn: readonly ModelKey[]
}): Decision {
  const { selection, attempts, policy } = input
  const { pick, skipped } = select(selection)
  if (pick && attempts < policy.maxAttempts) return { do: "switch", to: pick, skipped }
  const soonest = soonestBack(input.mayReturn, selection)
  // Whoever has not been tried will not be, once the attempts are spent.
  const within = pick ? selection.tried.map((tried) => tried.model) : input.mayReturn
  return {
    do: "exhausted",
    why: selection.candidates.length === 0 ? "no-chain" : pick ? "attempts-spent" : "no-model-left",
    skipped,
    mayRecover: mayRecover(within, selection),
    ...(soonest && { soonest }),
  }
}

type SoonestBack = {
  readonly model: ModelKey
  /** When it may be asked again; milliseconds since 1970. */
  readonly until: number
  /** When its provider has said that it would be back, where that is later. */
  readonly toldBackAt?: number
}

/**
 * The model that is back first, to be named (or waited for) when nobody is left: also one that this turn has
 * tried already, which is back now if its cooldown is over meanwhile. Left out are models that could not take the turn
 * anyway, held ones, and those whose failure lasts (a rejected key, an empty account): time alone brings none of
 * them back.
 */
export function soonestBack(
  models: readonly ModelKey[],
  input: Omit<SelectInput, "candidates">,
): SoonestBack | undefined {
  const all = models.flatMap((model) => {
    if (input.forbidden(model) !== undefined || !canTake(input, model)) return []
    const back = returnOf(model, input)
    return back === undefined ? [] : [{ model, ...back }]
  })
  return all.toSorted((a, b) => a.until - b.until)[0]
}

/** When it is back; `undefined`: not by itself, or it is not away. */
function returnOf(
  model: ModelKey,
  input: Omit<SelectInput, "candidates">,
): Omit<SoonestBack, "model"> | undefined {
  const reason = circuitReason(input, model)
  if (reason && "kind" in reason && reason.kind !== undefined && lasting.has(reason.kind)) return undefined
  if (reason && "toldBackAt" in reason && reason.toldBackAt !== undefined)
    return { until: reason.until, toldBackAt: reason.toldBackAt }
  if (reason) return "until" in reason ? { until: reason.until } : undefined
  const tried = input.tried.findLast((entry) => sameModel(entry.model, model))
  return tried && triedMayRecover(tried, input.now) ? { until: input.now } : undefined
}
