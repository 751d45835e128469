/** A model as OpenCode writes it in its configuration: `provider/model`. The model part may hold `/` and `:`. */
export type ModelKey = `${string}/${string}`

/** The two halves of a {@link ModelKey}, as OpenCode's API wants them. */
export type ModelRef = { readonly providerID: string; readonly modelID: string }

/**
 * Reads `provider/model`. Only the first slash divides: `openrouter/meta/llama-3:free` is the model
 * `meta/llama-3:free` of `openrouter`. Surrounding white space is dropped.
 *
 * @returns `undefined` when one half is missing.
 */
export function parseModelKey(text: string): ModelKey | undefined {
  const trimmed = text.trim()
  const slash = trimmed.indexOf("/")
  if (slash <= 0 || slash === trimmed.length - 1 || /[\s\p{Cc}]/u.test(trimmed)) return undefined
  return `${trimmed.slice(0, slash)}/${trimmed.slice(slash + 1)}`
}

/** A model, and its reasoning variant where one is named with it. */
export type NamedModel = { readonly model: ModelKey; readonly variant?: string }

/** OpenCode 2 writes a variant behind the model: `provider/model#variant`. No model's id holds a `#` there. */
export function parseNamedModel(text: string): NamedModel | undefined {
  const [written = "", variant = ""] = text.trim().split("#")
  const model = parseModelKey(written)
  return model && (variant === "" ? { model } : { model, variant })
}

export function modelKey(ref: ModelRef): ModelKey {
  return `${ref.providerID}/${ref.modelID}`
}

export function modelRef(key: ModelKey): ModelRef {
  const slash = key.indexOf("/")
  return { providerID: key.slice(0, slash), modelID: key.slice(slash + 1) }
}

export function providerOf(key: ModelKey): string {
  return modelRef(key).providerID
}

/** What two spellings of a model have in common: users copy ids from pages that write them in capitals. */
export function caseless(model: string): string {
  return model.toLowerCase()
}

/** Model ids are compared without regard to case. */
export function sameModel(a: ModelKey, b: ModelKey): boolean {
  return caseless(a) === caseless(b)
}

/**
 * One candidate of a chain. Beside the model it may name what the turn uses on it; what is left out is
 * carried over from the turn.
 */
export type FallbackEntry = {
  readonly model: ModelKey
  /** `provider/*` where the list names that and the model was found for the turn. */
  readonly asWritten?: ModelKey
  /** Reasoning variant (`high`, `low`, …) as OpenCode names it for this model. */
  readonly variant?: string
  readonly temperature?: number
  readonly top_p?: number
  readonly max_tokens?: number
}
