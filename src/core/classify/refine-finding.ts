import type { Family, Finding } from "./knowledge.ts"

/** From here on a wait is no burst limit where a provider has other limits; two days are none anywhere. */
const longWaitMs = 3_600_000

/** A gateway that passes on what its supplier said. OpenCode's `Console` is the gateway itself. */
const relayed =
  /(?:error from provider|provider error) \((?!console)|provider returned error|upstream error from /

/** An allowance of the account, also where it is told in the words of a model's. */
const ofPlan = /\b(?:token|coding|lite|pro|max|team)[- ]plan\b/

/** Whose the limit is, where no model is named. */
const ofAccount =
  /\b(?:for|of) (?:your|this|the) (?:account|organi[sz]ation|api key|key|user|workspace|team|project)\b|\b(?:account|organi[sz]ation|workspace|team|project|key) (?:rate|request|call) limit\b/
const ofThisModel = /\bthis model's rate limit\b|\brate limit for this model\b/
const ofModel = /\b(?:models?|endpoints?|deployments?)\b/

/** Money does not come back by itself: a limit that is reset is an allowance. */
const resets =
  /\b(?:limit|quota|usage|used|allowance|requests?)\b.{0,80}\b(?:resets?(?: (?:at|in|on|after|every|tomorrow|midnight)\b| ?\d)|refresh(?:es|ed)?\b|renews?\b)|\bquota refresh\b/

const periodic =
  /\b(?:hourly|daily|weekly|monthly|\d+[- ]?hours?|per (?:second|minute|hour|day|week|month))\b/

/** Who asks for patience has the model again. */
const passing =
  /\b(?:(?:try again|retry) (?:later|shortly|soon|in an? (?:moment|few|minute|second|hour|while|bit|little)\b)|temporarily unavailable\b)|稍[后後候]/

/** A model that does not come back, whoever is asked for patience. */
const gone = /\b(?:deprecated|retired|decommissioned|discontinued|no longer|end of (?:its )?life)\b/

export type Surroundings = {
  readonly text: string
  readonly status: number | undefined
  /** 0 where nobody has said when it is over. */
  readonly waitMs: number
}

/** How far it reaches, where more than its kind tells. */
function reachOf(finding: Finding, { text, status }: Surroundings): Finding {
  if (finding.kind === "quota" && ofPlan.test(text) && !relayed.test(text))
    return { ...finding, scope: "provider" }
  if (finding.kind === "rate_limit" && ofThisModel.test(text)) return { ...finding, scope: "model" }
  if (finding.kind === "rate_limit" && ofAccount.test(text) && !ofModel.test(text))
    return { ...finding, scope: "provider" }
  // Cloudflare's page for an origin that does not answer: all models stand behind the same address.
  const isOutage = finding.kind === "unavailable" || finding.kind === "timeout"
  if (isOutage && status !== undefined && status >= 500 && /\bcloudflare\b/.test(text)) {
    return { ...finding, scope: "provider" }
  }
  // The supplier's wallet, allowance or key for one model: the gateway's other models go on.
  const isAccount = finding.kind === "quota" || finding.kind === "billing" || finding.kind === "auth"
  return isAccount && relayed.test(text) ? { ...finding, scope: "model" } : finding
}

/** Facts that no single row can state. */
export function refineFinding(
  finding: Finding,
  family: Family | undefined,
  surroundings: Surroundings,
): Finding {
  const { text, status, waitMs } = surroundings
  const longMs = family?.table.longWaitIsQuota === true ? longWaitMs : 48 * longWaitMs
  if (finding.kind === "rate_limit" && waitMs >= longMs) {
    return { kind: "quota", scope: undefined, rule: `${finding.rule}, for hours` }
  }
  const isWorded = finding.kind === "model_not_found" && finding.rule.startsWith("words: model")
  if (isWorded && passing.test(text) && !gone.test(text)) {
    return { kind: "unavailable", scope: "model", rule: `${finding.rule}, for a while` }
  }
  if (finding.kind === "billing" && resets.test(text)) {
    return { kind: "quota", scope: undefined, rule: `${finding.rule}, which is reset` }
  }
  // "Your usage limit has been reached", "Rate limited": with 402 it asks for money, not for patience.
  if (
    (finding.kind === "quota" || finding.kind === "rate_limit") &&
    !/: code |by its period/.test(finding.rule) &&
    status === 402 &&
    !resets.test(text) &&
    !periodic.test(text)
  ) {
    return { kind: "billing", scope: undefined, rule: `${finding.rule} and status 402` }
  }
  return reachOf(finding, surroundings)
}
