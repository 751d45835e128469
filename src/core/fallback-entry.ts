import type { ModelKey } from "./model-ref.ts"

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
