import { asObject, field } from "../../../core/json-object.ts"
import { modelRef } from "../../../core/model-ref.ts"
import type { Choice } from "../../../turn/turn.ts"

/** Makes a user message name this model, and the variant with it. */
export function nameModel(message: object, { model, variant }: Choice): void {
  const named = { ...asObject(field(message, "model")), ...modelRef(model) }
  if (variant === undefined) Reflect.deleteProperty(named, "variant")
  else Reflect.set(named, "variant", variant)
  Reflect.set(message, "model", named)
}
