import type { Config, Hooks, Plugin, PluginInput, PluginOptions } from "@opencode-ai/plugin"
import { commandName } from "../../command/command-entry.ts"
import type { LoadedSettings, LoadSettingsInput } from "../../config/load-settings.ts"
import { mayHoldCategories } from "../../config/may-hold-categories.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { placesFor } from "../../config/settings-places.ts"
import { type AgentSettings, takeAgentSettings } from "../../config/take-agent-settings.ts"
import { thisUser } from "../../config/this-user.ts"
import { field } from "../../core/json-object.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import { deferEngine, type DeferredEngine } from "../../host/deferred-engine.ts"
import { reportSettings } from "../../notify/report-settings.ts"
import { categoryRegistry } from "../../turn/category-registry.ts"
import { processWide } from "../../turn/process-wide.ts"
import type { Engine, EngineOverrides } from "./engine.ts"
import { commandDefinition } from "./local-replies.ts"
import { createOpenCodeHost } from "./opencode-host.ts"
import { missingCalls, missingCallsText } from "./self-check.ts"
import type { TurnHooks } from "./turn-hooks.ts"

/**
 * The plugin as OpenCode loads it. In the `config` hook, for which OpenCode's start waits, our keys are taken out of
 * the agents; the settings are read with the engine, when somebody needs it. If anything fails OpenCode runs as
 * without us.
 */
export function createPlugin(overrides: EngineOverrides = {}): Plugin {
  return async (input, options) => createHooks(input, options, overrides)
}

function createHooks(
  input: PluginInput,
  options: PluginOptions | undefined,
  overrides: EngineOverrides,
): Hooks {
  const host = createOpenCodeHost(input.client, Date.now)
  let engine: DeferredEngine<Engine> | undefined
  const missing = missingCalls(input.client)
  let tools: NonNullable<Hooks["tool"]> = {}
  let commandsOf: Config | undefined
  let isUp = false
  let greet: (() => void) | undefined
  const up = (): void => {
    isUp = true
    host.isUp()
    greet?.()
    greet = undefined
  }
  const cannotStart = (error: unknown): void => {
    host.log("error", `Understudy could not start; OpenCode continues without it: ${String(error)}`)
  }
  /** @param call what OpenCode hands to the hooks of all plugins in turn: the very same object */
  const hooksFor = async (call: object): Promise<TurnHooks | undefined> =>
    isFirstCopy(call) ? (await engine?.get())?.hooks : undefined
  return {
    config: async (config) => {
      try {
        // First, so that our keys are gone from OpenCode's own settings whatever happens next.
        const places = settingsInput(input, options, takeAgentSettings(config))
        if (config.snapshot === false) host.expectNoSummaries()
        host.noteCompaction(field(config, "compaction"))
        const old = engine
        engine = undefined
        await old?.dispose()
        if (missing.length > 0) return host.log("error", missingCallsText(missing))
        addCommand(config)
        commandsOf = config
        // Read once, for whoever needs them first: the tools or the engine.
        let read: Promise<LoadedSettings> | undefined
        const settings = (): Promise<LoadedSettings> => (read ??= readSettings(places))
        tools = (await mayHoldCategories(places)) ? await toolsFor(input, settings) : {}
        engine = deferEngine(async () => {
          const [{ createEngine }, loaded] = await Promise.all([import("./engine.ts"), settings()])
          host.configure(loaded.settings.runtime_fallback)
          greet = () => reportSettings(host, loaded)
          if (isUp) up()
          return createEngine({ loaded, host, hostLimitMs: chunkTimeouts(config), overrides })
        }, cannotStart)
      } catch (error) {
        cannotStart(error)
      }
    },
    "chat.message": async (message, output) => {
      up()
      await (await hooksFor(output))?.["chat.message"](message, output)
    },
    "chat.params": async (request, output) => (await hooksFor(output))?.["chat.params"](request, output),
    "chat.headers": async (request, output) => (await hooksFor(output))?.["chat.headers"](request, output),
    "command.execute.before": async (command, output) => {
      if (hasOurCommand(commandsOf))
        await (await hooksFor(output))?.["command.execute.before"](command, output)
    },
    "experimental.chat.messages.transform": async (request, output) => {
      await (await hooksFor(output))?.["experimental.chat.messages.transform"](request, output)
    },
    "tool.execute.before": async (call, output) =>
      (await hooksFor(output))?.["tool.execute.before"](call, output),
    // Behind a subagent that a command has started, and that has failed, there is no output (1.18.33).
    "tool.execute.after": async (call, output) =>
      (await hooksFor(call))?.["tool.execute.after"](call, output),
    get tool() {
      return tools
    },
    event: async (event) => {
      if (event.event.type.startsWith("session.")) up()
      if (isOfTurns(event.event)) await (await hooksFor(event.event.properties))?.event(event)
    },
    dispose: async () => {
      const old = engine
      // At once: a request that is prepared while the store still closes must not be marked any more.
      engine = undefined
      await old?.dispose()
    },
  }
}

