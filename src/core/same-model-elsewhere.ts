import type { Catalog } from "./catalog.ts"
import { modelIdentity } from "./model-identity.ts"
import { type ModelKey, modelKey, modelRef, providerOf } from "./model-ref.ts"

/** An entry that names a provider and leaves the model to the turn: `github-copilot/*`. */
export function isAnyModelOf(model: ModelKey): boolean {
  return modelRef(model).modelID === "*"
}

/**
 * The model at another provider, whatever its spelling there, or `undefined` when that provider does not have it.
 * Of several the one with the same date, otherwise the newest dated one, otherwise the plainest id (Bedrock lists
 * each model once more for each region).
 */
export function sameModelElsewhere(
  model: ModelKey,
  provider: string,
  catalog: Catalog,
): ModelKey | undefined {
  if (!catalog.known) return undefined
  const wanted = modelIdentity(modelRef(model).modelID)
  const found = [...catalog.models.keys()].flatMap((key) => {
    if (providerOf(key) !== provider) return []
    const { modelID } = modelRef(key)
    const name = modelIdentity(modelID)
    return name.name === wanted.name ? [{ modelID, name }] : []
  })
  const isDatedAlike = (date: string): number => Number(wanted.date !== "" && date === wanted.date)
  const [best] = found.toSorted(
    (a, b) =>
      isDatedAlike(b.name.date) - isDatedAlike(a.name.date) ||
      b.name.date.localeCompare(a.name.date) ||
      Number(a.name.preview) - Number(b.name.preview) ||
      a.modelID.length - b.modelID.length ||
      a.modelID.localeCompare(b.modelID),
  )
  return best && modelKey({ providerID: provider, modelID: best.modelID })
}
