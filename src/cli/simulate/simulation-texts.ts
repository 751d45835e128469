import { tripsProvider } from "../../core/circuit.ts"
import { explainKind } from "../../core/classify/explain-kind.ts"
import type { ExhaustedChain, PassReason } from "../../core/decide.ts"
import { describeDuration } from "../../core/describe-duration.ts"
import type { Verdict } from "../../core/verdict.ts"

export function verdictText(verdict: Verdict, now: number): string {
  const { kind, retryAt, rule } = verdict
  const whole = tripsProvider(verdict) ? ", affects the whole provider" : ""
  const back =
    retryAt === undefined ? "" : `, back in ${describeDuration(retryAt - now)} as the provider says`
  return `${explainKind(kind)} (${kind}${whole}${back}; by ${rule})`
}

export const passText: Readonly<Record<PassReason, string>> = {
  "switched-off": "fallback is switched off",
  "not-a-reason": "this kind of failure is no reason to fall back (fallback_on)",
  "provider-opted-out": "this provider takes no part (providers.X.allow_fallback)",
  patience: "it will be back within patience_seconds",
  "user-aborted": "the turn was stopped on purpose",
}

export function exhaustedText({ why, soonest }: ExhaustedChain, now: number): string {
  const text = {
    "no-chain": "no fallback_models are set",
    "no-model-left": "no model is left",
    "attempts-spent": "max_fallback_attempts is reached",
  }[why]
  return soonest === undefined
    ? text
    : `${text}; ${soonest.model} is back first, in ${describeDuration(soonest.until - now)}`
}