/** A package that is listed by name and by path, or by two files, is loaded twice: the first copy does everything. */
function isFirstCopy(call: object): boolean {
  const calls = processWide("calls@1", () => new WeakSet())
  if (calls.has(call)) return false
  calls.add(call)
  return true
}

/** Most events are of parts, of which tools alone tell us something; there is a delta for every token. */
function isOfTurns({ type, properties }: { readonly type: string; readonly properties: unknown }): boolean {
  if (type.startsWith("message.part."))
    return type === "message.part.updated" && field(field(properties, "part"), "type") === "tool"
  return /^(?:session|message|permission|question)\./.test(type)
}

/** A command of that name in the user's own configuration stays as it is. */
function addCommand(config: Config): void {
  config.command ??= {}
  config.command[commandName] ??= { ...commandDefinition }
}

/** By what it says: the definition may be that of another copy of the package. */
function hasOurCommand(config: Config | undefined): boolean {
  return config?.command?.[commandName]?.description === commandDefinition.description
}

/** OpenCode asks for the tools after the `config` hook; there are none where no category is configured, or all is off. */
async function toolsFor(
  input: PluginInput,
  settings: () => Promise<LoadedSettings>,
): Promise<NonNullable<Hooks["tool"]>> {
  const { categories, runtime_fallback: runtime } = (await settings()).settings
  if (Object.keys(categories).length === 0 || !runtime.enabled) return {}
  const { createDelegateTask, delegateTaskName } = await import("../../tools/delegate-task.ts")
  const { createDelegateHost } = await import("./host/delegate-host.ts")
  const host = createDelegateHost(input.client)
  return { [delegateTaskName]: createDelegateTask({ categories, host, registry: categoryRegistry() }) }
}

function settingsInput(
  { directory, worktree }: PluginInput,
  options: PluginOptions | undefined,
  agentSettings: AgentSettings,
): LoadSettingsInput {
  return {
    places: placesFor({ ...thisUser(), directory, worktree, version: 1 }),
    pluginOptions: options,
    agentSettings,
    readFile: readTextFile,
  }
}

async function readSettings(places: LoadSettingsInput): Promise<LoadedSettings> {
  const { loadSettings } = await import("../../config/load-settings.ts")
  return loadSettings(places)
}

/** OpenCode's own default of a provider's `chunkTimeout` (1.18.33). Milliseconds. */
const usualMs = 300_000

/** After how long without a byte OpenCode gives a stream up, by its configuration; 0 where that is switched off. */
export function chunkTimeouts(config: unknown): (model: ModelKey) => number {
  return (model) => {
    const options = field(field(field(config, "provider"), providerOf(model)), "options")
    const limit: unknown = field(options, "chunkTimeout")
    if (limit === false) return 0
    return typeof limit === "number" && limit >= 0 ? limit : usualMs
  }
}
