import { type Catalog, type CatalogModel, isPaidByToken, promptTokens } from "../../../core/catalog.ts"
import { asArray, asObject, field, text, withoutUndefined } from "../../../core/json-object.ts"
import type { ModelKey } from "../../../core/model-ref.ts"

/**
 * Reads the answer of `GET /config/providers` (OpenCode 1.18). An answer without a single model says
 * nothing: OpenCode gives one while it is still starting.
 *
 * @param compaction what OpenCode's configuration says of it
 */
export function readCatalog(answer: unknown, compaction?: unknown): Catalog {
  const models = new Map<ModelKey, CatalogModel>()
  const providers = new Set<string>()
  for (const provider of asArray(field(answer, "providers"))) {
    const id = field(provider, "id")
    if (typeof id !== "string") continue
    providers.add(id)
    for (const [modelID, model] of Object.entries(asObject(field(provider, "models"))))
      models.set(`${id}/${modelID}`, readModel(model, compaction))
  }
  return models.size === 0 ? { known: false } : { known: true, providers, models }
}

/** What is not said counts as possible: OpenCode itself then decides, as it would have done without us. */
function readModel(model: unknown, compaction: unknown): CatalogModel {
  const capabilities = field(model, "capabilities")
  const input = field(capabilities, "input")
  const variants = field(model, "variants")
  const compactsFrom = compactsAt(field(model, "limit"), compaction)
  return {
    ...withoutUndefined({
      name: text(model, "name") || undefined,
      releaseDate: text(model, "release_date") || undefined,
      family: text(model, "family") || undefined,
      isDeprecated: text(model, "status") === "deprecated" ? (true as const) : undefined,
      npm: text(field(model, "api"), "npm"),
      variants: variants === undefined ? undefined : Object.keys(asObject(variants)),
      isPaidByToken: isPaidByToken(field(model, "cost")),
      compactsAt: compactsFrom,
      compactsWithoutEnd: compactsFrom === 0 ? (true as const) : undefined,
    }),
    images: field(input, "image") !== false,
    pdf: field(input, "pdf") !== false,
    toolCalls: field(capabilities, "toolcall") !== false,
    contextTokens: promptTokens(field(model, "limit")),
  }
}

/** What OpenCode sets aside for an answer at most, and where a model's `limit` does not say how long one may be. */
const answerTokens = 32_000
const bufferTokens = 20_000

/** As OpenCode reckons (1.18.34). A window that is no larger than what is set aside is too full at each step. */
function compactsAt(limit: unknown, compaction: unknown): number | undefined {
  const [context, input, output] = [field(limit, "context"), field(limit, "input"), field(limit, "output")]
  if (field(compaction, "auto") === false || typeof context !== "number" || context <= 0) return undefined
  const answer = Math.min(Number(output ?? 0), answerTokens) || answerTokens
  const reserved = Number(field(compaction, "reserved") ?? Math.min(bufferTokens, answer))
  return Math.max(0, typeof input === "number" && input > 0 ? input - reserved : context - answer)
}
