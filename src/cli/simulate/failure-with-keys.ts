import { keyCounts } from "../../accounts/key-counts.ts"
import { tryKeys } from "../../accounts/try-keys.ts"
import { classify } from "../../core/classify/classify.ts"
import { describeKeyChange } from "../../core/keys/describe-key.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import type { FailureStep } from "./parse-script.ts"
import type { SimulatedWorld } from "./simulated-world.ts"
import type { Upcoming } from "./upcoming.ts"

/** Asks with each of the provider's keys, as far as another key may help; gives the failure that is left. */
export function failureWithKeys(
  { input, keyHealth, report, now }: SimulatedWorld,
  script: Upcoming,
  model: ModelKey,
): Promise<FailureStep | undefined> {
  const provider = providerOf(model)
  const count = keyCounts(input.settings).get(provider) ?? 1
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
