import { asArray } from "../../core/json-object.ts"
import { field, text } from "../../core/read-field.ts"
import { type DescribedModel, listedModels, type ListedModels } from "./listed-models.ts"

/** Reads `GET /api/model` of OpenCode 2 (2.0.15). */
export function readModelList(answer: unknown): ListedModels {
  const models = field(answer, "data")
  return listedModels(asArray(models).flatMap(describedModel))
}

function describedModel(model: unknown): readonly DescribedModel[] {
  const [provider, id] = [text(model, "providerID"), text(model, "id")]
  if (provider === undefined || id === undefined || field(model, "enabled") === false) return []
  const capabilities = field(model, "capabilities")
  const kinds = field(capabilities, "input")
  const takes = (kind: string): boolean | undefined =>
    Array.isArray(kinds) ? kinds.includes(kind) : undefined
  const released = field(field(model, "time"), "released")
  const description = {
    name: text(model, "name"),
    family: text(model, "family"),
    status: text(model, "status"),
    limit: field(model, "limit"),
    cost: field(model, "cost"),
    variants: variantsOf(field(model, "variants")),
    capabilities: {
      toolcall: field(capabilities, "tools"),
      input: { image: takes("image"), pdf: takes("pdf") },
    },
    ...(typeof released === "number" && released > 0 && { release_date: dayOf(released) }),
  }
  return [[`${provider}/${id}`, description]]
}

/** As version 1 has them: by their names. */
function variantsOf(listed: unknown): Readonly<Record<string, object>> | undefined {
  if (!Array.isArray(listed)) return undefined
  return Object.fromEntries(listed.map((variant: unknown) => [text(variant, "id") ?? "", {}]))
}

/** `2026-01-31` */
function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
