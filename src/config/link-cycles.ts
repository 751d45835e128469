import type { ModelKey } from "../core/model-ref.ts"
import type { Settings } from "./schema.ts"

/**
 * The circles among the links from model to model, each once and as the whole path: `[a, b, a]`. Spelled in
 * capitals or not, a model is the same.
 */
export function linkCycles(models: Settings["models"]): readonly (readonly string[])[] {
  const links = new Map(
    Object.entries(models).map(([model, { fallback_models }]) => [
      model.toLowerCase(),
      (fallback_models ?? []).map((entry): ModelKey => entry.model),
    ]),
  )
  const cycles: (readonly string[])[] = []
  const finished = new Set<string>()
  const way: string[] = []
  const visit = (model: string): void => {
    const key = model.toLowerCase()
    const seenAt = way.findIndex((earlier) => earlier.toLowerCase() === key)
    if (seenAt !== -1) cycles.push([...way.slice(seenAt), way[seenAt] ?? model])
    if (seenAt !== -1 || finished.has(key)) return
    way.push(model)
    for (const next of links.get(key) ?? []) visit(next)
    way.pop()
    finished.add(key)
  }
  for (const model of Object.keys(models)) visit(model)
  return cycles
}
