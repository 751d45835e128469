import type { AgentSettings } from "../../../config/take-agent-settings.ts"
import { asArray, field, text } from "../../../core/json-object.ts"
import type { Host } from "../../../host/host.ts"
import { settingsToast } from "../../../notify/report-settings.ts"
import type { Context, ModelReference } from "./context.ts"
import { readReference } from "./model-reference.ts"

/**
 * Agents with a list of fallback models that stands in no file of the user's: in a remote configuration, for
 * instance, which OpenCode 2 shows to no plugin. It keeps what it does not know of an agent in the body of the
 * agent's requests, where version 1's shape and Markdown are concerned (2.0.15).
 *
 * @param listed what OpenCode says of its agents
 * @param read what was read of them from the files
 */
export function unreadAgents(listed: unknown, read: AgentSettings): readonly string[] {
  return agentsIn(listed).flatMap((agent) => {
    const id = text(agent, "id")
    const isListed = field(field(field(agent, "request"), "body"), "fallback_models") !== undefined
    const isRead = id !== undefined && Object.hasOwn(read, id) && read[id]?.["fallback_models"] !== undefined
    return id !== undefined && isListed && !isRead ? [id] : []
  })
}

/** The agents in what OpenCode lists. */
export function agentsIn(listed: unknown): readonly unknown[] {
  return asArray(field(listed, "data") ?? listed)
}

/** The model that the user has given this agent. */
export function agentModel(listed: unknown, id: string): ModelReference | undefined {
  const agent = agentsIn(listed).find((one) => text(one, "id") === id)
  return readReference(field(agent, "model"))
}

/** What to tell people of these agents, one line. */
export function unreadAgentsText(agents: readonly string[]): string {
  const names = agents.join(", ")
  return `fallback_models of ${names}: OpenCode 2 does not show them to plugins, because they are in no file (a remote configuration?). Write them into understudy.jsonc.`
}

/** Says once of each agent that what was written on it cannot be read. Never rejects. */
export function watchAgents(
  { agent }: Pick<Context, "agent">,
  host: Pick<Host, "log" | "toast">,
  read: AgentSettings,
): () => Promise<void> {
  const told = new Set<string>()
  const tell = (listed: unknown): void => {
    const unread = unreadAgents(listed, read).filter((name) => !told.has(name))
    if (unread.length === 0) return
    for (const name of unread) told.add(name)
    const message = unreadAgentsText(unread)
    host.log("warn", message)
    void host.toast(settingsToast(message))
  }
  return () =>
    agent.list().then(tell, (error: unknown) => host.log("warn", `no list of agents: ${String(error)}`))
}
