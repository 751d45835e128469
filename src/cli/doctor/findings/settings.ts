import type { SettingsProblem } from "../../../config/settings-problem.ts"
import { agentKey } from "../../../core/chain.ts"
import type { ChainView } from "../../installation/agent-chains.ts"
import { meantAgent, talkingAgents } from "../../installation/known-agents.ts"
import type { OwnSettings } from "../../installation/load-own-settings.ts"
import type { Facts } from "../facts.ts"
import { type Finding, type Found, placeOf, placeOfSetting } from "../finding.ts"

/**
 * What the plugin itself would report at its start. A value that is not used as written is an error; what is
 * well formed and yet cannot be meant (circles, an unknown category) is a warning.
 */
export function settingsFindings({ own: { problems } }: Facts): readonly Finding[] {
  return problems.map((problem) => ({
    severity: doubtful.includes(problem.code) ? "warning" : "error",
    code: problem.code,
    where: whereOf(problem),
    what: `Found ${problem.found}. ${problem.effect}`,
    advice: problem.allowed,
  }))
}

const doubtful: readonly SettingsProblem["code"][] = ["cycle", "duplicate", "doubtful-setting"]

function whereOf({ source, path }: SettingsProblem): string {
  return path === "" ? placeOf(source) : `${placeOf(source)}, ${path}`
}

export function missingConfigFinding({ missingConfig }: Facts): Finding | undefined {
  if (missingConfig === undefined) return undefined
  return {
    severity: "error",
    code: "unread-file",
    where: "OPENCODE_CONFIG",
    what: `It names ${missingConfig}, which does not exist. OpenCode starts without it, and does not say so.`,
    advice: "Correct the variable, or remove it.",
  }
}

export function strayFileFindings({ strayFiles }: Facts): readonly Finding[] {
  return strayFiles.map(({ path, expected }) => ({
    severity: "error",
    code: "unread-file",
    where: path,
    what: "A project's settings are read only from its .opencode folder: this file is ignored.",
    advice: `Move the file to ${expected}.`,
  }))
}

export function frontMatterFindings({ unreadFrontMatter }: Facts): readonly Finding[] {
  return unreadFrontMatter.map((where) => ({
    severity: "error",
    code: "unread-front-matter",
    where,
    what: "OpenCode did not read this key: what stands between the two --- is not valid YAML.",
    advice: "Look for a bracket or quote that is not closed, or for a wrong indentation.",
  }))
}

export function unreadAgentFindings({ unreadAgents }: Facts): readonly Finding[] {
  return unreadAgents.map((agent) => ({
    severity: "error",
    code: "unread-agent-list",
    where: `agent ${agent}`,
    what: "Its fallback_models are in no file (a remote configuration?), and OpenCode 2 does not show them to plugins.",
    advice: "Write them into understudy.jsonc.",
  }))
}

export function effectFindings({ own }: Facts, views: readonly ChainView[]): readonly Found[] {
  const runtime = own.settings.runtime_fallback
  const findings: Found[] = []
  if (!runtime.enabled)
    findings.push({
      severity: "warning",
      code: "switched-off",
      ...placeOfSetting(["runtime_fallback", "enabled"]),
      what: "Fallback is switched off.",
      advice: "Set it to true, or remove the key.",
    })
  if (runtime.max_fallback_attempts === 0)
    findings.push({
      severity: "warning",
      code: "switched-off",
      ...placeOfSetting(["runtime_fallback", "max_fallback_attempts"]),
      what: "0 attempts per turn: nothing ever switches.",
      advice: "Allow at least 1; the default is 3.",
    })
  // Of a file that cannot be read the lists are not known.
  const isBroken = own.broken.length > 0 || own.problems.some(({ code }) => code === "unreadable-file")
  const hasKeys = Object.values(own.settings.providers).some(({ keys }) => keys !== undefined)
  if (!isBroken && views.every((view) => view.chain.entries.length === 0))
    findings.push({
      // Further keys are of use without a list as well.
      severity: hasKeys ? "warning" : "error",
      code: "no-chain-at-all",
      where: "fallback_models",
      what: "No agent has a list: there is no model to fall back to.",
      advice: `Run \`npx opencode-understudy init\`, or set "fallback_models": ["provider/model"] in ${userFile(own)}.`,
    })
  return findings
}

function userFile({ places }: OwnSettings): string {
  return places.userFiles.find((file) => file.endsWith(".jsonc")) ?? "understudy.jsonc"
}

export function lonelyFinding(views: readonly ChainView[]): Finding | undefined {
  const lonely = views.filter((view) => view.kind === "agent" && view.chain.origin.from === "none")
  if (lonely.length === 0 || lonely.length === views.length) return undefined
  const names = lonely.map((view) => view.name).join(", ")
  return {
    severity: "info",
    code: "no-chain",
    where: "fallback_models",
    what: `Without a list, their failures end the turn: ${names}.`,
    advice:
      'Set a list for all others at the top level of understudy.jsonc: "fallback_models": ["provider/model"].',
  }
}

export function strangerFindings({ own, agents }: Facts, views: readonly ChainView[]): readonly Found[] {
  if (agents === undefined) return []
  return views
    .filter(({ kind, name }) => kind === "agent" && Object.hasOwn(own.settings.agents, name))
    .filter(({ name }) => !agents.some((agent) => agentKey(own.settings.agents, agent) === name))
    .map(({ name }) => ({
      severity: "error",
      code: "unknown-agent",
      ...placeOfSetting(["agents", name]),
      what: `OpenCode has no agent named ${name}: its settings do nothing.${meantAgent(name, agents)}`,
      advice: `Rename it to one of ${talkingAgents(agents).join(", ")}, or remove it.`,
    }))
}
