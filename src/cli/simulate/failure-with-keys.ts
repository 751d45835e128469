import { keyCounts } from "../../accounts/key-counts.ts"
import type { KeyHealth } from "../../accounts/key-health.ts"
import { tryKeys } from "../../accounts/try-keys.ts"
import type { Settings } from "../../config/schema.ts"
import { classify } from "../../core/classify/classify.ts"
import { describeKeyChange } from "../../core/keys/describe-key.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import type { ScriptStep } from "./parse-script.ts"
import type { NewEvent } from "./simulation-event.ts"
import type { Upcoming } from "./upcoming.ts"

export type KeyedWorld = {
  readonly settings: Settings
  readonly script: Upcoming
  readonly keyHealth: KeyHealth
  readonly report: (event: NewEvent) => void
  readonly now: () => number
}

/** Asks with each of the provider's keys, as far as another key may help; gives the failure that is left. */
export function failureWithKeys(
  { settings, script, keyHealth, report, now }: KeyedWorld,
  model: ModelKey,
): Promise<Extract<ScriptStep, { type: "failure" }> | undefined> {
  const provider = providerOf(model)
  const count = keyCounts(settings).get(provider) ?? 1
  if (count === 1) return Promise.resolve(script.failureOf(model, 1))
  const keys = Array.from({ length: count }, (_, index) => ({
    number: index + 1,
    fingerprint: `simulated-${index + 1}`,
  }))
  return tryKeys({
    provider,
    keys,
    health: keyHealth,
    now,
    ask: ({ number }) => {
      const answer = script.failureOf(model, number)
      const verdict = answer && classify({ ...answer.failure, provider }, now())
      return Promise.resolve({ answer, verdict })
    },
    backAt: (answer, at) =>
      answer && {
        ...answer,
        failure: {
          ...answer.failure,
          headers: { ...answer.failure.headers, "retry-after-ms": String(at - now()) },
        },
      },
    changed: ({ number: fromKey }, { number: toKey }, { kind }, until) => {
      report({ event: "key-changed", provider, fromKey, toKey, kind, forMs: until - now() })
      report({
        event: "toast",
        variant: "warning",
        message: describeKeyChange(provider, fromKey, toKey, kind),
      })
    },
  })
}
