import { asObject, field, isObject, type JsonObject } from "../core/json-object.ts"

/** What was written on agents in OpenCode's own configuration, unchecked. */
export type AgentSettings = {
  readonly agents: Readonly<Record<string, JsonObject>>
  /** Keys of ours in places where they have no effect, such as `command.fix.fallback_models`. */
  readonly misplaced: readonly (readonly string[])[]
}

/** Spellings of `fallback_models` that can be nothing else; they would travel to the provider as well. */
const misspelling = /^(?:model_?)?fall_?backs?_?(?:models?)?$/i

/** Where agents stand in OpenCode's configuration, the weaker first: an older word, version 1's and version 2's. */
export const agentPlaces = ["mode", "agent", "agents"] as const

/** Whether a key of an agent is one of ours, or can only be meant as one. */
export function isAgentKey(key: string): boolean {
  return key === "category" || isListKey(key)
}

function isListKey(key: string): boolean {
  return key === "fallback_models" || misspelling.test(key)
}

/**
 * Reads our keys from the configuration that OpenCode hands to the `config` hook, and removes them from it.
 * OpenCode copies an agent's unknown keys into `options`, and options go into the body of every request:
 * strict providers answer 400 (measured, 1.18.33). Agents from Markdown front matter arrive here as well;
 * `mode` keeps a second copy of the agents written there. Unknown keys at the top level, on commands and on
 * models are dropped by OpenCode 1.18.33 before this hook; older versions may hand them on.
 *
 * @param config the live object; it is changed.
 */
export function takeAgentSettings(config: unknown): AgentSettings {
  const agents = new Map<string, JsonObject>()
  for (const place of agentPlaces)
    for (const [name, agent] of children(config, place)) {
      const taken = { ...agents.get(name), ...takeKeys(field(agent, "options")), ...takeKeys(agent) }
      if (Object.keys(taken).length > 0) agents.set(name, taken)
    }
  return { agents: Object.fromEntries(agents), misplaced: takeMisplaced(config) }
}

function takeMisplaced(config: unknown): readonly (readonly string[])[] {
  const paths: (readonly string[])[] = []
  const take = (holder: unknown, ...path: readonly string[]) => {
    for (const key of Object.keys(takeKeys(holder, isListKey))) paths.push([...path, key])
  }
  take(config)
  for (const [name, command] of children(config, "command")) take(command, "command", name)
  for (const [providerID, provider] of children(config, "provider"))
    for (const [modelID, model] of children(provider, "models")) {
      take(model, "provider", providerID, "models", modelID)
      take(field(model, "options"), "provider", providerID, "models", modelID, "options")
    }
  return paths
}

function takeKeys(holder: unknown, isMeant: (key: string) => boolean = isAgentKey): JsonObject {
  if (!isObject(holder)) return {}
  const ours = Object.entries(holder).filter(([key]) => isMeant(key))
  for (const [key] of ours) Reflect.deleteProperty(holder, key)
  return Object.fromEntries(ours)
}

function children(holder: unknown, key: string): readonly (readonly [string, unknown])[] {
  return Object.entries(asObject(field(holder, key)))
}
