import { describe, expect, test } from "bun:test"
import { finish, say, status, type Step, stream, text } from "../simulator/index.ts"
import { type Host, type HostOptions, scenarios, startHost } from "./harness/index.ts"
import { endRest, inSharedStore } from "./harness/shared-store.ts"

const options: HostOptions = {
  opencode: {
    agent: {
      small: { mode: "primary", model: "alpha/m2" },
      gone: { mode: "primary", model: "alpha/m3" },
      missing: { mode: "primary", model: "alpha/never-heard-of" },
      elsewhere: { mode: "primary", model: "alpha/m7" },
      opted: { mode: "primary", model: "beta/m4" },
      ignoring: { mode: "primary", model: "alpha/m5" },
      network: { mode: "primary", model: "offline/one" },
      filling: { mode: "primary", model: "gamma/m10" },
    },
  },
  understudy: {
    agents: {
      small: { fallback_models: ["alpha/tiny", "gamma/m2"] },
      gone: { fallback_models: ["nowhere/x", "gamma/unheard-of", "gamma/m3"] },
      missing: { fallback_models: ["gamma/m3"] },
      elsewhere: { fallback_models: ["nowhere/*", "offline/*", "gamma/*"] },
      opted: { fallback_models: ["gamma/m4"] },
      ignoring: { fallback_models: ["delta/m5", "gamma/m5"] },
      network: { fallback_models: ["offline/two", "gamma/m6"] },
      filling: { fallback_models: ["gamma/m11", "alpha/m11"] },
    },
    models: { "alpha/m9": { fallback_models: ["gamma/m9"] } },
    providers: {
      beta: { allow_fallback: false },
      delta: { ignore_models: ["m5"] },
      gamma: { leave_at_percent: 90 },
    },
    runtime_fallback: { cooldown_seconds: 600 },
  },
}

const scenario = scenarios(options)

describe("what can take the turn", () => {
  scenario("a fallback whose window is too small for the session is passed over", async (host) => {
    const usage = { inputTokens: 50_000, outputTokens: 10 }
    host.simulator.script("alpha/m2", [stream(say("long"), finish("stop", usage)), status(429)])
    const session = await host.session()
    await session.prompt("hi", { agent: "small" })
    const reply = await session.prompt("again", { agent: "small" })
    expect(reply.model).toBe("gamma/m2")
    expect((await host.waitForToast("alpha/m2")).message).toContain("alpha/tiny (its context window")
  })

  scenario("models that are unknown or not connected are passed over with a reason", async (host) => {
    host.simulator.script("alpha/m3", [status(503)])
    const reply = await (await host.session()).prompt("hi", { agent: "gone" })
    expect(reply.model).toBe("gamma/m3")
    const { message } = await host.waitForToast("alpha/m3")
    expect(message).toContain("nowhere is not connected")
    expect(message).toContain("gamma/unheard-of (OpenCode does not know this model)")
  })

  scenario("a primary that does not exist is replaced at the start of the turn", async (host) => {
    const session = await host.session()
    const reply = await session.prompt("hi", { agent: "missing" })
    expect(reply.text).toBe("gamma/m3 says hello")
    expect(session.sessionErrors()).toHaveLength(0)
  })

  scenario("the same model at the first provider that has it, whichever the user picks", async (host) => {
    const session = await host.session()
    for (const id of ["m7", "m8"]) {
      host.simulator.script(`alpha/${id}`, [status(503)])
      const reply = await session.prompt("hi", { agent: "elsewhere", model: `alpha/${id}` })
      expect(reply.text).toBe(`gamma/${id} says hello`)
      const { message } = await host.waitForToast(`alpha/${id}`)
      expect(message).toContain("nowhere/* (nowhere is not connected)")
      expect(message).toContain("offline/* (offline does not offer this model)")
    }
  })

  scenario("a provider that opted out keeps its failures", async (host) => {
    host.simulator.script("beta/m4", [status(429)])
    const session = await host.session()
    await session.promptAsync("hi", { agent: "opted" })
    await session.waitForRetry()
    await session.abort()
    expect(host.simulator.requests("gamma/m4")).toHaveLength(0)
  })

  scenario("an ignored model is never a fallback", async (host) => {
    host.simulator.script("alpha/m5", [status(429)])
    expect((await (await host.session()).prompt("hi", { agent: "ignoring" })).model).toBe("gamma/m5")
    expect(host.simulator.requests("delta/m5")).toHaveLength(0)
  })

  scenario("with the network cut, the turn walks on to what still answers", async (host) => {
    const reply = await (await host.session()).prompt("hi", { agent: "network" })
    expect(reply.model).toBe("gamma/m6")
  })
})

describe("the user's own choice", () => {
  scenario("a client that names no model gets its own model back, not the fallback", async (host) => {
    host.simulator.script("alpha/m9", [status(503), text("well again")])
    const session = await host.session()
    // An agent that has a model would have it again whatever the last message names.
    expect((await session.prompt("one", { agent: "build", model: "alpha/m9" })).model).toBe("gamma/m9")
    await endRest(host, "alpha/m9")
    expect((await session.prompt("two", { agent: "build" })).text).toBe("well again")
  })

  scenario("a model picked by hand is the own model from then on", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const picked = host.models(1, ["gemini"])[0] ?? ""
    const session = await host.session()
    await session.prompt("one", { agent: chain.agent })
    host.simulator.script(picked, [status(503)])
    const reply = await session.prompt("two", { agent: chain.agent, model: picked })
    expect(reply.model).toBe(chain.fallback)
    await endRest(host, picked)
    expect((await session.prompt("three", { agent: chain.agent, model: picked })).model).toBe(picked)
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
}, 90_000)

describe("restore_primary: next_message", () => {
  const scenario = scenarios({
    understudy: { runtime_fallback: { restore_primary: "next_message", cooldown_seconds: 600 } },
  })

  scenario("asks the primary first with every message", async (host) => {
    const chain = host.chain("chat", "anthropic")
    host.simulator.script(chain.primary, [status(503), status(503)])
    const session = await host.session()
    await session.prompt("one", { agent: chain.agent })
    expect((await session.prompt("two", { agent: chain.agent })).model).toBe(chain.fallback)
    expect(host.simulator.requests(chain.primary)).toHaveLength(2)
  })
})

describe("leave_at_percent", () => {
  scenario(
    "a window that fills up: the next turn begins elsewhere, and comes back when it is new",
    async (host) => {
      const answer = (utilization: number): Step => {
        const headers = {
          "anthropic-ratelimit-unified-5h-utilization": String(utilization),
          "anthropic-ratelimit-unified-5h-reset": String(Math.ceil(Date.now() / 1_000) + 900),
        }
        return { kind: "stream", beats: [say("fine")], headers }
      }
      host.simulator.script("gamma/m10", [answer(0.5), answer(0.93), text("new again")])
      const session = await host.session()
      const model = async (): Promise<string> => (await session.prompt("hi", { agent: "filling" })).model
      expect(await model()).toBe("gamma/m10")
      expect(await model()).toBe("gamma/m10")
      expect(await model()).toBe("alpha/m11")
      expect((await host.waitForToast("5 h window 93 % used")).message).toContain("alpha/m11")
      await inSharedStore(host, (store) => {
        for (const { windows, ...account } of store.limits())
          store.saveLimits({ ...account, windows: windows.map((it) => ({ ...it, resetsAt: Date.now() })) })
      })
      expect(await model()).toBe("gamma/m10")
    },
  )
})
