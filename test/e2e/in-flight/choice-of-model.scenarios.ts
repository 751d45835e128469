import { describe, expect } from "bun:test"
import { finish, say, status, type Step, stream, text } from "../../simulator/index.ts"
import { scenarios, usualSettings } from "../harness/index.ts"
import { endRest, inSharedStore } from "../harness/shared-store.ts"

const scenario = scenarios(usualSettings)

describe("what can take the turn", () => {
  scenario("a fallback whose window is too small for the session is passed over", async (host) => {
    const usage = { inputTokens: 50_000, outputTokens: 10 }
    host.simulator.script("alpha/m11", [stream(say("long"), finish("stop", usage)), status(429)])
    const session = await host.session()
    await session.prompt("hi", { agent: "small" })
    const reply = await session.prompt("again", { agent: "small" })
    expect(reply.model).toBe("gamma/m11")
    expect((await host.waitForToast("alpha/m11")).message).toContain("alpha/tiny (its context window")
  })

  scenario("models that are unknown or not connected are passed over with a reason", async (host) => {
    host.simulator.script("alpha/m12", [status(503)])
    const reply = await (await host.session()).prompt("hi", { agent: "gone" })
    expect(reply.model).toBe("gamma/m12")
    const { message } = await host.waitForToast("alpha/m12")
    expect(message).toContain("nowhere is not connected")
    expect(message).toContain("gamma/unheard-of (OpenCode does not know this model)")
  })

  scenario("a primary that does not exist is replaced at the start of the turn", async (host) => {
    const session = await host.session()
    const reply = await session.prompt("hi", { agent: "missing" })
    expect(reply.text).toBe("gamma/m12 says hello")
    expect(session.sessionErrors()).toHaveLength(0)
  })

  scenario("the same model at the first provider that has it, whichever the user picks", async (host) => {
    const session = await host.session()
    for (const id of ["m13", "m14"]) {
      host.simulator.script(`alpha/${id}`, [status(503)])
      const reply = await session.prompt("hi", { agent: "elsewhere", model: `alpha/${id}` })
      expect(reply.text).toBe(`gamma/${id} says hello`)
      const { message } = await host.waitForToast(`alpha/${id}`)
      expect(message).toContain("nowhere/* (nowhere is not connected)")
      expect(message).toContain("offline/* (offline does not offer this model)")
    }
  })

  scenario("a provider that opted out keeps its failures", async (host) => {
    host.simulator.script("beta/m15", [status(429)])
    const session = await host.session()
    await session.promptAsync("hi", { agent: "opted" })
    await session.waitForRetry()
    await session.abort()
    expect(host.simulator.requests("gamma/m15")).toHaveLength(0)
  })

  scenario("an ignored model is never a fallback", async (host) => {
    host.simulator.script("alpha/m16", [status(429)])
    expect((await (await host.session()).prompt("hi", { agent: "ignoring" })).model).toBe("gamma/m16")
    expect(host.simulator.requests("delta/m16")).toHaveLength(0)
  })

  scenario("with the network cut, the turn walks on to what still answers", async (host) => {
    const reply = await (await host.session()).prompt("hi", { agent: "network" })
    expect(reply.model).toBe("gamma/m17")
  })
})

describe("the user's own choice", () => {
  scenario("a client that names no model gets its own model back, not the fallback", async (host) => {
    host.simulator.script("alpha/m18", [status(503), text("well again")])
    const session = await host.session()
    // An agent that has a model would have it again whatever the last message names.
    expect((await session.prompt("one", { agent: "build", model: "alpha/m18" })).model).toBe("gamma/m18")
    await endRest(host, "alpha/m18")
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
      host.simulator.script("gamma/m26", [answer(0.5), answer(0.93), text("new again")])
      const session = await host.session()
      const model = async (): Promise<string> => (await session.prompt("hi", { agent: "filling" })).model
      expect(await model()).toBe("gamma/m26")
      expect(await model()).toBe("gamma/m26")
      expect(await model()).toBe("alpha/m27")
      expect((await host.waitForToast("5 h window 93 % used")).message).toContain("alpha/m27")
      await inSharedStore(host, (store) => {
        for (const { windows, ...account } of store.limits())
          store.saveLimits({ ...account, windows: windows.map((it) => ({ ...it, resetsAt: Date.now() })) })
      })
      expect(await model()).toBe("gamma/m26")
    },
  )
})
