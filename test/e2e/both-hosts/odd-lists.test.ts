/** Lists as people write them late at night: what is right in them works, on both hosts. */
import { describe, expect } from "bun:test"
import { finish, hasImage, say, status, stream, toolCall } from "../../simulator/index.ts"
import { untilLogged } from "../harness/index.ts"
import { asked, inFlightOnBothHosts, inFlightScenarios, seen } from "../in-flight/unnoticed.ts"
import { pixel } from "../pixel.ts"

const deep = "alpha/deep/er/model:free"
const chinese = "alpha/模型-π"

const agent = (model: string) => ({ mode: "primary", model, description: "An agent of this file" })

const odd = {
  files: {
    "dot.png": Buffer.from(pixel, "base64"),
    // No JSON at all: everything else goes on.
    ".opencode/understudy.jsonc": "fallback_models = gamma/one",
  },
  opencode: {
    disabled_providers: ["delta"],
    provider: {
      alpha: {
        models: {
          "deep/er/model:free": { name: deep, tool_call: true, limit: { context: 200_000, output: 32_000 } },
          "模型-π": { name: chinese, tool_call: true, limit: { context: 200_000, output: 32_000 } },
          "of-a-plan": { name: "alpha/of-a-plan", tool_call: true, cost: { input: 0, output: 0 } },
          "by-token": { name: "alpha/by-token", tool_call: true, cost: { input: 3, output: 15 } },
          // As local models are written: beside an answer there is room for 28,000 tokens.
          local: { name: "alpha/local", tool_call: true, limit: { context: 60_000, output: 60_000 } },
          tight: { name: "alpha/tight", tool_call: true, limit: { context: 16_000, output: 16_000 } },
        },
      },
    },
    agent: {
      itself: agent("alpha/m21"),
      variant: agent("alpha/m22"),
      slashes: agent("alpha/m23"),
      unicode: agent(deep),
      disabled: agent("alpha/m24"),
      empty: agent("alpha/m25"),
      seeing: agent("alpha/m20"),
      blank: agent("alpha/m26"),
      strangers: agent("alpha/m27"),
      plan: agent("alpha/of-a-plan"),
      priceless: agent("alpha/m28"),
      long: agent("alpha/m29"),
      tight: agent("alpha/m30"),
    },
  },
  understudy: `\uFEFF{\r
    "agents": {\r
      "itself": { "fallback_models": ["alpha/m21", "ALPHA/M21", "gamma/m21"] },\r
      "variant": { "fallback_models": [{ "model": "gamma/m22", "variant": "no-such-variant" }] },\r
      "slashes": { "fallback_models": "${deep}" },\r
      "unicode": { "fallback_models": ["${chinese}"] },\r
      "disabled": { "fallback_models": ["delta/m24", "gamma/m24"] },\r
      "empty": { "fallback_models": [] },\r
      "blank": { "fallback_models": "" },\r
      "plan": { "fallback_models": ["alpha/by-token"] },\r
      "priceless": { "fallback_models": ["alpha/by-token"] },\r
      "strangers": { "fallback_models": [7, null, {}, "gpt-5.2", "gamma/m27", ["gamma/m28"],] },\r
      "seeing": { "fallback_models": ["alpha/textonly", "gamma/m20"] },\r
      "long": { "fallback_models": ["alpha/local", "gamma/m29"] },\r
      "tight": { "fallback_models": ["alpha/tight"] },\r
    },\r
    "runtime_fallback": { "cooldown_seconds": "a minute" },\r
    "on_switch": ["/no/such/program"],\r
    "fallback_models": ["gamma/m26"],\r
  }`,
}

const rows = [
  ["the own model in its own list is passed over", "itself", "alpha/m21", "gamma/m21"],
  ["a variant that does not exist is no obstacle", "variant", "alpha/m22", "gamma/m22"],
  ["a model with several slashes", "slashes", "alpha/m23", deep],
  ["a model in letters of the whole world", "unicode", deep, chinese],
  ["a provider that is switched off is passed over", "disabled", "alpha/m24", "gamma/m24"],
  ["an empty text is no list: the next one counts", "blank", "alpha/m26", "gamma/m26"],
  ["what is no model is left out", "strangers", "alpha/m27", "gamma/m27"],
] as const

