import { type Cooldown, needsAPerson } from "./circuit.ts"
import { explainKind } from "./classify/explain-kind.ts"
import { describeDuration } from "./describe-duration.ts"
import { remedyFor } from "./remedy-for.ts"
import type { Skipped } from "./select.ts"
import type { SkipReason } from "./skip-reason.ts"

/** One skipped candidate in words that a user understands: `beta/two (cooling down for 45 s)`. */
export function describeSkipped({ model, reason }: Skipped, now: number): string {
  return `${model} (${describeSkip(reason, now)})`
}

export function describeSkip(reason: SkipReason, now: number): string {
  switch (reason.why) {
    case "tried":
      return reason.kind === undefined ? "already tried" : `already tried: ${explainKind(reason.kind)}`
    case "earlier-in-chain":
      return "comes earlier in the list"
    case "cooling-down":
      return coolingText(reason, now)
    case "held":
      return "held by hand"
    case "being-probed":
      return "being tried by another request right now"
    case "provider-tripped":
      return trippedText(reason, now)
    case "provider-held":
      return `${reason.provider} is held by hand`
    case "near-limit":
      return `${reason.provider}: ${reason.limit}`
    case "catalog-unknown":
      return "OpenCode could not say which models are connected"
    case "not-connected":
      return `${reason.provider} is not connected`
    case "unknown-model":
      return "OpenCode does not know this model"
    case "not-offered":
      return `${reason.provider} does not offer this model`
    case "no-images":
    case "no-pdf":
    case "no-tools":
      return cannot[reason.why]
    case "window-too-small":
      return `its context window of ${reason.contextTokens} tokens is too small for the ${reason.neededTokens} in use`
    case "would-compact":
      return "OpenCode would compact the session for it"
    case "compacts-without-end":
      return "OpenCode would compact at each step; set limit.output for it in opencode.json"
    case "not-allowed":
      return `not allowed: ${reason.rule}`
  }
}

const cannot = {
  "no-images": "cannot read the image",
  "no-pdf": "cannot read the PDF",
  "no-tools": "cannot call tools",
} as const

/** No time is promised for what needs somebody, here and below. */
function coolingText(reason: Extract<SkipReason, { why: "cooling-down" }>, now: number): string {
  const what = explainKind(reason.kind)
  return needsAPerson(reason.kind) ? what : `${what}, ${cooldownText("cooling down", reason, now)}`
}

function trippedText(reason: Extract<SkipReason, { why: "provider-tripped" }>, now: number): string {
  const { provider, kind } = reason
  const remedy = remedyFor(kind, provider)
  if (remedy !== undefined) return `${explainKind(kind)}, ${remedy}`
  return `${provider}: ${explainKind(kind)}, ${cooldownText("not used", reason, now)}`
}

/** Where a provider has named a later time than its rest ends at, people are told that one, here as elsewhere. */
function cooldownText(what: string, { until, toldBackAt }: Cooldown, now: number): string {
  if (toldBackAt !== undefined) return `back in ${describeDuration(toldBackAt - now)}`
  return `${what} for ${describeDuration(until - now)}`
}
