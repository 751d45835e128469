import { type ChainView, chainViews } from "./agent-chains.ts"
import type { Facts } from "./facts.ts"
import { type Finding, sortFindings } from "./finding.ts"
import { chainFindings } from "./findings/chains.ts"
import {
  brokenFileFindings,
  listingFindings,
  openCodeFindings,
  otherPluginFindings,
  releaseFindings,
  servicePortFindings,
  storeFindings,
} from "./findings/installation.ts"
import { keyFindings } from "./findings/keys.ts"
import { modelFindings, ruleFindings } from "./findings/models.ts"
import { replayFindings } from "./findings/providers.ts"
import {
  effectFindings,
  settingsFindings,
  strayFileFindings,
  unreadAgentFindings,
} from "./findings/settings.ts"

export type Diagnosis = {
  readonly views: readonly ChainView[]
  /** The worst first. */
  readonly findings: readonly Finding[]
}

/** Judges what was gathered. Pure. */
export function diagnose(facts: Facts): Diagnosis {
  const { own } = facts
  const { settings } = own
  const views = chainViews(own.config, { ...facts, settings })
  return {
    views,
    findings: sortFindings([
      ...brokenFileFindings(own),
      ...openCodeFindings(facts),
      ...servicePortFindings(facts),
      ...listingFindings(own),
      ...releaseFindings(facts),
      ...otherPluginFindings(facts),
      ...settingsFindings(own),
      ...strayFileFindings(facts),
      ...unreadAgentFindings(facts),
      ...effectFindings(own, views, facts.agents),
      ...modelFindings(facts),
      ...ruleFindings(facts),
      ...keyFindings(facts),
      ...chainFindings(views, settings.runtime_fallback.max_fallback_attempts, facts.now),
      ...replayFindings(facts, views),
      ...storeFindings(facts),
    ]),
  }
}
