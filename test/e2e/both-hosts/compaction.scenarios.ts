import { expect } from "bun:test"
/** A compaction whose model fails must not cost the session its memory. */
import { status, text } from "../../simulator/index.ts"
import { type AnyHost, type AnySession, type Chain, usualSettings } from "../harness/index.ts"
import { asked, inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

const hour = status(429, { headers: { "retry-after": "3600" } })

inFlightOnBothHosts("a compaction whose model fails", usualSettings, (scenario) => {
  for (const [what, failure] of [
    ["is rate limited for an hour", hour],
    ["is refused for good", status(401)],
  ] as const)
    scenario(`and ${what} is the next model's, and the context survives`, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      const session = await host.session()
      await session.prompt("the word is plum", { agent })
      host.simulator.always(primary, failure)
      host.simulator.script(fallback, [text("## Objective\nSUMMARY: the word is plum"), text("it is plum")])
      await expectRemembered(host, session, { agent, primary, fallback })
    })

  scenario("and is known to be down is the next model's alone", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const session = await host.session()
    await session.prompt("the word is plum", { agent })
    host.simulator.script(primary, [status(429)])
    await (await host.session()).prompt("hello", { agent })
    host.simulator.script(fallback, [text("SUMMARY: the word is plum"), text("it is plum")])
    await expectRemembered(host, session, { agent, primary, fallback })
  })

  scenario(
    "and is nobody else's for an hour ends at once, with one error that says everything",
    async (host) => {
      const { agent, models, primary, fallback } = host.chain("chat", "anthropic")
      const session = await host.session()
      await session.prompt("hello", { agent })
      host.simulator.always(primary, hour)
      host.simulator.always(fallback, status(401))
      await session.compact()
      const failed = host.version === 1 ? "session.error" : "session.compaction.failed"
      const { properties } = await host.waitForEvent(
        ({ type, properties }) => type === failed && properties["sessionID"] === session.id,
      )
      const error = JSON.stringify(properties["error"])
      for (const words of [...models, "back in about an hour", "key was rejected"])
        expect(error).toContain(words)
      await session.wait()
      expect(asked(host, primary, fallback)).toEqual([2, 1])
    },
  )
})

/** The fallback sums up, and answers from its summary; the own model has been asked twice in all. */
async function expectRemembered(
  host: AnyHost,
  session: AnySession,
  { agent, primary, fallback }: Pick<Chain, "agent" | "primary" | "fallback">,
): Promise<void> {
  await session.compact()
  await session.compacted()
  expect((await session.prompt("which word?", { agent })).text).toBe("it is plum")
  const last = JSON.stringify(host.simulator.requests(fallback).at(-1)?.body)
  expect(last).toContain("SUMMARY: the word is plum")
  expect(host.simulator.requests(fallback, "compaction")).toHaveLength(1)
  expect(asked(host, primary)).toEqual([2])
}
