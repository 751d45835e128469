import { keyCounts } from "../../accounts/key-counts.ts"
import { tryKeys } from "../../accounts/try-keys.ts"
import { classify } from "../../core/classify/classify.ts"
import { explainKind } from "../../core/classify/explain-kind.ts"
import { describeDuration } from "../../core/describe-duration.ts"
import { describeKeyChange } from "../../core/keys/describe-key.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import type { FailureStep, ScriptStep } from "./parse-script.ts"
import { sessionID, type SimulatedWorld } from "./simulated-world.ts"

export type Upcoming = ReturnType<typeof upcoming>

/** The part of the script that is still to come. */
export function upcoming(steps: readonly ScriptStep[]) {
  let rest = [...steps]
  let current = takeTurn()

  function takeTurn(): { readonly step: FailureStep; left: number }[] {
    const end = rest.findIndex((step) => step.type === "next")
    const own = end === -1 ? rest : rest.slice(0, end)
    rest = end === -1 ? [] : rest.slice(end)
    return own.flatMap((step) => (step.type === "failure" ? [{ step, left: step.times }] : []))
  }

  return {
    /**
     * Takes the first failure of this turn that is meant for the model, asked with this key of its provider (1 is the
     * one in OpenCode's own configuration); `undefined`: it answers.
     */
    failureOf: (model: ModelKey, keyNumber: number): FailureStep | undefined => {
      const found = current.find(({ step, left }) => left > 0 && isMeant(step.target, model, keyNumber))
      if (found) found.left -= 1
      return found?.step
    },
    /** Goes on to the next turn; `wait` is missing when the script is over. `unused` are failures that no request met. */
    nextTurn: () => {
      const unused = current.filter(({ left }) => left > 0).map(({ step }) => step.text)
      const [first] = rest
      if (first?.type !== "next") return { wait: undefined, unused }
      rest = rest.slice(1)
      current = takeTurn()
      return { wait: { ms: first.ms }, unused }
    },
  }
}

/** `anthropic#2` is any of its models, asked with its second key. */
function isMeant(target: string, model: ModelKey, keyNumber: number): boolean {
  const [, wanted = "", number] = /^(.*?)(?:#(\d+))?$/.exec(target.toLowerCase()) ?? []
  if (number !== undefined && Number(number) !== keyNumber) return false
  return wanted === model.toLowerCase() || wanted === providerOf(model).toLowerCase()
}

/** Asks with each of the provider's keys, as far as another key may help; gives the failure that is left. */
export function failureWithKeys(
  { input, keyHealth, sessionKeys, report, host, now }: SimulatedWorld,
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
    session: sessionKeys(sessionID, model),
    health: keyHealth,
    now,
    ask: ({ number }) => {
      const answer = script.failureOf(model, number)
      const verdict = answer && classify({ ...answer.failure, provider }, now())
      return Promise.resolve({ answer, verdict })
    },
    sayForAll: (answer, what) =>
      answer && {
        ...answer,
        failure: { ...answer.failure, forAllKeys: { ...answer.failure.forAllKeys, ...what } },
      },
    changed: ({ number: fromKey }, { number: toKey }, { kind }, until) => {
      const forMs = until - now()
      const rest = forMs > 0 ? `cooling down for ${describeDuration(forMs)}` : "is passed over"
      const text = `${provider}, key ${fromKey}: ${explainKind(kind)}, ${rest}; the same request with key ${toKey}`
      report("key-changed", text, { provider, fromKey, toKey, kind, forMs })
      void host.toast({ variant: "warning", message: describeKeyChange(provider, fromKey, toKey, kind) })
    },
  })
}
