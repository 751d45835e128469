import { afterFailure } from "../../../../src/core/circuit.ts"
import { openStore } from "../../../../src/store/open-store.ts"
import type { Store } from "../../../../src/store/store.ts"

const policy = { baseMs: 600_000, multiplier: 2, maxMs: 3_600_000 }

/** The shared store in a folder, as another process has it open. */
export const storeOfAnother = (stateDirectory: string): Promise<Store> =>
  openStore("sqlite", {
    log: (level, message) => {
      throw new Error(`${level}: ${message}`)
    },
    stateDirectory,
    now: Date.now,
    random: () => 0,
    longestCooldownMs: 3_600_000,
  })

/** A model reaches its rate limit, and its turn goes on elsewhere. */
export function failOnce(store: Store, model: "alpha/one" | "beta/two"): void {
  const key = `model:${model}` as const
  const failed = { key, verdict: { kind: "rate_limit" }, policy, at: Date.now(), random: 0 } as const
  store.updateCircuit(key, (before) => afterFailure(before, failed))
  store.appendJournal({
    at: Date.now(),
    sessionID: "ses_1",
    event: "switched",
    from: model,
    to: "gamma/three",
    kind: "rate_limit",
    durationMs: 90,
  })
}
