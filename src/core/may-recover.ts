import { type ModelKey, sameModel } from "./model-ref.ts"
import { type SelectInput, skipReason, type Tried } from "./select.ts"
import type { FailureKind } from "./verdict.ts"

/**
 * How long OpenCode itself asks a failing step again: after 2, 4, 8, 16 and 32 s, each up to a quarter longer; without
 * the headers of an answer no pause is longer than 30 s (1.18.34). Milliseconds.
 */
export const ownRetriesMs = 75_000

/** How often that is. Version 2 asks twice as often (2.0.15). */
export const ownRetries = 5

/** What does not end by itself: another try of the same request finds the same. */
export const lasting: ReadonlySet<FailureKind> = new Set([
  "auth",
  "billing",
  "model_not_found",
  "bad_request",
  "context_overflow",
  "content_filter",
])

/** Whether one of the models may be well again while OpenCode's own retries last. */
export function mayRecover(models: readonly ModelKey[], input: Omit<SelectInput, "candidates">): boolean {
  return models.some((model) => modelMayRecover(model, input))
}

function modelMayRecover(model: ModelKey, input: Omit<SelectInput, "candidates">): boolean {
  const soon = input.now + ownRetriesMs
  const tried = input.tried.findLast((entry) => sameModel(entry.model, model))
  const reason = skipReason({ ...input, tried: [] }, model)
  if (tried?.kind !== undefined) return triedMayRecover(tried, soon)
  if (reason === undefined || reason.why === "being-probed" || reason.why === "would-compact") return true
  // A whole provider is tripped by what lasts.
  return reason.why === "cooling-down" && !lasting.has(reason.kind) && reason.until <= soon
}

/** Whether a model that has failed may be well again at this time; of one that was left unasked nobody can say. */
export function triedMayRecover({ kind, retryAt }: Tried, at: number): boolean {
  return kind !== undefined && !lasting.has(kind) && (retryAt === undefined || retryAt <= at)
}
