/**
 * Prints what the plugin costs in a fresh process, as JSON: until its code is read and run, until its `config` hook
 * lets OpenCode's start go on, and until it is ready for a first turn. The client is a stand-in that answers nothing:
 * what is measured is our own code.
 */
// OpenCode has loaded all of it long before.
import "node:fs"
import "node:http"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Cost } from "./process-cpu.ts"

/** Each since the start. */
export type LoadCosts = { readonly code: Cost; readonly start: Cost; readonly ready: Cost }

const home = await mkdtemp(join(tmpdir(), "understudy-load-"))
Object.assign(process.env, { HOME: home, XDG_CONFIG_HOME: home, XDG_STATE_HOME: home })
const area: object = new Proxy({}, { get: (_target, key) => (key === "then" ? undefined : answerNothing) })
const client: object = new Proxy({}, { get: (_target, key) => (key === "then" ? undefined : area) })

const startedCpu = process.cpuUsage()
const started = performance.now()
const { default: loaded } = await import("../../dist/index.js")
const code = cost()
const input = { client, directory: home, worktree: home }
const plugin: unknown = typeof loaded === "function" ? loaded : Reflect.get(loaded, "server")
const hooks: unknown = await call(plugin, input)
await call(Reflect.get(Object(hooks), "config"), {
  agent: { build: { model: "a/b", fallback_models: ["c/d"] } },
})
const start = cost()
await call(Reflect.get(Object(hooks), "experimental.chat.messages.transform"), {}, { messages: [] })
console.log(JSON.stringify({ code, start, ready: cost() } satisfies LoadCosts))
await call(Reflect.get(Object(hooks), "dispose"))
await rm(home, { recursive: true, force: true })

function cost(): Cost {
  const cpu = process.cpuUsage(startedCpu)
  return { wallMs: performance.now() - started, cpuMs: (cpu.user + cpu.system) / 1_000 }
}

function answerNothing(): Promise<object> {
  return Promise.resolve({})
}

async function call(hook: unknown, ...args: readonly unknown[]): Promise<unknown> {
  if (typeof hook !== "function") throw new Error("the plugin has no such hook")
  return Reflect.apply(hook, undefined, args)
}
