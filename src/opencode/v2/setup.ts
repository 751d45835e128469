import { homedir } from "node:os"
import { join } from "node:path"
import { formatProblem, summarizeProblems } from "../../config/format-problem.ts"
import { type LoadedSettings, loadSettings } from "../../config/load-settings.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { configDirectories } from "../../config/settings-places.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import { type BusEvent, type Context, type HookName, isContext, type SessionHooks } from "./context.ts"
import { categoryRegistry } from "../../turn/category-registry.ts"
import { addDelegateTask } from "./delegate.ts"
import type { CoreOverrides } from "../../failover/assemble.ts"
import type { Engine } from "./engine.ts"
import { createHostPort, type HostPort } from "./host-port.ts"
import { addCommand, type Answers, meetPeople, type People } from "./people.ts"
import { readAgentSettings } from "./read-agent-settings.ts"
import { supportedVersions } from "./supported-versions.ts"

/** Ends what a `setup` has begun. */
export type Cleanup = () => Promise<void>

export const logName = "opencode-2.log"

/**
 * The plugin as OpenCode 2 loads it, once for each project that it opens. Never rejects: a plugin that fails is
 * shown to the user in red and does nothing.
 */
export function createSetup(
  overrides: CoreOverrides = {},
): (context: unknown) => Promise<Cleanup | undefined> {
  return async (context) => {
    // OpenCode 1.18 calls this as well, after `server`.
    if (!isContext(context)) return undefined
    const state = stateDirectory({ platform: process.platform, home: homedir(), env: process.env })
    let people: People | undefined
    const host = createHostPort({
      context,
      logFile: join(state, logName),
      toast: async (toast) => people?.toast(toast),
    })
    try {
      return await start(context, host, overrides, async ({ sidebar, command }) => {
        people = await meetPeople(context, sidebar)
        await addCommand(context, people, command)
      })
    } catch (error) {
      host.log("error", `Understudy could not start; OpenCode goes on without it: ${String(error)}`)
      return undefined
    }
  }
}

async function start(
  context: Context,
  host: HostPort,
  overrides: CoreOverrides,
  meet: (answers: Answers) => Promise<void>,
): Promise<Cleanup> {
  const loaded = await readSettings(context)
  host.setMinimum(loaded.settings.runtime_fallback.log_level)
  const { version } = context.app
  if (!Bun.semver.satisfies(version, supportedVersions))
    host.log(
      "warn",
      `OpenCode ${version} was not tried with this version of Understudy (${supportedVersions})`,
    )
  // OpenCode 1 reads this file, too, and needs nothing of what the engine is made of before its first turn.
  const { createEngine } = await import("./engine.ts")
  const engine = await createEngine({ context, loaded, host, overrides })
  await hang(context, engine.hooks)
  // Failover works without anybody to see it.
  await meet(engine.answers).catch((error: unknown) =>
    host.log("warn", `no toasts and no /understudy: ${String(error)}`),
  )
  await addDelegateTask(context, loaded.settings.categories, categoryRegistry()).catch((error: unknown) =>
    host.log("warn", `no tool delegate_task: ${String(error)}`),
  )
  reportProblems(host, loaded)
  const events = follow(context, engine)
  return async () => {
    await events.return?.()
    await engine.dispose()
  }
}

async function hang({ session }: Context, hooks: Engine["hooks"]): Promise<void> {
  const add = async <Name extends HookName>(
    name: Name,
    hook: ((event: SessionHooks[Name]) => Promise<void>) | undefined,
  ): Promise<void> => {
    if (hook) await session.hook(name, hook)
  }
  await add("prompt", hooks.prompt)
  await add("context", hooks.context)
  await add("model.request", hooks["model.request"])
  await add("http.request", hooks["http.request"])
  await add("http.response", hooks["http.response"])
  await add("retry", hooks.retry)
  await add("compaction", hooks.compaction)
}

/** Reads the bus until it ends, one event after the other. */
function follow({ event, location }: Context, engine: Engine): AsyncIterator<BusEvent> {
  const events = event.subscribe()[Symbol.asyncIterator]()
  const read = async (): Promise<void> => {
    for (let next = await events.next(); !next.done; next = await events.next()) {
      const { value } = next
      // The bus is that of the whole process; what is about no place may be ours.
      const directory = value.location?.directory ?? location.directory
      if (directory === location.directory) await engine.onEvent(value)
    }
  }
  // The bus has ended with its process or with this project.
  read().catch(() => undefined)
  return events
}

async function readSettings({ location, options }: Context): Promise<LoadedSettings> {
  const readsProject = !process.env["OPENCODE_DISABLE_PROJECT_CONFIG"]
  const places = {
    configDirectories: configDirectories(process.env, homedir()),
    ...(readsProject ? { projectDirectory: location.directory } : {}),
    worktree: location.project?.directory,
  }
  return loadSettings({
    ...places,
    pluginOptions: options,
    agentSettings: await readAgentSettings(places, readTextFile),
    readFile: readTextFile,
  })
}

function reportProblems(host: HostPort, { settings, problems, files }: LoadedSettings): void {
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
