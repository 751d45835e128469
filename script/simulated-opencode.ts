import { pathToFileURL } from "node:url"
import { makeApi } from "../test/e2e/harness/api.ts"
import { startChild } from "../test/e2e/harness/child-process.ts"
import { EventLog } from "../test/e2e/harness/event-log.ts"
import { makeHome } from "../test/e2e/harness/home.ts"
import { opencodeBinary, REPOSITORY } from "../test/e2e/harness/opencode-binary.ts"
import { Session } from "../test/e2e/harness/session.ts"
import { record, string } from "../test/simulator/protocol/json.ts"

/** An agent with a chain; both name models as `provider/model`. */
export type Agent = { readonly model: string; readonly fallbackModels: readonly string[] }

export type Setup = {
  /** Where the simulator listens; every provider is sent there. */
  readonly origin: string
  /** Entries of the `plugin` list of opencode.json; `this` is this repository as a user would list it. */
  readonly plugins: readonly string[]
  readonly agents: Readonly<Record<string, Agent>>
}

/** A real `opencode serve` in a home of its own, whose only providers are simulated. */
export type SimulatedOpenCode = AsyncDisposable & {
  /** From the start of the process until it listens, and until its first project instance (with plugins) is up. Milliseconds. */
  readonly startMs: { readonly listening: number; readonly ready: number }
  readonly events: EventLog
  readonly project: string
  readonly pid: number
  session(): Promise<Session>
}

/** This repository as an entry of the `plugin` list. */
export const thisPlugin: string = pathToFileURL(REPOSITORY).href

const startTimeoutMs = 30_000

/** The SDK package and the API's path of each provider that the demo and the benches name. */
const providers = {
  anthropic: ["@ai-sdk/anthropic", "v1"],
  openai: ["@ai-sdk/openai", "v1"],
  google: ["@ai-sdk/google", "v1beta"],
  local: ["@ai-sdk/openai-compatible", "v1"],
} as const

export async function startSimulatedOpenCode(setup: Setup): Promise<SimulatedOpenCode> {
  await using cleanup = new AsyncDisposableStack()
  const home = cleanup.use(await makeHome())
  await Bun.write(`${home.config}/opencode.json`, JSON.stringify(config(setup), undefined, 2))
  const startedAt = performance.now()
  const command = [opencodeBinary(), "serve", "--port", "0", "--hostname", "127.0.0.1"]
  const child = cleanup.use(startChild(command, { cwd: home.project, environment: home.environment }))
  const url = await listeningUrl(child)
  const listening = performance.now() - startedAt
  const api = makeApi(url)
  // Any call with a project starts its instance, and with it the plugins.
  await api.get("/config")
  const ready = performance.now() - startedAt
  const events = cleanup.use(await EventLog.open(url))
  const kept = cleanup.move()
  return {
    startMs: { listening, ready },
    events,
    pid: child.pid,
    project: home.project,
    session: async () => {
      // With a title, so that OpenCode asks no model for one.
      const created = record(await api.post("/session", { title: "simulated" }))
      return new Session(string(created["id"]), api, events)
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function config({ origin, plugins, agents }: Setup): unknown {
  const models = [
    ...new Set(Object.values(agents).flatMap((agent) => [agent.model, ...agent.fallbackModels])),
  ]
  const provider = Object.fromEntries(
    Object.entries(providers).map(([id, [npm, path]]) => {
      const own = models
        .filter((model) => model.startsWith(`${id}/`))
        .map((model) => model.slice(id.length + 1))
      const options = { baseURL: `${origin}/${id}/${path}`, apiKey: "not-a-key" }
      return [
        id,
        {
          npm,
          name: id,
          options,
          models: Object.fromEntries(own.map((model) => [model, modelConfig(model)])),
        },
      ]
    }),
  )
  return {
    $schema: "https://opencode.ai/config.json",
    enabled_providers: Object.keys(providers),
    model: models[0],
    small_model: models[0],
    share: "disabled",
    autoupdate: false,
    snapshot: false,
    permission: { edit: "allow", bash: "allow", webfetch: "allow" },
    plugin: plugins,
    provider,
    // OpenCode alone would send keys that it does not know to the provider.
    agent: Object.fromEntries(
      Object.entries(agents).map(([name, { model, fallbackModels }]) => [
        name,
        { mode: "primary", model, ...(plugins.length > 0 && { fallback_models: fallbackModels }) },
      ]),
    ),
  }
}

const modelConfig = (name: string): unknown => ({
  name,
  tool_call: true,
  attachment: true,
  reasoning: false,
  limit: { context: 200_000, output: 32_000 },
  modalities: { input: ["text", "image"], output: ["text"] },
})

/** Resolves with the URL that `opencode serve` prints; rejects if it exits or takes too long. */
function listeningUrl(child: ReturnType<typeof startChild>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = (what: string): void => reject(new Error(`OpenCode ${what}\n${child.stderr().slice(-2_000)}`))
  const timer = setTimeout(() => fail(`did not listen within ${startTimeoutMs} ms`), startTimeoutMs)
  child.process.stdout?.on("data", () => {
    const url = /listening on (http\S+)/.exec(child.stdout())?.[1]
    if (url !== undefined) resolve(url)
  })
  void child.exited.then((code) => fail(`exited with ${code}`))
  return promise.finally(() => clearTimeout(timer))
}
