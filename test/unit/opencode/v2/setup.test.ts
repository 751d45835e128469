import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { BusEvent } from "../../../../src/opencode/v2/context.ts"
import { createSetup } from "../../../../src/opencode/v2/setup.ts"
import { createMemoryStore } from "../../../../src/store/memory-store.ts"

const names = [
  "XDG_CONFIG_HOME",
  "XDG_STATE_HOME",
  "OPENCODE_CONFIG_DIR",
  "OPENCODE_CONFIG",
  "OPENCODE_CONFIG_CONTENT",
  "OPENCODE_DISABLE_PROJECT_CONFIG",
  "OPENCODE_CONFIG_PROJECT_DISABLE",
] as const
const before = names.map((name) => [name, process.env[name]] as const)
let root = ""
let count = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "understudy-setup-"))
  for (const name of names) delete process.env[name]
})
afterAll(async () => {
  for (const [name, value] of before)
    if (value === undefined) delete process.env[name]
    else process.env[name] = value
  await rm(root, { recursive: true, force: true })
})

type Options = {
  /** Files below the config folder. */
  readonly files?: Readonly<Record<string, string>>
  readonly projectFiles?: Readonly<Record<string, string>>
  readonly agents?: unknown
  readonly version?: string
  readonly rpc?: boolean
  readonly hook?: () => Promise<unknown>
}

/** One start of the plugin, in folders of its own. */
async function start(options: Options = {}) {
  count += 1
  const home = join(root, String(count))
  process.env["XDG_CONFIG_HOME"] = join(home, "config")
  process.env["XDG_STATE_HOME"] = join(home, "state")
  for (const [path, text] of Object.entries(options.files ?? {}))
    await Bun.write(join(home, "config/opencode", path), text)
  for (const [path, text] of Object.entries(options.projectFiles ?? {}))
    await Bun.write(join(home, "project", path), text)
  const hooks: string[] = []
  const callbacks = new Map<string, (event: unknown) => Promise<void>>()
  /** Sessions that OpenCode was asked about. */
  const asked: string[] = []
  const added: string[] = []
  const emitted: unknown[] = []
  const waiting: ((event: IteratorResult<BusEvent>) => void)[] = []
  let returned = false
  const transform = (change: (list: { add(one: { name: string }): void }) => void): Promise<void> => {
    change({ add: ({ name }) => void added.push(name) })
    return Promise.resolve()
  }
  const context = {
    app: { version: options.version ?? "2.0.15" },
    location: { directory: join(home, "project") },
    options: undefined,
    model: { list: () => Promise.resolve({ data: [] }), default: () => Promise.resolve({}) },
    agent: { list: () => Promise.resolve(options.agents) },
    event: {
      subscribe: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise((resolve) => waiting.push(resolve)),
          return: () => {
            returned = true
            return Promise.resolve({ done: true, value: undefined })
          },
        }),
      }),
    },
    storage: { get: () => Promise.resolve(undefined), set: () => Promise.resolve() },
    rpc: {
      register: () =>
        options.rpc === false
          ? Promise.reject(new Error("no rpc"))
          : Promise.resolve({ events: { emit: async (...event: unknown[]) => void emitted.push(event) } }),
    },
    tool: { transform },
    command: { transform },
    session: {
      hook: (name: string, callback: (event: unknown) => Promise<void>) => {
        hooks.push(name)
        callbacks.set(name, callback)
        return options.hook?.() ?? Promise.resolve()
      },
      get: ({ sessionID }: { readonly sessionID: string }) => {
        asked.push(sessionID)
        return Promise.resolve({ id: sessionID, model: { id: "1", providerID: "a" } })
      },
    },
  }
  const cleanup = await createSetup({ store: createMemoryStore({ now: Date.now }) })(context)
  const file = join(home, "state/opencode-understudy/opencode-2.log")
  /** Resolves when the plugin has read it and waits for the next. */
  const send = async (event: BusEvent): Promise<void> => {
    waiting.shift()?.({ done: false, value: event })
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  // The engine is made when somebody needs it.
  if (cleanup) await send({ type: "session.created", data: { sessionID: "s" } })
  return {
    cleanup,
    hooks,
    asked,
    call: async (name: string, event: unknown) => callbacks.get(name)?.(event),
    added,
    emitted,
    hasReturned: () => returned,
    send,
    log: async (): Promise<string> => {
      await cleanup?.()
      return Bun.file(file).text()
    },
  }
}

