import { describe, expect } from "bun:test"
import { eventually } from "../../eventually.ts"
import {
  after,
  assistantTexts,
  gate,
  say as beat,
  status,
  text,
  toolCall,
  toolResults,
} from "../../simulator/index.ts"
import { type Host, scenarios, type Session, usualSettings } from "../harness/index.ts"
import { expectModel } from "./unnoticed.ts"

describe("/understudy", () => {
  const scenario = scenarios(usualSettings)

  const isPrompt = ({ role }: { readonly role: string }): boolean => role === "user"

  const asked = (host: Host): number => host.simulator.requests().length

  async function say(session: Session, words: string, agent: string): Promise<string> {
    return (await session.command("understudy", words, { agent })).text
  }

  scenario(
    "answers at once in a fresh session without a title, and asks no model, not even for a title",
    async (host) => {
      const chain = host.chain("chat", "anthropic")
      const session = await host.session({ title: undefined })
      const before = asked(host)
      const answer = await say(session, "", chain.agent)
      expect(answer).toContain(`Fallback models of ${chain.agent} (agents.${chain.agent}, `)
      expect(answer).toMatch(/understudy\.jsonc:\d+:\d+\):\n- /)
      expect(`${answer}\n`).toContain(`):\n- ${chain.fallback}\n`)
      expect(asked(host)).toBe(before)
    },
  )

  for (const protocol of ["chat", "responses", "anthropic", "gemini"] as const)
    scenario(`answers in the place of a ${protocol} model`, async (host) => {
      const chain = host.chain(protocol)
      const session = await host.session()
      const reply = await session.command("understudy", "help", { agent: chain.agent })
      expect(reply.text).toContain("/understudy status")
      expect(reply.finish).toBe("stop")
      expect(host.simulator.requests(chain.primary)).toHaveLength(0)
    })

  scenario(
    "status says which model is the own one, which is in use, why, until when, and what happened",
    async (host) => {
      const chain = host.chain("chat", "anthropic")
      host.simulator.script(chain.primary, [status(429)])
      host.simulator.script(chain.fallback, [text("from the fallback")])
      const session = await host.session()
      await session.prompt("hi", { agent: chain.agent })
      const answer = await say(session, "status", chain.agent)
      expect(answer).toMatch(new RegExp(`Your model: \\*\\*${chain.primary}\\*\\*.*rate limit.* \\d+ min`))
      expect(answer).toContain(`Your next prompt goes to **${chain.fallback}**`)
      expect(answer).toContain(`${chain.primary} to ${chain.fallback}`)
    },
  )

  scenario("status shows what answers say of the provider's limits", async (host) => {
    const chain = host.chain("anthropic")
    const provider = chain.primary.split("/", 1)[0] ?? ""
    const reset = String(Math.ceil(Date.now() / 1_000) + 7_200)
    const headers = {
      "anthropic-ratelimit-unified-5h-utilization": "0.834",
      "anthropic-ratelimit-unified-5h-reset": reset,
    }
    host.simulator.script(chain.primary, [{ kind: "stream", beats: [beat("hello")], headers }])
    const session = await host.session()
    await session.prompt("hi", { agent: chain.agent })
    expect(await say(session, "status", chain.agent)).toMatch(
      new RegExp(`- ${provider}: 5 h window 83 % used, resets at `),
    )
  })

  scenario("next and use: other models take the turns until the own one is chosen again", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const session = await host.session()
    const model = async (): Promise<string> => (await session.prompt("hi", { agent })).model
    expect(await model()).toBe(primary)
    expect(await say(session, "next", agent)).toContain(fallback)
    expect([await model(), await model()]).toEqual([fallback, fallback])
    expect(host.simulator.requests(primary)).toHaveLength(1)
    expect(await say(session, "use alpha/m28", agent)).toContain("alpha/m28")
    expect(await model()).toBe("alpha/m28")
    expect(await say(session, "status", agent)).toContain("Your next prompt goes to **alpha/m28**")
    expect(await say(session, `use ${primary}`, agent)).toContain("answers in this session again")
    expect(await say(session, "status", agent)).not.toContain("goes to")
    expect(await model()).toBe(primary)
  })

  scenario("leaves nothing in the context that models see", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const session = await host.session()
    await session.prompt("first words", { agent: chain.agent })
    await say(session, "status", chain.agent)
    await say(session, `hold ${chain.fallback}`, chain.agent)
    await session.prompt("second words", { agent: chain.agent })
    const messages = JSON.stringify(host.simulator.requests(chain.primary).at(-1)?.body["messages"])
    const conversation = messages.slice(messages.indexOf('{"role":"user"'))
    expect(conversation.includes("first words") && conversation.includes("second words")).toBe(true)
    expect(conversation.includes("/understudy") || conversation.includes("held out of use")).toBe(false)
    await say(session, `reset ${chain.fallback}`, chain.agent)
  })

  for (const isLent of [false, true])
    scenario(
      `thrown into a turn ${isLent ? "on a fallback" : "on the own model"} it is answered there, and the turn goes on`,
      async (host) => {
        const { agent, primary, fallback } = host.chain("chat", "anthropic")
        const calling = gate()
        if (isLent) host.simulator.script(primary, [status(503)])
        const answering = isLent ? fallback : primary
        host.simulator.script(answering, [
          after(calling, toolCall("glob", { pattern: "*" })),
          text("all is done"),
        ])
        const session = await host.session()
        const turn = session.prompt("do it", { agent })
        await calling.reached
        const reply = session.command("understudy", "status", { agent })
        await eventually(async () => (await session.history()).filter(isPrompt).length === 2, 50)
        calling.open()
        await Promise.all([turn, reply])
        const said = (await session.history()).filter(({ role, text }) => role === "assistant" && text !== "")
        expect(said.map(({ text }) => text)).toEqual([expect.stringContaining("Your model:"), "all is done"])
        const [last] = host.simulator.requests(answering).slice(-1)
        expect(last && toolResults(last)).toHaveLength(1)
        expect(JSON.stringify(last?.body)).not.toContain("Your model:")
        expect(host.simulator.requests(answering)).toHaveLength(2)
        await expectModel(session, primary)
        await session.prompt("and now", { agent })
        const [next] = host.simulator.requests(answering).slice(-1)
        expect(next && assistantTexts(next).join("")).toBe("all is done")
      },
    )

  scenario("a model that OpenCode does not know is said, and nothing is changed", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const session = await host.session()
    expect(await say(session, "chain nobody/nothing", chain.agent)).toContain("Nothing was changed.")
    host.simulator.script(chain.primary, [status(503)])
    host.simulator.script(chain.fallback, [text("from the settings")])
    expect((await session.prompt("hi", { agent: chain.agent })).text).toBe("from the settings")
  })

  scenario("off leaves failures to OpenCode, on takes them up again", async (host) => {
    const chain = host.chain("chat", "anthropic")
    host.simulator.script(chain.primary, [status(429)])
    host.simulator.script(chain.fallback, [text("from the fallback")])
    const session = await host.session()
    await say(session, "off", chain.agent)
    await session.promptAsync("hi", { agent: chain.agent })
    await session.waitForRetry()
    await session.abort()
    expect(host.simulator.requests(chain.fallback)).toHaveLength(0)
    await say(session, "on", chain.agent)
    host.simulator.script(chain.primary, [status(429)])
    expect((await session.prompt("again", { agent: chain.agent })).text).toBe("from the fallback")
  })

  scenario("hold keeps a model out of use until it is reset", async (host) => {
    const chain = host.chain("chat", "anthropic")
    host.simulator.script(chain.primary, [text("from the primary")])
    host.simulator.script(chain.fallback, [text("from the fallback")])
    const session = await host.session()
    await say(session, `hold ${chain.primary}`, chain.agent)
    expect((await session.prompt("hi", { agent: chain.agent })).text).toBe("from the fallback")
    expect(host.simulator.requests(chain.primary)).toHaveLength(0)
    await say(session, `reset ${chain.primary}`, chain.agent)
    expect((await session.prompt("again", { agent: chain.agent })).text).toBe("from the primary")
  })

  scenario("reset ends a cooldown, and the user's own model is used again", async (host) => {
    const chain = host.chain("chat", "anthropic")
    host.simulator.script(chain.primary, [
      status(429, { headers: { "retry-after": "600" } }),
      text("well again"),
    ])
    host.simulator.script(chain.fallback, [text("from the fallback")])
    const session = await host.session()
    await session.prompt("hi", { agent: chain.agent })
    await say(session, "reset", chain.agent)
    expect((await session.prompt("again", { agent: chain.agent })).text).toBe("well again")
  })

  scenario("chain gives this session a list that outranks the settings", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const other = host.chain("gemini")
    host.simulator.script(chain.primary, [status(503)])
    host.simulator.script(other.primary, [text("from the session's own list")])
    const session = await host.session()
    await say(session, `chain ${other.primary}`, chain.agent)
    expect((await session.prompt("hi", { agent: chain.agent })).text).toBe("from the session's own list")
    expect(host.simulator.requests(chain.fallback)).toHaveLength(0)
  })

  scenario("says what is wrong with words it does not know", async (host) => {
    const chain = host.chain("chat")
    const session = await host.session()
    const answer = await say(session, "flip", chain.agent)
    expect(answer).toContain('"flip" is not known')
    expect(answer).toContain("/understudy status")
  })
})
