import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import { field } from "../../core/read-field.ts"

/** OpenCode's own default of a provider's `chunkTimeout` (1.18.33). Milliseconds. */
const usualMs = 300_000

/** After how long without a byte OpenCode gives a stream up, by its configuration; 0 where that is switched off. */
export function chunkTimeouts(config: unknown): (model: ModelKey) => number {
  return (model) => {
    const options = field(field(field(config, "provider"), providerOf(model)), "options")
    const limit: unknown = field(options, "chunkTimeout")
    if (limit === false) return 0
    return typeof limit === "number" && limit >= 0 ? limit : usualMs
  }
}
