import { modelRef } from "../../core/model-ref.ts"
import { field } from "../../core/read-field.ts"
import type { Choice } from "../../turn/turn.ts"

/** Makes a user message name this model. 1.18 keeps the variant with the model, 1.14 beside it. */
export function nameModel(message: object, { model, variant }: Choice): void {
  const named = { ...objectOf(field(message, "model")), ...modelRef(model) }
  Reflect.set(message, "model", named)
  for (const holder of [named, message]) {
    if (variant === undefined) Reflect.deleteProperty(holder, "variant")
    else if (holder === named || "variant" in holder) Reflect.set(holder, "variant", variant)
  }
}

export function objectOf(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {}
}
