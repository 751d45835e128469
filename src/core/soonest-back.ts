import { lasting, triedMayRecover } from "./may-recover.ts"
import { type ModelKey, sameModel } from "./model-ref.ts"
import { catalogReason, circuitReason, type SelectInput } from "./select.ts"

/**
 * The model that is back first, to be named (or waited for) when nobody is left: also one that this turn has
 * tried already, which is back now if its rest is over meanwhile. Left out are models that could not take the turn
 * anyway, held ones, and those whose failure lasts (a rejected key, an empty account): time alone brings none of
 * them back.
 */
export function soonestBack(
  models: readonly ModelKey[],
  input: Omit<SelectInput, "candidates">,
): { readonly model: ModelKey; readonly at: number } | undefined {
  const back = models.flatMap((model) => {
    if (input.forbidden(model) !== undefined || catalogReason(input.catalog, input.needs, model)) return []
    const at = backAt(model, input)
    return at === undefined ? [] : [{ model, at }]
  })
  return back.toSorted((a, b) => a.at - b.at)[0]
}

function backAt(model: ModelKey, input: Omit<SelectInput, "candidates">): number | undefined {
  const reason = circuitReason(input, model)
  if (reason && "kind" in reason && reason.kind !== undefined && lasting.has(reason.kind)) return undefined
  if (reason) return "until" in reason ? reason.until : undefined
  const tried = input.tried.findLast((entry) => sameModel(entry.model, model))
  return tried && triedMayRecover(tried, input.now) ? input.now : undefined
}
