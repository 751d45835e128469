import { asObject, field, isObject, type JsonObject } from "../core/json-object.ts"

/** What was written on agents in OpenCode's own configuration, unchecked. */
export type AgentSettings = Readonly<Record<string, JsonObject>>

/** Spellings of `fallback_models` that can be nothing else; they would travel to the provider as well. */
const misspelling = /^(?:model_?)?fall_?backs?_?(?:models?)?$/i

/** Where agents stand in OpenCode's configuration, the weaker first: an older word, version 1's and version 2's. */
export const agentPlaces = ["mode", "agent", "agents"] as const

/** Whether a key of an agent is one of ours, or can only be meant as one. */
export function isAgentKey(key: string): boolean {
  return key === "category" || key === "fallback_models" || misspelling.test(key)
}

/**
 * Reads our keys from the configuration that OpenCode hands to the `config` hook, and removes them from it.
 * OpenCode copies an agent's unknown keys into `options`, and options go into the body of every request:
 * strict providers answer 400 (measured, 1.18.33). Agents from Markdown front matter arrive here as well;
 * `mode` keeps a second copy of the agents written there.
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
  for (const { holder, key } of misplacedIn(config)) Reflect.deleteProperty(holder, key)
  return Object.fromEntries(agents)
}

/**
 * The same from configurations that nobody has merged for us, as for version 2: the strongest wins, whichever word it has
 * for agents.
 *
 * @param configs the strongest first; they are changed
 */
export function agentSettingsIn(configs: readonly unknown[]): AgentSettings {
  return configs.toReversed().map(takeAgentSettings).reduce(mergeAgents, {})
}

function mergeAgents(below: AgentSettings, above: AgentSettings): AgentSettings {
  const names = new Set([...Object.keys(below), ...Object.keys(above)])
  return Object.fromEntries([...names].map((name) => [name, { ...below[name], ...above[name] }]))
}

/** Keys of ours that people write where nobody reads them. */
export const misplacedKeyNames = ["runtime_fallback", "fallback_models", "categories"] as const

/** Those that stand there, with their paths: at the top level, on commands, and on models and their options. */
export function misplacedIn(config: unknown) {
  const commands = children(config, "command").map(([name, holder]) => ({ path: ["command", name], holder }))
  const models = children(config, "provider").flatMap(([id, provider]) =>
    children(provider, "models").flatMap(([name, model]) => {
      const path = ["provider", id, "models", name]
      return [
        { path, holder: model },
        { path: [...path, "options"], holder: field(model, "options") },
      ]
    }),
  )
  const lists = [...commands, ...models].map((place) => ({ ...place, key: "fallback_models" }))
  const atTop = misplacedKeyNames.map((key) => ({ path: [], holder: config, key }))
  return [...atTop, ...lists].flatMap(({ path, holder, key }) =>
    isObject(holder) && Object.hasOwn(holder, key) ? [{ holder, key, path: [...path, key] }] : [],
  )
}

function takeKeys(holder: unknown): JsonObject {
  if (!isObject(holder)) return {}
  const ours = Object.entries(holder).filter(([key]) => isAgentKey(key))
  for (const [key] of ours) Reflect.deleteProperty(holder, key)
  return Object.fromEntries(ours.map(([key, value]) => [key, listIn(value) ?? value]))
}

/**
 * OpenCode 1 makes a text of each value with a colon (`[a/b:free]`) where the front matter around it is no YAML, as in
 * `description: Use this agent when: …` (1.18.33). No model's name begins with a bracket.
 */
function listIn(value: unknown): readonly string[] | undefined {
  const inside = typeof value === "string" ? /^\[([^{}[\]]*)\]$/.exec(value.trim())?.[1] : undefined
  return inside
    ?.split(",")
    .map((entry) => entry.trim().replace(/^(["'])(.*)\1$/, "$2"))
    .filter((entry) => entry !== "")
}

function children(holder: unknown, key: string): readonly (readonly [string, unknown])[] {
  return Object.entries(asObject(field(holder, key)))
}