describe("the plugin of version 2", () => {
  test("is nothing to OpenCode 1", async () => {
    expect(await createSetup()({})).toBeUndefined()
  })

  test("hangs every hook, its command, and no tool without a category", async () => {
    const started = await start()
    expect(started.hooks).toEqual([
      "prompt",
      "context",
      "model.request",
      "http.request",
      "http.response",
      "retry",
      "compaction",
    ])
    expect(started.added).toEqual(["understudy"])
    const log = await started.log()
    expect(log).toContain("Understudy is on. Settings: no file of its own")
    expect(log).not.toContain("WARN")
    expect(started.hasReturned()).toBe(true)
  })

  test("follows a prompt through its hooks, until it is disposed of", async () => {
    const started = await start()
    const prompt = { sessionID: "p", messageID: "m", prompt: {} }
    await started.call("prompt", prompt)
    expect(started.asked).toEqual(["p"])
    await started.cleanup?.()
    await started.call("prompt", prompt)
    expect(started.asked).toEqual(["p"])
  })

  test("reads the project's own file, unless the user has switched that off", async () => {
    const projectFiles = { ".opencode/understudy.jsonc": "{}" }
    expect(await (await start({ projectFiles })).log()).toContain(".opencode/understudy.jsonc")
    for (const name of ["OPENCODE_DISABLE_PROJECT_CONFIG", "OPENCODE_CONFIG_PROJECT_DISABLE"]) {
      process.env[name] = "1"
      const log = await (await start({ projectFiles })).log()
      delete process.env[name]
      expect(log).toContain("no file of its own")
    }
  })

  test("writes as much as the settings ask for", async () => {
    const files = { "understudy.jsonc": '{ "runtime_fallback": { "log_level": "error" } }' }
    const started = await start({ files, rpc: false })
    expect(await started.log()).not.toContain("Understudy is on")
  })

  test("names its files, and adds the tool where a category is configured", async () => {
    const started = await start({ files: { "understudy.jsonc": '{ "categories": { "quick": {} } }' } })
    expect(started.added).toEqual(["understudy", "delegate_task"])
    expect(await started.log()).toContain("understudy.jsonc")
  })

  test("says so on a version that nobody has tried, and works", async () => {
    const started = await start({ version: "3.0.0" })
    expect(started.hooks).toContain("retry")
    expect(await started.log()).toContain("OpenCode 3.0.0 was not tried")
  })

  test("works without a terminal's half", async () => {
    const started = await start({ rpc: false })
    expect(started.hooks).toContain("retry")
    expect(await started.log()).toContain("no toasts and no /understudy: Error: no rpc")
  })

  test("that cannot start leaves OpenCode alone, and says why", async () => {
    const started = await start({ hook: () => Promise.reject(new Error("no hooks")) })
    expect(started.cleanup).toBeUndefined()
    const file = join(process.env["XDG_STATE_HOME"] ?? "", "opencode-understudy/opencode-2.log")
    const written = (): Promise<string> =>
      Bun.file(file)
        .text()
        .catch(() => "")
    // The file is there before its first line.
    while ((await written()) === "") await new Promise((resolve) => setImmediate(resolve))
    expect(await written()).toContain("could not start; OpenCode goes on without it: Error: no hooks")
  })

  test("tells of mistakes in the settings, by log and toast", async () => {
    const started = await start({ files: { "understudy.jsonc": '{ "no_such_key": 1 }' } })
    expect(started.emitted).toMatchObject([["toast", { title: "Understudy: settings", variant: "warning" }]])
    expect(await started.log()).toContain("no_such_key")
  })

  test("and by log alone where toasts are not wanted", async () => {
    const text = '{ "no_such_key": 1, "runtime_fallback": { "notify_on_fallback": false } }'
    const started = await start({ files: { "understudy.jsonc": text }, agents: [unread] })
    await started.send({ type: "agent.updated" })
    expect(started.emitted).toEqual([])
    const log = await started.log()
    expect(log).toContain("no_such_key")
    expect(log).toContain("fallback_models of remote")
  })

  const unread = { id: "remote", request: { body: { fallback_models: ["a/1"] } } }

  test("tells once of each agent whose list it cannot read", async () => {
    const known = { id: "known", request: { body: { fallback_models: ["a/1"] } } }
    const started = await start({
      files: { "opencode.json": '{ "agent": { "known": { "fallback_models": ["a/1"] } } }' },
      agents: { data: [known, unread] },
    })
    await started.send({ type: "agent.updated" })
    await started.send({ type: "agent.updated" })
    expect(started.emitted).toHaveLength(1)
    expect((await started.log()).match(/fallback_models of remote/g)).toHaveLength(1)
  })

  test("listens to its own project and to what belongs to none", async () => {
    const agents: unknown[] = []
    const started = await start({ agents })
    agents.push(unread)
    await started.send({ type: "agent.updated", location: { directory: "/elsewhere" } })
    await started.send({ type: "model.updated" })
    expect(started.emitted).toEqual([])
    await started.send({ type: "agent.updated", location: {} })
    expect(started.emitted).toHaveLength(1)
    await started.cleanup?.()
  })
})