inFlightOnBothHosts("an odd list", odd, (scenario) => {
  for (const [title, agent, primary, fallback] of rows)
    scenario(title, async (host) => {
      host.simulator.script(primary, [status(429)])
      const reply = await (await host.session()).prompt("hello", { agent })
      expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
      expect(asked(host, fallback)).toEqual([1])
    })

  for (const [what, agentName, own] of [
    ["a plan", "plan", "alpha/of-a-plan"],
    ["a model without a price, as local ones are written", "priceless", "alpha/m28"],
  ] as const)
    scenario(
      `a list that leads from ${what} to a model that is paid by token is used, and the toast says it`,
      async (host) => {
        host.simulator.script(own, [status(429)])
        const reply = await (await host.session()).prompt("hello", { agent: agentName })
        expect(reply.model).toBe("alpha/by-token")
        const { message } = await host.waitForToast(own)
        expect(message).toContain("Continuing with alpha/by-token, which is paid by token.")
      },
    )

  scenario("a model that cannot see is passed over once a tool has shown an image", async (host) => {
    const { project } = host.home
    host.simulator.script("alpha/m20", [toolCall(...host.tools.read(`${project}/dot.png`)), status(429)])
    const reply = await (await host.session()).prompt("what is this?", { agent: "seeing" })
    expect(reply.model).toBe("gamma/m20")
    expect(host.simulator.requests("gamma/m20").map(hasImage)).toEqual([true])
    expect((await host.waitForToast("alpha/m20")).message).toContain("alpha/textonly (cannot read the image)")
  })

  scenario(
    "a model on which OpenCode would compact the session is passed over for one with room",
    async (host) => {
      const usage = { inputTokens: 40_000, outputTokens: 10 }
      host.simulator.script("alpha/m29", [stream(say("a long story"), finish("stop", usage)), status(429)])
      const session = await host.session()
      await session.prompt("hello", { agent: "long" })
      expect((await session.prompt("go on", { agent: "long" })).model).toBe("gamma/m29")
      const { message } = await host.waitForToast("alpha/m29")
      expect(message).toContain("alpha/local (OpenCode would compact the session for it)")
    },
  )

  scenario(
    "a model whose limit leaves nothing beside its answer is used on OpenCode 2: version 1 would compact without end",
    async (host) => {
      host.simulator.script("alpha/m30", [status(404)])
      await (await host.session()).prompt("hello", { agent: "tight" })
      if (host.version === 2) return expect(asked(host, "alpha/tight")).not.toEqual([0])
      await untilLogged(host, /alpha\/tight \(OpenCode would compact at each step; set limit\.output/)
      expect(asked(host, "alpha/tight")).toEqual([0])
    },
  )

  scenario("an empty list switches the fallback off", async (host) => {
    host.simulator.script("alpha/m25", [status(401)])
    const reply = await (await host.session()).prompt("hello", { agent: "empty" })
    expect(reply.error).toBeDefined()
  })

  scenario("an on_switch that cannot be started delays no turn and is a line in the log", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.script(primary, [status(503)])
    expect((await (await host.session()).prompt("hello", { agent })).model).toBe("gamma/m26")
    await untilLogged(host, /on_switch: \/no\/such\/program could not be started/)
  })

  scenario("each mistake is named with file, line and key", async (host) => {
    expect((await host.waitForToast("settings")).variant).toBe("warning")
    await untilLogged(host, /\.opencode\/understudy\.jsonc:1:1: /)
    await untilLogged(host, /understudy\.jsonc:9:\d+: agents\.blank\.fallback_models: found /)
    await untilLogged(
      host,
      /understudy\.jsonc:17:\d+: runtime_fallback\.cooldown_seconds: found \\?"a minute/,
    )
    for (const index of [0, 1, 2, 3, 5])
      await untilLogged(
        host,
        new RegExp(`understudy\\.jsonc:12:\\d+: agents\\.strangers\\.fallback_models\\[${index}\\]`),
      )
  })
})

describe("where OpenCode 1 never compacts by itself", () => {
  const opencode = { ...odd.opencode, compaction: { auto: false } }
  inFlightScenarios({ ...odd, opencode })(
    "a model whose limit leaves nothing beside its answer is used",
    async (host) => {
      host.simulator.script("alpha/m30", [status(404)])
      const reply = await (await host.session()).prompt("hello", { agent: "tight" })
      expect([reply.model, ...asked(host, "alpha/tight")]).toEqual(["alpha/tight", 1])
    },
  )
})
