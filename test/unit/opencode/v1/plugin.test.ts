import type { Config, Hooks } from "@opencode-ai/plugin"
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { SettingsInput } from "../../../../src/config/schema.ts"
import type { CoreOverrides } from "../../../../src/failover/assemble.ts"
import { createPlugin, chunkTimeouts } from "../../../../src/opencode/v1/plugin.ts"
import { createMemoryStore } from "../../../../src/store/memory-store.ts"

/** The plugin as OpenCode loads it, with an OpenCode that answers all calls with nothing. */

let home = ""
const before = { ...process.env }

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "understudy-plugin-"))
  process.env["HOME"] = home
  process.env["XDG_CONFIG_HOME"] = join(home, "config")
  process.env["XDG_STATE_HOME"] = join(home, "state")
  delete process.env["OPENCODE_CONFIG_DIR"]
  delete process.env["OPENCODE_DISABLE_PROJECT_CONFIG"]
})
afterEach(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name]
  Object.assign(process.env, before)
  await rm(home, { recursive: true, force: true })
})

const memory: SettingsInput = { runtime_fallback: { store: "memory" } }

async function load(options: SettingsInput = memory, overrides: CoreOverrides = {}, lacking: string[] = []) {
  const logged: string[] = []
  const toasts: string[] = []
  const session = Object.fromEntries(
    ["prompt", "promptAsync", "abort", "get", "message"]
      .filter((name) => !lacking.includes(name))
      .map((name) => [name, async () => ({ data: {} })]),
  )
  const client = {
    session,
    config: { providers: async () => ({ data: {} }) },
    app: {
      log: async ({ body }: { body: { level: string; message: string } }) =>
        void logged.push(`${body.level}: ${body.message}`),
    },
    tui: { showToast: async ({ body }: { body: { message: string } }) => void toasts.push(body.message) },
  }
  const input = { client, directory: join(home, "project"), worktree: "/" }
  const hooks = await createPlugin(overrides)(
    input as unknown as Parameters<ReturnType<typeof createPlugin>>[0],
    options,
  )
  const up = (): Promise<void> | undefined => event(hooks, "session.idle")
  return { hooks, logged, toasts, up }
}

type RequestHeaders = { headers: Record<string, string> }

const event = (hooks: Hooks, type: string, properties: object = {}): Promise<void> | undefined =>
  hooks.event?.({ event: { type, properties } } as unknown as Parameters<NonNullable<Hooks["event"]>>[0])

/** OpenCode prepares a request: the names of the headers that it is given. */
async function headers(hooks: Hooks, output: RequestHeaders = { headers: {} }): Promise<readonly string[]> {
  const message = { id: "msg_1", agent: "build", model: { providerID: "a", modelID: "own" } }
  const model = { providerID: "a", id: "own", api: { npm: "@ai-sdk/openai-compatible" } }
  const input = { sessionID: "ses_plugin", agent: "build", model, message }
  await hooks["chat.headers"]?.(input as unknown as Parameters<NonNullable<Hooks["chat.headers"]>>[0], output)
  return Object.keys(output.headers)
}

describe("before OpenCode has given its configuration", () => {
  test("nothing is done", async () => {
    const { hooks } = await load()
    expect(await headers(hooks)).toEqual([])
    expect(hooks.tool).toEqual({})
  })
})

describe("a second copy of the package", () => {
  test("leaves each call to the first, as long as that one is there", async () => {
    const [first, second] = [await load(), await load()]
    for (const { hooks } of [first, second]) await hooks.config?.({})
    const output: RequestHeaders = { headers: {} }
    await headers(first.hooks, output)
    const marked = { ...output.headers }
    await headers(second.hooks, output)
    expect(Object.keys(marked)).toHaveLength(1)
    expect(output.headers).toEqual(marked)
    expect(await headers(second.hooks)).toHaveLength(1)
    for (const { hooks } of [first, second]) await hooks.dispose?.()
  })
})

describe("a subagent that a command starts and that fails", () => {
  test("gives nothing to the hook behind its tool, and no fault of ours comes of that", async () => {
    const { hooks, logged } = await load()
    await hooks.config?.({})
    const call = { tool: "task", sessionID: "ses_plugin", callID: "call_1", args: {} }
    const result = undefined as unknown as Parameters<NonNullable<Hooks["tool.execute.after"]>>[1]
    await hooks["tool.execute.after"]?.(call, result)
    expect(logged).toEqual([])
    await hooks.dispose?.()
  })
})

