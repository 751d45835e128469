import type { ModelKey } from "./model-ref.ts"

/**
 * One candidate of a chain. Beside the model it may name what the turn uses on it; what is left out is
 * carried over from the turn.
 */
export type FallbackEntry = {
  readonly model: ModelKey
  /** Reasoning variant (`high`, `low`, …) as OpenCode names it for this model. */
  readonly variant?: string
  readonly temperature?: number
  readonly top_p?: number
  readonly max_tokens?: number
}
