import { expect } from "bun:test"
import {
  type RecordedRequest,
  reset,
  status,
  type Step,
  text,
  toolCall,
  toolResults,
} from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

const spent = { error: { type: "insufficient_quota", code: "insufficient_quota", message: "quota exceeded" } }

/** `requests`: how often the failing model is asked, for a failure of the network is tried once more (DESIGN 3). */
type Row = { readonly title: string; readonly step: Step; readonly requests: number }

const rows: readonly Row[] = [
  { title: "a 429", step: status(429), requests: 1 },
  {
    title: "a 429 with an hour of retry-after",
    step: status(429, { headers: { "retry-after": "3600" } }),
    requests: 1,
  },
  { title: "a 500", step: status(500), requests: 2 },
  { title: "a connection reset before the first byte", step: reset(), requests: 2 },
  { title: "a 429 without quota", step: status(429, { body: spent }), requests: 1 },
  { title: "a model that is gone", step: status(404), requests: 1 },
  { title: "a dead key", step: status(401), requests: 1 },
  { title: "an empty wallet", step: status(402), requests: 1 },
  {
    title: "a JSON error under status 200",
    step: status(200, { body: { error: { message: "Overloaded", type: "overloaded_error", code: 503 } } }),
    requests: 1,
  },
]

inFlightOnBothHosts("a model that fails before its first byte", usualSettings, (scenario) => {
  for (const { title, step, requests } of rows) {
    scenario(
      `${title}: the caller gets the fallback's answer, and nobody notices but the toast`,
      async (host) => {
        const { agent, primary, fallback } = host.chain("chat", "anthropic")
        host.simulator.always(primary, step)
        const session = await host.session()
        const reply = await session.prompt("hello", { agent })
        expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
        await expectUnnoticed(session)
        expect(asked(host, primary, fallback)).toEqual([requests, 1])
        const toast = await host.waitForToast(primary)
        expect(toast.variant).toBe("warning")
        expect(toast.message).toContain(`Continuing with ${fallback}`)
        expect(await host.waitForToasts(primary)).toHaveLength(1)
      },
    )
  }

  scenario("a refused connection: the caller gets the fallback's answer", async (host) => {
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: "refused" })
    expect(seen(reply)).toEqual({ model: "gamma/m30", text: "gamma/m30 says hello", error: undefined })
    await expectUnnoticed(session)
    expect(await host.waitForToasts("offline/one")).toHaveLength(1)
  })
})

inFlightOnBothHosts("a subagent of a subagent", usualSettings, (scenario) => {
  scenario("its answer goes all the way up, whoever of the three fails", async (host) => {
    const top = host.chain("chat", "anthropic")
    const leaf = host.chain("chat", "anthropic")
    const answer = (request: RecordedRequest): Step =>
      text(`it said: ${toolResults(request).at(-1)?.text ?? "nothing"}`)
    host.simulator.script(top.primary, [toolCall(...host.tools.subagent("lead", "ask them")), status(429)])
    host.simulator.script(top.fallback, [answer])
    host.simulator.script("alpha/m30", [toolCall(...host.tools.subagent(leaf.agent, "who are you?")), answer])
    host.simulator.always(leaf.primary, status(429))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent: top.agent })
    expect(reply).toMatchObject({ model: top.fallback, error: undefined })
    expect(reply.text).toContain(`${leaf.fallback} says hello`)
    expect(asked(host, top.primary, "alpha/m30", leaf.primary, leaf.fallback)).toEqual([2, 2, 1, 1])
  })
})

inFlightOnBothHosts("a subagent", usualSettings, (scenario) => {
  for (const { title, step, requests } of rows.filter((row) => /429$|key/.test(row.title))) {
    scenario(`${title}: the parent gets the subagent's real answer in the same tool call`, async (host) => {
      const parent = host.chain("chat")
      const child = host.chain("chat", "anthropic")
      host.simulator.script(parent.primary, [
        toolCall(...host.tools.subagent(child.agent, "who are you?")),
        (request) => text(`it said: ${toolResults(request).at(-1)?.text ?? "nothing"}`),
      ])
      host.simulator.always(child.primary, step)
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: parent.agent })
      expect(reply.text).toContain(`${child.fallback} says hello`)
      await expectUnnoticed(session)
      const [sub] = await session.children()
      expect(sub).toBeDefined()
      if (sub) await expectUnnoticed(sub, ["who are you?"], child.primary)
      expect(asked(host, parent.primary, child.primary, child.fallback)).toEqual([2, requests, 1])
      expect((await session.history()).flatMap((entry) => entry.tools)).toEqual([
        `${host.tools.subagent("", "")[0]}:completed`,
      ])
    })
  }
})
