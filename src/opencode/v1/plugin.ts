import { homedir } from "node:os"
import type { Config, Hooks, Plugin, PluginInput, PluginOptions } from "@opencode-ai/plugin"
import { commandDefinition, commandName } from "./local-replies.ts"
import { formatProblem, summarizeProblems } from "../../config/format-problem.ts"
import { type LoadedSettings, loadSettings } from "../../config/load-settings.ts"
import type { Settings } from "../../config/schema.ts"
import { configDirectories } from "../../config/settings-places.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { takeAgentSettings } from "../../config/take-agent-settings.ts"
import { createEngine, type Engine, type EngineOverrides } from "../../engine.ts"
import { createDelegateHost } from "./delegate-host.ts"
import { createOpenCodeHost, type OpenCodeHost } from "./opencode-host.ts"
import { missingCalls, missingCallsText } from "./self-check.ts"
import { createDelegateTask, delegateTaskName } from "../../tools/delegate-task.ts"
import { categoryRegistry } from "../../turn/category-registry.ts"

/**
 * The plugin as OpenCode loads it. Settings are read in the `config` hook, because only there the agents'
 * own settings are known; before that nothing is done, and if that fails OpenCode runs as without us.
 */
export function createPlugin(overrides: EngineOverrides = {}): Plugin {
  return async (input, options) => {
    const host = createOpenCodeHost(input.client, Date.now)
    let engine: Engine | undefined
    const missing = missingCalls(input.client)
    let tools: NonNullable<Hooks["tool"]> = {}
    let greet: (() => void) | undefined
    const up = (): void => {
      host.isUp()
      greet?.()
      greet = undefined
    }
    return {
      config: async (config) => {
        try {
          const loaded = await readSettings(input, options, config)
          host.setMinimum(loaded.settings.runtime_fallback.log_level)
          greet = () => reportProblems(host, loaded)
          await engine?.dispose()
          if (missing.length > 0) return host.log("error", missingCallsText(missing))
          engine = await createEngine({ settings: loaded.settings, host, overrides })
          addCommand(config)
          tools = toolsFor(input, loaded.settings)
        } catch (error) {
          host.log("error", `Understudy could not start; OpenCode goes on without it: ${String(error)}`)
        }
      },
      "chat.message": async (message, output) => {
        up()
        await engine?.hooks["chat.message"](message, output)
      },
      "chat.params": async (request, output) => engine?.hooks["chat.params"](request, output),
      "chat.headers": async (request, output) => engine?.hooks["chat.headers"](request, output),
      "command.execute.before": async (command, output) => {
        await engine?.hooks["command.execute.before"](command, output)
      },
      "experimental.chat.messages.transform": async (request, output) => {
        await engine?.hooks["experimental.chat.messages.transform"](request, output)
      },
      get tool() {
        return tools
      },
      event: async (event) => {
        if (event.event.type.startsWith("session.")) up()
        await engine?.hooks.event(event)
      },
      dispose: async () => {
        await engine?.dispose()
        engine = undefined
      },
    }
  }
}

/** A command of that name in the user's own configuration stays as it is. */
function addCommand(config: Config): void {
  config.command ??= {}
  config.command[commandName] ??= { ...commandDefinition }
}

/** OpenCode asks for the tools after the `config` hook; there are none where no category is configured. */
function toolsFor(input: PluginInput, { categories }: Settings): NonNullable<Hooks["tool"]> {
  if (Object.keys(categories).length === 0) return {}
  const host = createDelegateHost(input.client)
  return { [delegateTaskName]: createDelegateTask({ categories, host, registry: categoryRegistry() }) }
}

function readSettings(
  input: PluginInput,
  options: PluginOptions | undefined,
  config: unknown,
): Promise<LoadedSettings> {
  // First, so that our keys are gone from OpenCode's own settings whatever happens next.
  const agentSettings = takeAgentSettings(config)
  return loadSettings({
    configDirectories: configDirectories(process.env, homedir()),
    ...(process.env["OPENCODE_DISABLE_PROJECT_CONFIG"] ? {} : { projectDirectory: input.directory }),
    worktree: input.worktree,
    pluginOptions: options,
    agentSettings,
    readFile: readTextFile,
  })
}

function reportProblems(host: OpenCodeHost, { settings, problems, files }: LoadedSettings): void {
  host.log(
    "info",
    `Understudy is on. Settings: ${files.length === 0 ? "no file of its own" : files.join(", ")}`,
  )
  if (problems.length === 0) return
  for (const problem of problems) host.log("warn", formatProblem(problem))
  if (!settings.runtime_fallback.notify_on_fallback) return
  const message = summarizeProblems(problems)
  void host.toast({ title: "Understudy: settings", message, variant: "warning", durationMs: 15_000 })
}