describe("with OpenCode's configuration", () => {
  test("requests are marked, until the plugin is disposed of, from that moment on", async () => {
    const store = createMemoryStore({ now: Date.now })
    const closing = Promise.withResolvers<void>()
    let closed = 0
    const close = (): Promise<void> => {
      closed += 1
      return closing.promise
    }
    const { hooks } = await load(memory, { store: { ...store, close } })
    await hooks.config?.({})
    expect(await headers(hooks)).toEqual(["x-understudy-step"])
    const original = globalThis.fetch
    const disposed = hooks.dispose?.()
    expect(await headers(hooks)).toEqual([])
    expect(globalThis.fetch).not.toBe(original)
    closing.resolve()
    await disposed
    expect(closed).toBe(1)
    expect(await headers(hooks)).toEqual([])
  })

  test("what an answer says of limits is kept, however soon the plugin is disposed of after it", async () => {
    const store = createMemoryStore({ now: Date.now })
    let kept: readonly string[] = []
    const close = async (): Promise<void> => void (kept = store.limits().map(({ account }) => account))
    const { hooks } = await load(memory, { store: { ...store, close } })
    await hooks.config?.({})
    const output: RequestHeaders = { headers: {} }
    await headers(hooks, output)
    const limit = { "anthropic-ratelimit-unified-5h-utilization": "0.97" }
    using provider = Bun.serve({ port: 0, fetch: () => new Response("{}", { headers: limit }) })
    await fetch(`${provider.url.href}v1/chat/completions`, { method: "POST", body: "{}", ...output })
    await hooks.dispose?.()
    expect(kept).toEqual(["a"])
  })

  test("a second configuration ends the engine of the first one", async () => {
    const store = createMemoryStore({ now: Date.now })
    let closed = 0
    const close = async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve))
      closed += 1
    }
    const { hooks } = await load(memory, { store: { ...store, close } })
    await hooks.config?.({})
    await headers(hooks)
    await hooks.config?.({})
    expect(closed).toBe(1)
    expect(await headers(hooks)).toEqual(["x-understudy-step"])
    await hooks.dispose?.()
    expect(closed).toBe(2)
  })

  test("our command is added, and one of the user's with that name stays", async () => {
    const { hooks } = await load()
    const config: Config = {}
    await hooks.config?.(config)
    expect(config.command?.["understudy"]).toMatchObject({ template: "$ARGUMENTS" })
    const theirs = { template: "theirs" }
    const other: Config = { command: { understudy: theirs, another: { template: "x" } } }
    await hooks.config?.(other)
    expect(other.command?.["understudy"]).toBe(theirs)
    await hooks.dispose?.()
  })

  test("what is typed behind our command is handed on as ours, and a command of somebody else as it is", async () => {
    const { hooks } = await load()
    const config: Config = {}
    await hooks.config?.(config)
    const typed = async (command: string): Promise<object> => {
      const output = { parts: [{ type: "text", text: "status" }] }
      type Typed = Parameters<NonNullable<Hooks["command.execute.before"]>>[1]
      const input = { command, sessionID: "ses_plugin", arguments: "status" }
      await hooks["command.execute.before"]?.(input, output as unknown as Typed)
      return output
    }
    const theirs = await typed("theirs")
    expect(theirs).toEqual({ parts: [{ type: "text", text: "status" }] })
    expect(await typed("understudy")).not.toEqual(theirs)
    // As another plugin does it, or a file of the user's has before us.
    config.command = { ...config.command, understudy: { template: "theirs" } }
    expect(await typed("understudy")).toEqual(theirs)
    await hooks.dispose?.()
  })

  test("delegate_task is offered where categories are configured", async () => {
    const { hooks } = await load({ ...memory, categories: { quick: { model: "a/own" } } })
    await hooks.config?.({})
    expect(Object.keys(hooks.tool ?? {})).toEqual(["delegate_task"])
    await hooks.dispose?.()
  })

  test.each([
    ["where there are no categories", memory],
    ["where all is switched off", { runtime_fallback: { enabled: false }, categories: { quick: {} } }],
  ])("and none %s", async (_, settings) => {
    const { hooks } = await load(settings)
    await hooks.config?.({})
    expect(hooks.tool).toEqual({})
    await hooks.dispose?.()
  })

  test("our keys are taken off the agents", async () => {
    const { hooks } = await load()
    const config = { agent: { build: { model: "a/own", fallback_models: ["b/1"] } } }
    await hooks.config?.(config)
    expect(config.agent.build).toEqual({ model: "a/own" } as never)
    await hooks.dispose?.()
  })
})

describe("the engine is asked", () => {
  test.each([
    ["session.updated", {}, true],
    ["message.updated", {}, true],
    ["message.part.updated", { part: { type: "tool" } }, true],
    ["message.part.updated", { part: { type: "text" } }, false],
    ["message.part.updated", {}, false],
    ["message.part.delta", {}, false],
    ["lsp.updated", {}, false],
  ])("about the event %s with %p: %p", async (type, properties, isAsked) => {
    let isMade = false
    const failover = (): never => {
      isMade = true
      throw new Error("made")
    }
    const { hooks } = await load(memory, { failover })
    await hooks.config?.({})
    await event(hooks, type, properties)
    expect(isMade).toBe(isAsked)
    await hooks.dispose?.()
  })
})

