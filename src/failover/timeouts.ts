import type { Settings } from "../config/schema.ts"
import { caseless, type ModelKey } from "../core/model-ref.ts"
import type { StreamTimeouts } from "../transport/silence-clock.ts"

export type Timeouts = ReturnType<typeof createTimeouts>

/** The share of the host's own limit after which we must have noticed, and the most that is left over. */
const hostShare = 0.8
const mostMarginMs = 2_000

/**
 * The timeouts of a model: its own settings, else those of all models.
 *
 * @param hostLimitMs after how long without a byte the host itself gives the stream up; 0 where it never does.
 *   Its timer fires outside of us and would cost a waiting parent its task, so that ours comes just before it
 */
export function createTimeouts(
  { runtime_fallback: runtime, models }: Settings,
  hostLimitMs: (model: ModelKey) => number,
): (model: ModelKey) => Omit<StreamTimeouts, "sentAt"> {
  const byModel = new Map(Object.entries(models).map(([key, own]) => [caseless(key), own]))
  return (model) => {
    const own = byModel.get(caseless(model))
    const hostMs = hostLimitMs(model)
    return {
      firstTokenMs: 1_000 * (own?.first_token_timeout_seconds ?? runtime.first_token_timeout_seconds),
      stallMs: 1_000 * (own?.stall_timeout_seconds ?? runtime.stall_timeout_seconds),
      bytesMs: Math.max(hostMs * hostShare, hostMs - mostMarginMs),
    }
  }
}
