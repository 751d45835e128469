import { type Catalog, offersVariant } from "../../../core/catalog.ts"
import { field, text } from "../../../core/json-object.ts"
import { type ModelKey, modelKey, modelRef, sameModel } from "../../../core/model-ref.ts"
import type { ModelReference } from "./context.ts"

export function keyOf({ providerID, id }: Pick<ModelReference, "id" | "providerID">): ModelKey {
  return modelKey({ providerID, modelID: id })
}

export function referenceTo(model: ModelKey, variant: string | undefined): ModelReference {
  const { providerID, modelID } = modelRef(model)
  return { id: modelID, providerID, ...(variant !== undefined && { variant }) }
}

/**
 * The reference without a variant that the model does not have, be it a slip of the settings or what the user had on
 * another model: OpenCode would end the turn over it, without a word (2.0.15).
 */
export function withKnownVariant(reference: ModelReference, catalog: Catalog): ModelReference {
  const { variant, ...plain } = reference
  return variant === undefined || variant === "default" || offersVariant(catalog, keyOf(plain), variant)
    ? reference
    : plain
}

/** A reference that OpenCode or its storage hands over. */
export function readReference(value: unknown): ModelReference | undefined {
  const id = text(value, "id")
  const providerID = text(value, "providerID")
  const variant = field(value, "variant")
  if (id === undefined || providerID === undefined) return undefined
  return { id, providerID, ...(typeof variant === "string" && { variant }) }
}

/** OpenCode writes `default` for a model without a variant that was named by somebody. */
export function sameReference(a: ModelReference, b: ModelReference): boolean {
  const variant = ({ variant }: ModelReference): string => variant ?? "default"
  return sameModel(keyOf(a), keyOf(b)) && variant(a) === variant(b)
}
