import { describe, expect } from "bun:test"
import {
  hasImage,
  offeredTools,
  promptTexts,
  type ProtocolName,
  status,
  text,
  toolCall,
} from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { usualSettings } from "../harness/index.ts"
import { attachedImage } from "../pixel.ts"
import { asked, expectUnnoticed, inFlightScenarios } from "./unnoticed.ts"

const protocols: readonly ProtocolName[] = ["chat", "responses", "anthropic", "gemini"]

const format = {
  type: "json_schema",
  schema: { type: "object", properties: { answer: { type: "number" } }, required: ["answer"] },
}

const scenario = inFlightScenarios(usualSettings)

describe("what the turn carried is carried on", () => {
  scenario("the agent: its prompt, its tools, its name", async (host) => {
    host.simulator.script("alpha/m20", [status(429)])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: "sailor" })
    expect(reply).toMatchObject({ agent: "sailor", model: "alpha/m21" })
    const [request] = host.simulator.requests("alpha/m21")
    expect(request?.conversation.system).toContain("You are a sailor.")
    expect(request && offeredTools(request)).not.toContain("webfetch")
    expect(request && offeredTools(request)).toContain("bash")
    await expectUnnoticed(session)
  })

  scenario("the variant", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    host.simulator.script(primary, [status(429)])
    const session = await host.session()
    await session.prompt("hello", { agent, variant: "high" })
    const users = (await session.messages()).filter((message) => message.role === "user")
    expect(users.map((user) => [user.model, record(user.info["model"])["variant"]])).toEqual([
      [primary, "high"],
    ])
    expect(host.simulator.requests(fallback)).toHaveLength(1)
  })

  scenario("the variant's options reach the fallback's request", async (host) => {
    host.simulator.always("alpha/m24", status(503))
    const session = await host.session()
    await session.prompt("hello", { agent: "minded", variant: "high" })
    const requests = [...host.simulator.requests("alpha/m24"), ...host.simulator.requests("alpha/m25")]
    expect(requests.map((request) => request.body["reasoning_effort"])).toEqual(["high", "high"])
  })

  scenario("a variant that is named with the model that takes over by hand", async (host) => {
    const { agent } = host.chain("chat")
    const session = await host.session()
    await session.prompt("hello", { agent })
    await session.command("understudy", "use alpha/m25#high", { agent })
    expect(await session.prompt("again", { agent })).toMatchObject({ model: "alpha/m25" })
    expect(host.simulator.requests("alpha/m25").at(-1)?.body["reasoning_effort"]).toBe("high")
  })

  scenario("tools that the prompt switched off", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    const session = await host.session()
    await session.prompt("hello", { agent, tools: { bash: false } })
    const [before] = host.simulator.requests(primary)
    const [after] = host.simulator.requests(fallback)
    expect(after && offeredTools(after)).not.toContain("bash")
    expect(after && offeredTools(after).toSorted()).toEqual((before && offeredTools(before).toSorted()) ?? [])
    await expectUnnoticed(session)
  })

  scenario("the prompt's own system text", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    const session = await host.session()
    await session.prompt("hello", { agent, system: "Speak like a pirate." })
    expect(host.simulator.requests(fallback)[0]?.conversation.system).toContain("Speak like a pirate.")
    await expectUnnoticed(session)
  })

  for (const protocol of protocols) {
    const other: ProtocolName = protocol === "chat" ? "anthropic" : "chat"
    for (const [from, to] of [
      [protocol, other],
      [other, protocol],
    ] as const) {
      scenario(`the JSON-schema output format, ${from} to ${to}`, async (host) => {
        const { agent, primary, fallback } = host.chain(from, to)
        host.simulator.always(primary, status(429))
        host.simulator.script(fallback, [
          (request) =>
            offeredTools(request).includes("StructuredOutput")
              ? toolCall("StructuredOutput", { answer: 42 })
              : text("no such tool"),
        ])
        const session = await host.session()
        const reply = await session.prompt("how many?", { agent, format })
        expect(reply.error).toBeUndefined()
        expect(reply.info["structured"]).toEqual({ answer: 42 })
        await session.idle()
        expect(session.sessionErrors()).toEqual([])
        expect(session.idles()).toHaveLength(1)
        expect(asked(host, primary, fallback)).toEqual([1, 1])
      })
    }
  }

  scenario(
    "the JSON-schema output format, over steps with tools, none of them on the own model",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      const looking = Array.from({ length: 3 }, () => toolCall(...host.tools.shell("true")))
      host.simulator.script(primary, [status(429)])
      host.simulator.script(fallback, [...looking, toolCall("StructuredOutput", { answer: 42 })])
      const session = await host.session()
      const reply = await session.prompt("how many?", { agent, format })
      expect(reply.info["structured"]).toEqual({ answer: 42 })
      expect(asked(host, primary, fallback)).toEqual([1, 4])
      expect(host.toasts(primary)).toHaveLength(1)
      const steps = session.events("message.updated").map(({ properties }) => record(properties["info"]))
      const own = steps.filter(({ providerID }) => providerID === primary.split("/")[0])
      expect(new Set(own.map(({ id }) => id)).size).toBe(1)
    },
  )

  for (const protocol of protocols) {
    const other: ProtocolName = protocol === "chat" ? "anthropic" : "chat"
    scenario(`an attached image, ${other} to ${protocol}`, async (host) => {
      const { agent, primary, fallback } = host.chain(other, protocol)
      host.simulator.always(primary, status(529))
      const session = await host.session()
      const reply = await session.prompt([{ type: "text", text: "look" }, attachedImage], { agent })
      expect(reply.model).toBe(fallback)
      expect(host.simulator.requests(fallback).map(hasImage)).toEqual([true])
      await expectUnnoticed(session, ["look"])
    })
  }

  scenario("an attached image passes over a model that cannot see", async (host) => {
    host.simulator.always("alpha/m22", status(429))
    const session = await host.session()
    const reply = await session.prompt([{ type: "text", text: "look" }, attachedImage], { agent: "seeing" })
    expect(reply.model).toBe("gamma/m23")
    expect(asked(host, "alpha/textonly")).toEqual([0])
    const toast = await host.waitForToast("alpha/textonly")
    expect(toast.message).toContain("Skipped: alpha/textonly (cannot read the image)")
  })

  scenario("the text of an attached file, once", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    await Bun.write(`${host.home.project}/note.txt`, "the word is swordfish")
    host.simulator.always(primary, status(529))
    const session = await host.session()
    const file = {
      type: "file",
      mime: "text/plain",
      filename: "note.txt",
      url: `file://${host.home.project}/note.txt`,
    }
    await session.prompt([{ type: "text", text: "read" }, file], { agent })
    const [request] = host.simulator.requests(fallback)
    const times = request && promptTexts(request).join("\n").split("swordfish").length - 1
    expect(times).toBe(1)
  })

  scenario("the history: what was said in earlier turns", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [text("first answer"), status(503)])
    const session = await host.session()
    await session.prompt("first", { agent })
    const reply = await session.prompt("second", { agent })
    expect(reply.model).toBe(fallback)
    const [request] = host.simulator.requests(fallback)
    expect(request && promptTexts(request)).toEqual(["first", "second"])
    await expectUnnoticed(session, ["first", "second"])
  })
})
