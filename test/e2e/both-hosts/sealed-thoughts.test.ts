/** What only the model and the account can use that it is from: Gemini's signed calls, OpenAI's encrypted thoughts. */
import { expect } from "bun:test"
import { call, reasoning, status, stream, text, think, toolResults } from "../../simulator/index.ts"
import type { AnyHost } from "../harness/any-host.ts"
import { expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

const [gemini, ownGemini, openai] = ["delta/gemini-3-pro-preview", "delta/gemini-3-flash-preview", "beta/one"]
const [own, standIn] = ["alpha/one", "alpha/two"]

const options = {
  providers: {
    alpha: ["chat", "one", "two"],
    beta: ["responses", "one"],
    delta: ["gemini", "gemini-3-pro-preview", "gemini-3-flash-preview"],
  },
  understudy: {
    models: {
      [own]: { fallback_models: [gemini] },
      [ownGemini]: { fallback_models: [standIn] },
      [openai]: { fallback_models: [standIn] },
    },
    // The next prompt is the own model's again.
    runtime_fallback: { restore_primary: "next_message" },
  },
} as const

/** A thought and a tool that leaves a result; then the model is limited. */
const toolThenLimit = (host: AnyHost) =>
  [stream(think("I shall look. "), call(...host.tools.shell("echo found"))), status(429)] as const

/** How the provider has answered each request, itself or by script. */
const statuses = (host: AnyHost, model: string) => host.simulator.requests(model).map((one) => one.status)

inFlightOnBothHosts("what others cannot use", options, (scenario) => {
  scenario(
    "a Gemini 3 takes over behind another model's tool, whose call it has not signed",
    async (host) => {
      host.simulator.script(own, toolThenLimit(host))
      const session = await host.session()
      const reply = await session.prompt("hello", { model: own })
      expect(seen(reply)).toEqual({ model: gemini, text: `${gemini} says hello`, error: undefined })
      expect(statuses(host, gemini)).toEqual([200])
      const [request] = host.simulator.requests(gemini)
      expect(request && toolResults(request).map((result) => result.text.trim())).toEqual(["found"])
      await expectUnnoticed(session, ["hello"], own)
    },
  )

  for (const sealing of [ownGemini, openai])
    scenario(
      `${sealing}: what it has thought goes to no stand-in, and back to it with the next prompt`,
      async (host) => {
        host.simulator.script(sealing, [...toolThenLimit(host), reasoning("I know. ", "back"), text("again")])
        const session = await host.session()
        const asked = ["one", "two", "three"]
        const models: (string | undefined)[] = []
        for (const prompt of asked) models.push((await session.prompt(prompt, { model: sealing })).model)
        expect(models).toEqual([standIn, sealing, sealing])
        expect(statuses(host, sealing)).toEqual([200, 429, 200, 200])
        const sealed = (model: string): readonly boolean[] =>
          host.simulator.requests(model).map(({ body }) => JSON.stringify(body).includes("gAAA"))
        expect(sealed(standIn)).not.toContain(true)
        expect(sealed(sealing).at(-1)).toBe(true)
        await expectUnnoticed(session, asked, sealing)
      },
    )
})
