/** Other plugins, whose `chat.message` sees each rewriting of the turn's message as if it were a new one. */
import { describe, expect } from "bun:test"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { promptTexts, status } from "../../simulator/index.ts"
import type { HostOptions } from "../harness/index.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { expectUnnoticed, inFlightScenarios } from "./unnoticed.ts"

const ours = pathToFileURL(REPOSITORY).href
const fixture = (name: string): string =>
  pathToFileURL(join(import.meta.dir, "../fixtures", name, "index.js")).href
const other = fixture("meddling-plugin")

const hostWith = (plugin: readonly string[]): HostOptions => ({
  plugin,
  opencode: { agent: { routed: { mode: "primary", model: "alpha/m1" } } },
  understudy: { agents: { routed: { fallback_models: ["gamma/m1"] } } },
})
const ahead = hostWith([other, ours])
const behind = hostWith([fixture("header-plugin"), ours, other])

describe.each([
  ["before", ahead],
  ["behind", behind],
] as const)("a plugin that is listed %s us", (_, options) => {
  const scenario = inFlightScenarios(options)

  scenario("adds its part to a message once, however often its turn is lent", async (host) => {
    const { agent, primary, fallbacks } = host.chain("chat", "chat", "anthropic")
    const [second = "", third = ""] = fallbacks
    host.simulator.script(primary, [status(503)])
    host.simulator.script(second, [status(503)])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.model).toBe(third)
    expect(host.simulator.requests(third).flatMap(promptTexts)).toEqual(["hello", "Mind the rules (true)"])
    await expectUnnoticed(session, ["hello"], primary)
    const [user] = await session.messages()
    expect(user?.parts).toHaveLength(2)
  })

  scenario(
    "that chooses the model of each message keeps no turn on the one that has failed",
    async (host) => {
      host.simulator.script("alpha/m2", [status(503)])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: "routed" })
      expect(reply.model).toBe("gamma/m1")
      expect(host.simulator.requests("alpha/m2")).toHaveLength(1)
      expect(host.simulator.requests("alpha/m1")).toHaveLength(0)
      expect(session.sessionErrors()).toEqual([])
      expect(session.retries()).toEqual([])
    },
  )
})

describe("a plugin that leaves no other's headers on a request", () => {
  inFlightScenarios(hostWith([ours, fixture("header-plugin")]))(
    "is named, with what to do about it",
    async (host) => {
      const { agent, primary } = host.chain("chat")
      await (await host.session()).prompt("hello", { agent })
      const { message } = await host.waitForToast(`${primary.split("/")[0]} (chat.headers)`)
      expect(message).toMatch(/^Another plugin takes our header off .* be the last in "plugin"/)
    },
  )

  inFlightScenarios(behind)("is harmless where it is listed before us", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503)])
    expect((await (await host.session()).prompt("hello", { agent })).model).toBe(fallback)
    expect(host.simulator.requests(primary)[0]?.headers).toMatchObject({ "x-team": "blue" })
    expect(host.toasts("chat.headers")).toEqual([])
  })
})

describe("a plugin that takes its time with each message", () => {
  inFlightScenarios(hostWith([ours, fixture("slow-plugin")]))(
    "finds the answer over only when the message is the user's again: a later rewriting would make an undo final",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(503)])
      const session = await host.session()
      expect((await session.prompt("hello", { agent })).model).toBe(fallback)
      expect(await session.model()).toBe(primary)
    },
  )
})

describe("a plugin that has wrapped fetch before us and puts back what it had found", () => {
  inFlightScenarios(hostWith([fixture("fetch-plugin"), ours]))(
    "neither has our header sent nor the turn replayed",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(503)])
      const session = await host.session()
      expect((await session.prompt("hello", { agent })).model).toBe(fallback)
      await expectUnnoticed(session, ["hello"], primary)
    },
  )
})

describe("a package that is listed twice", () => {
  const scenario = inFlightScenarios({ plugin: [ours, fixture("second-copy")] })

  scenario(
    "works as once: each turn is given back, and no provider is taken for one out of reach",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(503)])
      const session = await host.session()
      for (const prompt of ["hello", "and then?"])
        expect((await session.prompt(prompt, { agent })).model).toBe(fallback)
      await expectUnnoticed(session, ["hello", "and then?"], primary)
      expect(host.toasts().map(({ message }) => message)).toEqual([expect.stringContaining(fallback)])
    },
  )
})