describe("what people are told", () => {
  test("is said once OpenCode takes calls: where the settings stand", async () => {
    const { hooks, logged, up } = await load()
    await hooks.config?.({})
    expect(logged).toEqual([])
    await up()
    await up()
    const greeting = logged.filter((line) => line.includes("Understudy is on."))
    expect(greeting).toHaveLength(1)
    expect(greeting[0]).toStartWith("info: Understudy is on. Settings: ")
    await hooks.dispose?.()
  })

  test("at the first message, where that comes before any event", async () => {
    const { hooks, logged } = await load()
    await hooks.config?.({})
    const output = { message: {}, parts: [] } as unknown as Parameters<NonNullable<Hooks["chat.message"]>>[1]
    await hooks["chat.message"]?.({ sessionID: "ses_plugin" }, output)
    expect(logged.join()).toContain("Understudy is on.")
    await hooks.dispose?.()
  })

  test("not by events of other kinds", async () => {
    const { hooks, logged, up } = await load()
    await hooks.config?.({})
    await headers(hooks)
    await event(hooks, "lsp.updated")
    expect(logged).toEqual([])
    await up()
    expect(logged).not.toEqual([])
    await hooks.dispose?.()
  })

  const wrong = { fallback_models: 7, runtime_fallback: { store: "memory" } } as unknown as SettingsInput

  test("what is wrong with the settings, in the log and on the screen", async () => {
    const { hooks, logged, toasts, up } = await load(wrong)
    await hooks.config?.({})
    await up()
    expect(logged.filter((line) => line.startsWith("warn: ")).join()).toContain("fallback_models")
    expect(toasts).toHaveLength(1)
    await hooks.dispose?.()
  })

  test("in the log alone where no toasts are wanted", async () => {
    const runtime_fallback = { store: "memory", notify_on_fallback: false } as const
    const { hooks, logged, toasts, up } = await load({ ...wrong, runtime_fallback })
    await hooks.config?.({})
    await up()
    expect([logged.length > 1, toasts.length]).toEqual([true, 0])
    await hooks.dispose?.()
  })

  test("no less than asked for", async () => {
    const { hooks, logged, up } = await load({ runtime_fallback: { store: "memory", log_level: "error" } })
    await hooks.config?.({})
    await up()
    expect(logged).toEqual([])
    await hooks.dispose?.()
  })
})

describe("OpenCode goes on without us", () => {
  test("where its client lacks what we need, and the log says what", async () => {
    const { hooks, logged, up } = await load(memory, {}, ["promptAsync"])
    await hooks.config?.({})
    await up()
    expect(await headers(hooks)).toEqual([])
    expect(logged.join()).toContain("This OpenCode has no session.promptAsync")
  })

  test("where the settings cannot be read at all, and the log says why", async () => {
    const { hooks, logged, up } = await load()
    await hooks.config?.(
      Object.defineProperty({}, "agent", {
        get: () => {
          throw new Error("a slip")
        },
      }),
    )
    await up()
    expect(await headers(hooks)).toEqual([])
    expect(logged.join()).toContain("could not start; OpenCode continues without it: Error: a slip")
  })

  test("where the engine cannot be made, and the log says why", async () => {
    const failover = (): never => {
      throw new Error("a slip")
    }
    const { hooks, logged, up } = await load(memory, { failover })
    await hooks.config?.({})
    expect(await headers(hooks)).toEqual([])
    await up()
    expect(logged.join()).toContain("could not start; OpenCode continues without it: Error: a slip")
  })
})

describe("a project's own file", () => {
  test.each([
    ["is read", undefined, true],
    ["is not read where the user has switched project files off", "1", false],
  ])("%s", async (_, switchedOff, isRead) => {
    if (switchedOff !== undefined) process.env["OPENCODE_DISABLE_PROJECT_CONFIG"] = switchedOff
    const folder = join(home, "project", ".opencode")
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, "understudy.jsonc"), '{ "fallback_models": ["b/1"] }')
    const { hooks, logged, up } = await load()
    await hooks.config?.({})
    await up()
    const greeting = logged.find((line) => line.includes("Understudy is on."))
    expect(greeting?.includes("project/.opencode/understudy.jsonc")).toBe(isRead)
    await hooks.dispose?.()
  })
})

describe("OpenCode's own limit for a stream without a byte", () => {
  const limit = (options: unknown): number => chunkTimeouts({ provider: { a: { options } } })("a/own")
  test.each([
    [undefined, 300_000],
    [{}, 300_000],
    [{ chunkTimeout: 5_000 }, 5_000],
    [{ chunkTimeout: 0 }, 0],
    [{ chunkTimeout: false }, 0],
    [{ chunkTimeout: -1 }, 300_000],
    [{ chunkTimeout: "5" }, 300_000],
  ])("%p: %d ms", (options, expected) => {
    expect(limit(options)).toBe(expected)
  })

  test("is the usual one for providers that the configuration does not name", () => {
    expect(chunkTimeouts(undefined)("b/1")).toBe(300_000)
  })
})
