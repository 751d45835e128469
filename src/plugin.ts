import { readFile } from "node:fs/promises"
import { homedir } from "node:os"
import type { Plugin, PluginInput, PluginOptions } from "@opencode-ai/plugin"
import { formatProblem, summarizeProblems } from "./config/format-problem.ts"
import { type LoadedSettings, loadSettings } from "./config/load-settings.ts"
import { configDirectories } from "./config/settings-places.ts"
import { takeAgentSettings } from "./config/take-agent-settings.ts"
import { createEngine, type Engine, type EngineOverrides } from "./engine.ts"
import { createOpenCodeHost, type OpenCodeHost } from "./host/opencode-host.ts"

/**
 * The plugin as OpenCode loads it. Settings are read in the `config` hook, because only there the agents'
 * own settings are known; before that nothing is done, and if that fails OpenCode runs as without us.
 */
export function createPlugin(overrides: EngineOverrides = {}): Plugin {
  return async (input, options) => {
    const host = createOpenCodeHost(input.client, Date.now)
    let engine: Engine | undefined
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
          engine = await createEngine({ settings: loaded.settings, host, overrides })
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

function readSettings(
  input: PluginInput,
  options: PluginOptions | undefined,
  config: unknown,
): Promise<LoadedSettings> {
  // First, so that our keys are gone from OpenCode's own settings whatever happens next.
  const agentSettings = takeAgentSettings(config)
  return loadSettings({
    configDirectories: configDirectories(process.env, homedir()),
    projectDirectory: input.directory,
    worktree: input.worktree,
    pluginOptions: options,
    agentSettings,
    readFile: readText,
  })
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8")
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined
    throw error
  }
}

function reportProblems(host: OpenCodeHost, { settings, problems, files }: LoadedSettings): void {
  host.log("info", `Understudy is on. Settings: ${files.length === 0 ? "no file of its own" : files.join(", ")}`)
  if (problems.length === 0) return
  for (const problem of problems) host.log("warn", formatProblem(problem))
  if (!settings.runtime_fallback.notify_on_fallback) return
  const message = summarizeProblems(problems)
  void host.toast({ title: "Understudy: settings", message, variant: "warning", durationMs: 15_000 })
}
