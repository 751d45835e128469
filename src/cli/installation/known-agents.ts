import { agentFiles } from "../../config/agent-files.ts"
import { agentKey } from "../../core/chain.ts"
import { didYouMean, nearestWord } from "../../core/nearest-word.ts"
import { askAgents } from "../opencode/ask-opencode.ts"
import { usageError } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { agentsOf, builtInAgents } from "./agent-chains.ts"
import type { OwnSettings } from "./load-own-settings.ts"

/** OpenCode's own agents that nobody talks to. */
const hidden = ["title", "summary", "compaction"]

/**
 * The agents that OpenCode has. It is asked, plugins and all, only if one of `wanted` is not in the files: that
 * costs a start.
 *
 * @param openCode its binary; `undefined`: it is not to be asked
 * @returns `undefined` when one of `wanted` is in no file and OpenCode could not be asked
 */
export async function knownAgents(
  own: OwnSettings,
  wanted: readonly string[],
  openCode: string | undefined,
  terminal: Terminal,
): Promise<readonly string[] | undefined> {
  const inFiles = await agentsInFiles(own)
  if (wanted.every((name) => inFiles.includes(name))) return inFiles
  const asked = openCode === undefined ? undefined : await askAgents(openCode, terminal)
  return asked?.ok ? [...new Set([...inFiles, ...asked.value])] : undefined
}

/** From OpenCode's configuration and from the names of Markdown files. */
export async function agentsInFiles(own: OwnSettings): Promise<readonly string[]> {
  const configured = [...Object.keys(agentsOf(own.config)), ...Object.keys(own.agentSettings)]
  const inMarkdown = (await agentFiles(own.places)).map(({ name }) => name)
  return [...new Set([...builtInAgents, ...hidden, ...configured, ...inMarkdown])]
}

export function talkingAgents(agents: readonly string[]): readonly string[] {
  return agents.filter((name) => !hidden.includes(name))
}

/** ` Did you mean build?`, or nothing. */
export function meantAgent(name: string, agents: readonly string[]): string {
  return didYouMean(nearestWord(name, talkingAgents(agents)))
}

/**
 * The agent that is meant, by the name that OpenCode has for it: `Sisyphus - ultraworker` for `sisyphus`.
 *
 * @throws CommandError when there is no such agent; where OpenCode cannot be asked, one that our settings name counts
 */
export async function agentNamed(
  own: OwnSettings,
  agent: string,
  openCode: string | undefined,
  terminal: Terminal,
): Promise<string> {
  const known = await knownAgents(own, [agent], openCode, terminal)
  const agents = new Set(known ?? [...(await agentsInFiles(own)), ...Object.keys(own.settings.agents)])
  if (agents.has(agent)) return agent
  const meant = [...agents].find((name) => agentKey({ [agent]: true }, name) === agent)
  if (meant !== undefined) return meant
  const others = `There are: ${talkingAgents([...agents]).join(", ")}.`
  throw usageError(`OpenCode has no agent named ${agent}.${meantAgent(agent, [...agents])} ${others}`)
}
