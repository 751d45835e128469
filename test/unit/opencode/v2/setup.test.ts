import { afterAll, beforeAll, describe, expect, jest, test } from "bun:test"
import { readFileSync } from "node:fs"
import { mkdtemp, readdir, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { heldCircuit } from "../../../../src/core/circuit.ts"
import type { CoreOverrides } from "../../../../src/failover/assemble.ts"
import { createFailover } from "../../../../src/failover/failover.ts"
import type { BusEvent } from "../../../../src/opencode/v2/host/context.ts"
import { newLentSessions } from "../../../../src/opencode/v2/lending/loans.ts"
import { createSetup } from "../../../../src/opencode/v2/setup.ts"
import { createMemoryStore } from "../../../../src/store/memory-store.ts"
import { processWide } from "../../../../src/turn/process-wide.ts"
import { retryEvent } from "./world.ts"

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
  readonly hook?: (name: string) => Promise<unknown>
  /** Nobody has needed the engine yet. */
  readonly isIdle?: boolean
  /** What OpenCode's storage holds from before. */
  readonly stored?: Readonly<Record<string, unknown>>
  readonly overrides?: CoreOverrides
}

type Handlers = Readonly<Record<string, (input: unknown) => Promise<unknown>>>
type Command = { readonly execute?: (invocation: unknown) => Promise<void> }

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
  const commands: Command[] = []
  const emitted: unknown[] = []
  const switched: unknown[] = []
  let handlers: Handlers = {}
  let listed = 0
  const waiting: ((event: IteratorResult<BusEvent>) => void)[] = []
  let returned = false
  const transform = (
    change: (list: { add(one: { name: string } & Command): void }) => void,
  ): Promise<void> => {
    change({
      add: (one) => {
        added.push(one.name)
        commands.push(one)
      },
    })
    return Promise.resolve()
  }
  const context = {
    app: { version: options.version ?? "2.0.15" },
    location: { directory: join(home, "project") },
    options: undefined,
    model: {
      list: () => {
        listed += 1
        return Promise.resolve({ data: [{ id: "1", providerID: "a" }] })
      },
      default: () => Promise.resolve({}),
    },
    agent: { list: () => Promise.resolve(options.agents) },
    event: {
      subscribe: () => ({
        [Symbol.asyncIterator]: () => ({
          next: () => new Promise((resolve) => waiting.push(resolve)),
          return: () => {
            returned = true
            // A generator returns once its pending `next` has got an event, which may never come.
            return new Promise(() => undefined)
          },
        }),
      }),
    },
    storage: {
      get: (key: string) => Promise.resolve(options.stored?.[key]),
      set: () => Promise.resolve(),
      remove: () => Promise.resolve(),
      scan: () =>
        Promise.resolve({
          entries: Object.entries(options.stored ?? {}).map(([key, value]) => ({ key, value })),
        }),
    },
    rpc: {
      register: (_: unknown, given: Handlers) => {
        if (options.rpc === false) return Promise.reject(new Error("no rpc"))
        handlers = given
        const emit = async (...event: unknown[]): Promise<void> => void emitted.push(event)
        return Promise.resolve({ events: { emit } })
      },
    },
    tool: { transform },
    command: { transform },
    session: {
      hook: (name: string, callback: (event: unknown) => Promise<void>) => {
        hooks.push(name)
        callbacks.set(name, callback)
        return options.hook?.(name) ?? Promise.resolve()
      },
      get: ({ sessionID }: { readonly sessionID: string }) => {
        asked.push(sessionID)
        return Promise.resolve({ id: sessionID, model: { id: "1", providerID: "a" }, time: { idle: 1 } })
      },
      switchModel: async ({ model }: { readonly model: unknown }) => void switched.push(model),
    },
  }
  const overrides = { store: createMemoryStore({ now: Date.now }), ...options.overrides }
  const cleanup = await createSetup(overrides)(context)
  const file = join(home, "state/opencode-understudy/opencode-2.log")
  /** Resolves when the plugin has read it and waits for the next. */
  const send = async (event: BusEvent): Promise<void> => {
    waiting.shift()?.({ done: false, value: event })
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  // The engine is made when somebody needs it.
  if (cleanup && options.isIdle !== true) await send({ type: "session.created", data: { sessionID: "s" } })
  return {
    cleanup,
    hooks,
    asked,
    call: async (name: string, event: unknown) => callbacks.get(name)?.(event),
    added,
    commands,
    emitted,
    switched,
    listed: () => listed,
    ask: async (name: string, input: unknown) => handlers[name]?.(input),
    hasReturned: () => returned,
    /** The bus ends, and the time passes after which it is listened to again. */
    endBus: async (): Promise<void> => {
      jest.useFakeTimers()
      waiting.shift()?.({ done: true, value: undefined })
      for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
      jest.advanceTimersByTime(1_000)
      jest.useRealTimers()
    },
    send,
    log: async (): Promise<string> => {
      await cleanup?.()
      return readFileSync(file, "utf8")
    },
  }
}

