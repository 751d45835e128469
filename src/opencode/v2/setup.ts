import { join } from "node:path"
import type { LoadedSettings } from "../../config/load-settings.ts"
import { mayHoldCategories } from "../../config/may-hold-categories.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { placesFor } from "../../config/settings-places.ts"
import type { AgentSettings } from "../../config/take-agent-settings.ts"
import { thisUser } from "../../config/this-user.ts"
import type { CoreOverrides } from "../../failover/assemble.ts"
import { type DeferredEngine, deferEngine } from "../../host/deferred-engine.ts"
import { createOwnFaults } from "../../host/own-fault.ts"
import { reportSettings } from "../../notify/report-settings.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import { categoryRegistry } from "../../turn/category-registry.ts"
import type { Engine } from "./engine.ts"
import { type Context, type HookName, isContext, type SessionHooks } from "./host/context.ts"
import { followBus } from "./host/follow-bus.ts"
import { createOpenCodeHost, type OpenCodeHost } from "./host/opencode-host.ts"
import { supportedVersions } from "./host/supported-versions.ts"
import { watchAgents } from "./host/unread-agents.ts"
import { addCommand, type Answers, connectTui, type TuiLink } from "./tui-link.ts"

/** Ends what a `setup` has begun. */
export type Cleanup = () => Promise<void>

const logName = "opencode-2.log"

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
    let tui: TuiLink | undefined
    const host = createOpenCodeHost({
      context,
      logFile: join(stateDirectory(thisUser()), logName),
      toast: async (toast) => tui?.toast(toast),
    })
    const cannotStart = (error: unknown): void =>
      host.log("error", `Understudy could not start; OpenCode continues without it: ${String(error)}`)
    const deferred = defer({ context, host, overrides, cannotStart })
    try {
      warnOfVersion(context, host)
      return await attach({ context, host }, deferred, async (answers) => {
        tui = await connectTui(context, answers)
        await addCommand(context, tui, answers)
      })
    } catch (error) {
      cannotStart(error)
      // Half of the hooks would lend models that nobody gives back.
      await deferred.engine.dispose().catch(cannotStart)
      return undefined
    }
  }
}

type Setup = {
  readonly context: Context
  readonly host: OpenCodeHost
  readonly overrides: CoreOverrides
  readonly cannotStart: (error: unknown) => void
}

/** What is read and made when somebody needs it. */
function defer({ context, host, overrides, cannotStart }: Setup) {
  // Read once, for whoever needs them first: the tools or the engine.
  let reading: Promise<Read> | undefined
  const settings = (): Promise<Read> => (reading ??= readSettings(context))
  let onAgents = (): Promise<void> => Promise.resolve()
  const engine = deferEngine(async () => {
    const [{ createEngine }, read] = await Promise.all([import("./engine.ts"), settings()])
    const { loaded } = read
    host.configure(loaded.settings.runtime_fallback)
    const made = await createEngine({ context, loaded, host, overrides })
    reportSettings(host, loaded)
    onAgents = watchAgents(context, host, read.agents)
    void onAgents()
    return made
  }, cannotStart)
  return { engine, settings, onAgents: (): Promise<void> => onAgents() }
}

/** All that the start of a project waits for. */
async function attach(
  { context, host }: Pick<Setup, "context" | "host">,
  { engine, settings, onAgents }: ReturnType<typeof defer>,
  meet: (answers: () => Promise<Answers>) => Promise<void>,
): Promise<Cleanup> {
  await hang(context, engine, required)
  // They may be gone in the next version.
  await hang(context, engine, experimental).catch((error: unknown) =>
    host.log("warn", `what providers answer over a WebSocket is not read: ${String(error)}`),
  )
  // Failover works without anybody to see it.
  await meet(async () => {
    const made = await engine.get()
    if (!made) throw new Error("Understudy could not start; its log says why.")
    return made.answers
  }).catch((error: unknown) => host.log("warn", `no toasts and no /understudy: ${String(error)}`))
  await addTools(context, host.catalog, settings).catch((error: unknown) =>
    host.log("warn", `no tool delegate_task: ${String(error)}`),
  )
  const unfollow = followBus(context, {
    onEvent: async ({ type, ...event }) => {
      if (type === "model.updated" || type === "provider.updated") host.forgetCatalog()
      if (type === "agent.updated") await onAgents()
      if (type.startsWith("session.")) await (await engine.get())?.onEvent({ type, ...event })
    },
    onGap: async () => {
      host.log("warn", "OpenCode's events had ended; they are listened to again")
      await (await engine.get())?.onGap()
    },
    onFault: createOwnFaults(host).log,
  })
  return async () => {
    unfollow()
    await engine.dispose()
    await host.flushed()
  }
}

function warnOfVersion({ app: { version } }: Context, host: OpenCodeHost): void {
  if (Bun.semver.satisfies(version, supportedVersions)) return
  host.log("warn", `OpenCode ${version} was not tried with this version of Understudy (${supportedVersions})`)
}

const required = [
  "prompt",
  "context",
  "model.request",
  "http.request",
  "http.response",
  "retry",
  "compaction",
] as const satisfies readonly HookName[]
const experimental = [
  "experimental.ws.handshake",
  "experimental.ws.receive",
] as const satisfies readonly HookName[]

async function hang(
  { session }: Context,
  engine: DeferredEngine<Engine>,
  names: readonly HookName[],
): Promise<void> {
  const whenNeeded =
    <Name extends HookName>(name: Name) =>
    async (event: SessionHooks[Name]): Promise<void> => {
      await (await engine.get())?.hooks[name](event)
    }
  for (const name of names) await session.hook(name, whenNeeded(name))
}

async function addTools(
  context: Context,
  catalog: OpenCodeHost["catalog"],
  settings: () => Promise<Read>,
): Promise<void> {
  if (!(await mayHoldCategories(settingsInput(context)))) return
  const { categories, runtime_fallback: runtime } = (await settings()).loaded.settings
  if (!runtime.enabled) return
  const { addDelegateTask } = await import("./delegate.ts")
  await addDelegateTask({ ...context, catalog }, categories, categoryRegistry())
}

function settingsInput({ location, options }: Context) {
  const { directory, project } = location
  return {
    places: placesFor({ ...thisUser(), directory, worktree: project?.directory, version: 2 }),
    pluginOptions: options,
    readFile: readTextFile,
  }
}

type Read = { readonly loaded: LoadedSettings; readonly agents: AgentSettings }

async function readSettings(context: Context): Promise<Read> {
  const [{ loadSettings }, { readAgentSettings }] = await Promise.all([
    import("../../config/load-settings.ts"),
    import("./host/read-agent-settings.ts"),
  ])
  const input = settingsInput(context)
  const agents = await readAgentSettings(input.places, { ...thisUser(), ...context.location })
  return { loaded: await loadSettings({ ...input, agentSettings: agents }), agents }
}
