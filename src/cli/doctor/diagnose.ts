import { chainViews } from "../installation/agent-chains.ts"
import type { Facts } from "./facts.ts"
import { all, sortFindings } from "./finding.ts"
import { chainFindings } from "./findings/chains.ts"
import {
  brokenFileFindings,
  listingFinding,
  openCodeFinding,
  otherPluginFindings,
  releaseFinding,
  rotationFindings,
  silenceFindings,
  storeFinding,
} from "./findings/installation.ts"
import { keyFindings, keylessFindings } from "./findings/keys.ts"
import { modelFindings, replayFindings, ruleFindings } from "./findings/models.ts"
import {
  effectFindings,
  frontMatterFindings,
  lonelyFinding,
  missingConfigFinding,
  settingsFindings,
  strangerFindings,
  strayFileFindings,
  unreadAgentFindings,
} from "./findings/settings.ts"

export type Diagnosis = ReturnType<typeof diagnose>

/** Judges what was gathered: the worst finding first. Pure. */
export function diagnose(facts: Facts) {
  const { config, settings } = facts.own
  const views = chainViews(config, { ...facts, settings })
  const findings = all(
    brokenFileFindings(facts),
    openCodeFinding(facts),
    silenceFindings(facts),
    listingFinding(facts),
    releaseFinding(facts),
    otherPluginFindings(facts),
    rotationFindings(facts),
    settingsFindings(facts),
    missingConfigFinding(facts),
    strayFileFindings(facts),
    frontMatterFindings(facts),
    unreadAgentFindings(facts),
    effectFindings(facts, views),
    lonelyFinding(views),
    strangerFindings(facts, views),
    modelFindings(facts),
    ruleFindings(facts),
    keyFindings(facts),
    keylessFindings(facts, views),
    chainFindings(views, facts.now),
    replayFindings(facts, views),
    storeFinding(facts),
  )
  return { views, findings: sortFindings(findings) }
}