/** The model that the sessions which are lent stand on otherwise. */
const own = { id: "own", providerID: "a" }

/** An agent of a remote configuration. */
const unread = { id: "remote", request: { body: { fallback_models: ["a/1"] } } }

describe("the plugin of version 2", () => {
  test("is nothing to OpenCode 1", async () => {
    process.env["XDG_STATE_HOME"] = join(root, "version 1")
    expect(await createSetup()({})).toBeUndefined()
    await new Promise((resolve) => setImmediate(resolve))
    expect(await readdir(root)).not.toContain("version 1")
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
      "experimental.ws.handshake",
      "experimental.ws.receive",
    ])
    expect(started.added).toEqual(["understudy"])
    const log = await started.log()
    expect(log).toContain("Understudy is on. Settings: the defaults, nothing was written")
    expect(log).not.toContain("WARN")
    expect(started.emitted).toEqual([])
    expect(started.hasReturned()).toBe(true)
  })

  test("makes its engine for a session, and not for news of OpenCode itself", async () => {
    const started = await start({ isIdle: true, version: "3.0.0", agents: [unread] })
    for (const type of ["agent.updated", "model.updated", "server.connected"]) await started.send({ type })
    const log = await started.log()
    expect(log).toContain("OpenCode 3.0.0 was not tried")
    expect(log).not.toContain("Understudy is on")
    expect(log).not.toContain("remote")
  })

  test("closes its store at its end", async () => {
    let closed = 0
    const memory = createMemoryStore({ now: Date.now })
    const store = { ...memory, close: async () => void (closed += 1) }
    const started = await start({ overrides: { store } })
    await started.cleanup?.()
    expect(closed).toBe(1)
  })

  test("tells of an outage in each project: a terminal shows the toasts of its own", async () => {
    for (const sessionID of ["of one project", "of another"]) {
      const started = await start()
      await started.call("retry", retryEvent(sessionID, "a/1"))
      expect(await started.log()).toContain("a/1: rate limit reached")
    }
  })

  test("counts the keys that can be had, and no others: the limits of the rest are never seen", async () => {
    const keys = ["{env:UNDERSTUDY_NO_SUCH_KEY}", "second"]
    const counts: number[] = []
    const started = await start({
      files: { "understudy.jsonc": JSON.stringify({ providers: { a: { keys } } }) },
      overrides: {
        failover: (deps) => {
          counts.push(deps.keyCount("a"), deps.keyCount("b"))
          return createFailover(deps)
        },
      },
    })
    await started.cleanup?.()
    expect(counts).toEqual([2, 1])
  })

  test("gives a session back that a dead process has left on another model", async () => {
    const stored = { "loan:s": { own, inUse: { id: "1", providerID: "a" }, pid: 2 ** 30 } }
    const started = await start({ stored })
    await started.cleanup?.()
    expect(started.switched).toEqual([own])
  })

  test("listens again to a bus that has ended, and gives back what came to rest meanwhile", async () => {
    const { loans } = processWide("loans@7", newLentSessions)
    const started = await start()
    loans.set("s", { own, inUse: { id: "1", providerID: "a" }, idleAt: 0 })
    await started.endBus()
    await started.send({ type: "session.created", data: { sessionID: "t" } })
    expect(await started.log()).toContain("OpenCode's events had ended; they are listened to again")
    expect([started.switched, loans.size]).toEqual([[own], 0])
  })

  test.each([
    ["is given back after ten seconds", [own]],
    ["is left alone once OpenCode has let the plugin go", []],
  ])("a session of which no turn comes %s", async (_, switched) => {
    const { loans } = processWide("loans@7", newLentSessions)
    const store = createMemoryStore({ now: Date.now })
    store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", Date.now()))
    const settings = { fallback_models: ["a/1"] }
    const files = { "understudy.jsonc": JSON.stringify(settings) }
    const started = await start({ files, overrides: { store } })
    const model = { id: "1", providerID: "a" }
    // From then on OpenCode's models are known.
    await started.call("model.request", { sessionID: "s", agent: "build", model, kind: "title" })
    loans.set("s", { own, inUse: model, idleAt: 1 })
    jest.useFakeTimers()
    await started.call("prompt", { sessionID: "s", messageID: "msg_1", prompt: {} })
    if (switched.length === 0) await started.cleanup?.()
    jest.advanceTimersByTime(10_000)
    jest.useRealTimers()
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    expect(started.switched).toEqual(switched)
    loans.delete("s")
  })

  test.each([
    ["after_cooldown", "is given back"],
    ["never", "stays"],
  ])("a session that has come to rest unnoticed: %s: it %s", async (restore) => {
    const { loans } = processWide("loans@7", newLentSessions)
    loans.set("s", { own, inUse: { id: "1", providerID: "a" }, idleAt: 0 })
    const settings = { runtime_fallback: { restore_primary: restore } }
    const started = await start({ files: { "understudy.jsonc": JSON.stringify(settings) } })
    await started.cleanup?.()
    loans.delete("s")
    expect(started.switched).toEqual(restore === "never" ? [] : [own])
  })

  test("shows the sidebar what OpenCode's models are, once it has named them, until they change", async () => {
    const started = await start()
    const sidebar = () => started.ask("sidebar", { sessionID: "s" })
    expect(await sidebar()).toMatchObject({ journal: [] })
    expect(started.listed()).toBe(0)
    const step = { sessionID: "s", agent: "build", model: { id: "1", providerID: "a" }, kind: "title" }
    await started.call("model.request", step)
    await sidebar()
    await sidebar()
    expect(started.listed()).toBe(1)
    for (const type of ["model.updated", "provider.updated"]) {
      await started.send({ type })
      await sidebar()
    }
    expect(started.listed()).toBe(3)
    await started.send({ type: "session.created", data: { sessionID: "t" } })
    await sidebar()
    expect(started.listed()).toBe(3)
    await started.cleanup?.()
  })

  test("answers /understudy, and says where to look when its engine cannot be made", async () => {
    const started = await start()
    const invocation = { sessionID: "s", prompt: { text: "status" } }
    const execution = started.commands[0]?.execute?.(invocation)
    while (started.emitted.length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(started.emitted).toMatchObject([["reply", { sessionID: "s" }]])
    expect(JSON.stringify(started.emitted)).toContain("a/1")
    const [[, reply] = []] = started.emitted as (readonly unknown[])[]
    await started.ask("shown", reply)
    await execution
    await started.cleanup?.()
    const failover = (): never => {
      throw new Error("no engine")
    }
    const broken = await start({ overrides: { failover } })
    expect(broken.commands[0]?.execute?.(invocation)).rejects.toThrow("its log says why")
    expect(broken.ask("sidebar", { sessionID: "s" })).rejects.toThrow("its log says why")
    expect(await broken.log()).toContain("could not start; OpenCode continues without it: Error: no engine")
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
      expect(log).toContain("the defaults, nothing was written")
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

  test("adds no tool where all is switched off", async () => {
    const settings = { runtime_fallback: { enabled: false }, categories: { quick: {} } }
    const started = await start({ files: { "understudy.jsonc": JSON.stringify(settings) } })
    expect(started.added).toEqual(["understudy"])
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
    expect(await written()).toContain("could not start; OpenCode continues without it: Error: no hooks")
  })

  test("that can hang in a part of its hooks only does nothing in them", async () => {
    const isRetry = (name: string): boolean => name === "retry"
    const started = await start({
      isIdle: true,
      hook: (name) => (isRetry(name) ? Promise.reject(new Error("no such hook")) : Promise.resolve()),
    })
    expect(started.cleanup).toBeUndefined()
    await started.call("prompt", { sessionID: "p", messageID: "m", prompt: {} })
    expect(started.asked).toEqual([])
  })

  test("works without the hooks that OpenCode calls experimental", async () => {
    const isExperimental = (name: string): boolean => name.startsWith("experimental.")
    const started = await start({
      hook: (name) => (isExperimental(name) ? Promise.reject(new Error("no such hook")) : Promise.resolve()),
    })
    expect(started.cleanup).toBeDefined()
    expect(await started.log()).toContain(
      "what providers answer over a WebSocket is not read: Error: no such hook",
    )
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

  test("tells of an agent whose list it cannot read as soon as it works", async () => {
    const started = await start({ agents: [unread] })
    await started.cleanup?.()
    expect(started.emitted).toHaveLength(1)
  })

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
