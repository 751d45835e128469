import { expect } from "bun:test"
/** A compaction whose model fails must not cost the session its memory. */
import { status, text } from "../../simulator/index.ts"
import { type AnyHost, type AnySession, type Chain, usualSettings } from "../harness/index.ts"
import { asked, inFlightOnBothHosts } from "../in-flight/unnoticed.ts"

inFlightOnBothHosts("a compaction whose model fails", usualSettings, (scenario) => {
  for (const [what, failure] of [
    ["is rate limited for an hour", status(429, { headers: { "retry-after": "3600" } })],
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
  expect(asked(host, primary)).toEqual([2])
}
