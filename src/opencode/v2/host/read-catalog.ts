import { type Catalog, type CatalogModel, isPaidByToken, promptTokens } from "../../../core/catalog.ts"
import { asArray, field, text, withoutUndefined } from "../../../core/json-object.ts"
import { type ModelKey, providerOf } from "../../../core/model-ref.ts"
import { keyOf, readReference } from "./model-reference.ts"

/**
 * Reads what OpenCode 2 says of its models, to plugins and at `GET /api/model` (2.0.15).
 *
 * @param withoutPdf models whose protocol has no place for a PDF, of which OpenCode says nothing there
 */
export function readCatalog(answer: unknown, withoutPdf: ReadonlySet<ModelKey> = new Set()): Catalog {
  const models = new Map<ModelKey, CatalogModel>()
  for (const model of asArray(field(answer, "data"))) {
    const reference = readReference(model)
    if (reference === undefined || field(model, "enabled") === false) continue
    const key = keyOf(reference)
    const known = readModel(model)
    models.set(key, { ...known, pdf: known.pdf && !withoutPdf.has(key) })
  }
  const providers = new Set([...models.keys()].map(providerOf))
  return models.size === 0 ? { known: false } : { known: true, models, providers }
}

/** What is not said counts as possible: OpenCode itself then decides, as it would have done without us. */
function readModel(model: unknown): CatalogModel {
  const capabilities = field(model, "capabilities")
  const input = field(capabilities, "input")
  const takes = (what: string): boolean => !Array.isArray(input) || input.includes(what)
  const released = field(field(model, "time"), "released")
  const variants = field(model, "variants")
  return {
    ...withoutUndefined({
      name: text(model, "name") || undefined,
      releaseDate: typeof released === "number" && released > 0 ? dayOf(released) : undefined,
      family: text(model, "family") || undefined,
      isDeprecated: text(model, "status") === "deprecated" ? (true as const) : undefined,
      variants: Array.isArray(variants)
        ? variants.flatMap((variant) => text(variant, "id") ?? [])
        : undefined,
      isPaidByToken: isPaidByToken(field(model, "cost")),
      compactsAt: compactsAt(field(model, "limit")),
    }),
    images: takes("image"),
    pdf: takes("pdf"),
    toolCalls: field(capabilities, "tools") !== false,
    contextTokens: promptTokens(field(model, "limit")),
  }
}

const answerTokens = 32_000
const bufferTokens = 20_000

/** As OpenCode reckons (2.0.15), where its `compaction.buffer` is not set. */
function compactsAt(limit: unknown): number | undefined {
  const [context, input, output] = [field(limit, "context"), field(limit, "input"), field(limit, "output")]
  if (typeof context !== "number" || context <= 0) return undefined
  const answer = Math.min(Number(output ?? 0), answerTokens)
  const room = context - Math.max(answer, bufferTokens)
  return Math.max(0, typeof input === "number" ? Math.min(input - bufferTokens, room) : room)
}

/** `2026-01-31` */
function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
