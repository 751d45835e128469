import type { FallbackEntry } from "./fallback-entry.ts"
import { parseModelKey } from "./model-ref.ts"

/** One candidate as users write it: the model's name alone, or with what the turn is to use on it. */
export type FallbackModelInput =
  | string
  | {
      readonly model: string
      readonly variant?: string | undefined
      readonly temperature?: number | undefined
      readonly top_p?: number | undefined
      readonly max_tokens?: number | undefined
    }

/** `fallback_models` as users write it, wherever it stands. */
export type FallbackModelsInput = FallbackModelInput | readonly FallbackModelInput[]

/**
 * The one reader of `fallback_models`: every place that takes them (settings, an agent, the session
 * command) gives the same list for the same text. Keeps the order, trims names and
 * drops what is not `provider/model`.
 */
export function normalizeFallbackModels(input: FallbackModelsInput | undefined): readonly FallbackEntry[] {
  if (input === undefined) return []
  return (isList(input) ? input : [input]).flatMap((item) => toEntry(item) ?? [])
}

function isList(input: FallbackModelsInput): input is readonly FallbackModelInput[] {
  return Array.isArray(input)
}

function toEntry(item: FallbackModelInput): FallbackEntry | undefined {
  const {
    model: text,
    variant,
    temperature,
    top_p,
    max_tokens,
  } = typeof item === "string" ? { model: item } : item
  const model = parseModelKey(text)
  if (model === undefined) return undefined
  const trimmedVariant = variant?.trim()
  return {
    model,
    ...(trimmedVariant ? { variant: trimmedVariant } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(top_p === undefined ? {} : { top_p }),
    ...(max_tokens === undefined ? {} : { max_tokens }),
  }
}
