import { describe, expect, test } from "bun:test"
import { type ProtocolName, status, text } from "../simulator/index.ts"
import { makeChains } from "./harness/chains.ts"
import { type Host, scenarios, startHost } from "./harness/index.ts"
import { endRest } from "./harness/shared-store.ts"

const provider = (id: string): string => `${id}/one`

/** A plugin of the project that changes the account in a fetch of its own, where understudy leaves the provider alone. */
const withRotator: readonly ProtocolName[] = ["chat", "chat", "anthropic"]
const rotated = makeChains({}).find(({ protocols }) => protocols.join() === withRotator.join())?.primary ?? ""
const rotatedProvider = rotated.split("/", 1)[0] ?? ""
const rotator = `export const Rotator = async () => ({
  config: async ({ provider }) => {
    provider.${rotatedProvider}.options.fetch = async (url, init) => {
      const first = await fetch(url, init)
      if (first.status !== 429) return first
      const headers = new Headers(init.headers)
      headers.set("x-account", "2")
      return fetch(url, { ...init, headers })
    }
  },
})`

describe("where fallback models may be set", () => {
  const scenario = scenarios({
    files: { ".opencode/plugin/rotator.js": rotator },
    pluginOptions: { fallback_models: ["delta/m9"], runtime_fallback: { notify_on_fallback: false } },
    opencode: {
      agent: {
        "from-json": { mode: "primary", model: "alpha/m1", fallback_models: ["gamma/m1"] },
        "by-category": { mode: "primary", model: "alpha/m3", category: "deep" },
        "my-own": { mode: "primary", model: "alpha/m4" },
        linked: { mode: "primary", model: "alpha/m5" },
        nothing: { mode: "primary", model: "alpha/m6" },
        "as-objects": {
          mode: "primary",
          model: "alpha/m7",
          fallback_models: [{ model: "beta/m7", temperature: 0.1, max_tokens: 1234 }],
        },
        "as-string": { mode: "primary", model: "alpha/m8", fallback_models: "delta/m8" },
      },
    },
    agents: {
      "from-markdown":
        "---\ndescription: Use this agent when: asked\nmode: primary\nmodel: alpha/m2\nfallback_models: [nowhere/x:free, gamma/m2]\n---\nYou are an agent from a Markdown file.\n",
    },
    understudy: {
      // The plugin's own options outrank the file.
      fallback_models: ["gamma/m9"],
      providers: { [rotatedProvider]: { allow_fallback: false } },
      agents: { "my-own": { fallback_models: ["gamma/m4"] } },
      categories: { deep: { description: "thinks", fallback_models: ["gamma/m3"] } },
      models: {
        "alpha/m5": { fallback_models: ["offline/one"] },
        "offline/one": { fallback_models: ["gamma/m5"] },
      },
    },
  })

  for (const [agent, primary, fallback] of [
    ["from-json", "alpha/m1", "gamma/m1"],
    ["from-markdown", "alpha/m2", "gamma/m2"],
    ["by-category", "alpha/m3", "gamma/m3"],
    ["my-own", "alpha/m4", "gamma/m4"],
    ["linked", "alpha/m5", "gamma/m5"],
    ["nothing", "alpha/m6", "delta/m9"],
    ["as-objects", "alpha/m7", "beta/m7"],
    ["as-string", "alpha/m8", "delta/m8"],
  ] as const)
    scenario(`agent ${agent}: ${primary} to ${fallback}`, async (host) => {
      host.simulator.script(primary, [status(503)])
      const session = await host.session()
      const reply = await session.prompt("hi", { agent })
      expect(reply.model).toBe(fallback)
      expect(reply.text).toBe(`${fallback} says hello`)
    })

  scenario("what an entry says beyond the model goes with the request", async (host) => {
    const body = host.simulator.requests("beta/m7").at(-1)?.body
    expect(body).toMatchObject({ temperature: 0.1, max_output_tokens: 1234 })
  })

  scenario("no setting, no marker and no id of ours ever reaches a provider", async (host) => {
    const requests = host.simulator.requests()
    expect(requests.length).toBeGreaterThan(10)
    for (const request of requests) {
      expect(JSON.stringify(request.headers)).not.toMatch(/understudy-step/i)
      expect(Object.keys(request.body)).not.toContain("fallback_models")
      expect(Object.keys(request.body)).not.toContain("category")
    }
  })

  scenario("a plugin that changes the account does so before us", async (host) => {
    const { agent, primary } = host.chain(...withRotator)
    expect(primary).toBe(rotated)
    host.simulator.always(primary, ({ headers }) =>
      headers["x-account"] === "2" ? text("the second account") : status(429),
    )
    const reply = await (await host.session()).prompt("hi", { agent })
    expect(reply).toMatchObject({ model: primary, text: "the second account" })
  })

  scenario("notify_on_fallback is honoured", async (host) => {
    // What is told of a turn is told by the end of a later one.
    await (await host.session()).prompt("hi")
    expect(host.toasts()).toEqual([])
  })
})

describe("settings", () => {
  test("with which it is switched off mean off", async () => {
    await using host = await startHost({
      understudy: { runtime_fallback: { enabled: false }, fallback_models: ["gamma/one"] },
    })
    host.simulator.script("alpha/one", [status(429), status(429)])
    const session = await host.session()
    await session.promptAsync("hi")
    await session.waitForRetry()
    await session.abort()
    expect(host.simulator.requests(provider("gamma"))).toHaveLength(0)
    expect(host.toasts()).toHaveLength(0)
  })
})

test("restore_primary: never: the stand-in stays while it can, over a restart, too, until the own model is named", async () => {
  const runtime_fallback = { restore_primary: "never", cooldown_seconds: 600 } as const
  await using first = await startHost({
    chains: [["chat", "anthropic", "gemini"]],
    understudy: { runtime_fallback },
  })
  const { agent, models } = first.chain("chat", "anthropic", "gemini")
  const [own = "", second = "", third = ""] = models
  const { id } = await first.session()
  const answers = async (host: Host): Promise<string> =>
    (await host.openSession(id).prompt("hello", { agent })).model
  first.simulator.script(own, [status(503)])
  expect(await answers(first)).toBe(second)
  await endRest(first, own)
  expect(await answers(first)).toBe(second)
  first.simulator.script(second, [status(503)])
  expect(await answers(first)).toBe(third)
  await endRest(first, second)
  const host = await first.killAndRestart()
  expect(await answers(host)).toBe(third)
  const session = host.openSession(id)
  await session.command("understudy", `use ${own}`, { agent })
  expect([await answers(host), await answers(host)]).toEqual([own, own])
  const asked = (await session.messages()).filter(({ role }) => role === "user")
  expect(new Set(asked.map(({ model }) => model))).toEqual(new Set([own]))
})
