import { lasting, triedMayRecover } from "./may-recover.ts"
import { type ModelKey, sameModel } from "./model-ref.ts"
import { catalogReason, circuitReason, type SelectInput } from "./select.ts"

export type SoonestBack = {
  readonly model: ModelKey
  /** When it may be asked again; milliseconds since 1970. */
  readonly until: number
  /** When its provider has said that it would be back, where that is later. */
  readonly toldBackAt?: number
}

/**
 * The model that is back first, to be named (or waited for) when nobody is left: also one that this turn has
 * tried already, which is back now if its rest is over meanwhile. Left out are models that could not take the turn
 * anyway, held ones, and those whose failure lasts (a rejected key, an empty account): time alone brings none of
 * them back.
 */
export function soonestBack(
  models: readonly ModelKey[],
  input: Omit<SelectInput, "candidates">,
): SoonestBack | undefined {
  const back = models.flatMap((model) => {
    if (input.forbidden(model) !== undefined || catalogReason(input.catalog, input.needs, model)) return []
    const rest = restOf(model, input)
    return rest === undefined ? [] : [{ model, ...rest }]
  })
  return back.toSorted((a, b) => a.until - b.until)[0]
}

function restOf(
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
