import { expect } from "bun:test"
import { repeat, status, text } from "../../simulator/index.ts"
import type { AnySession } from "../harness/index.ts"
import { asked, expectModel, inFlightOnBothHosts, roundTrip } from "../in-flight/unnoticed.ts"

const hourSeconds = 3_600

const options = {
  understudy: {
    runtime_fallback: {
      when_exhausted: "wait",
      max_wait_seconds: 12 * hourSeconds,
      max_cooldown_seconds: 24 * hourSeconds,
      // Long enough that the first model still rests when the second has failed, on a busy machine too.
      cooldown_seconds: 6,
      patience_seconds: 3,
    },
  },
}

/** Those that people are told of; a switch on OpenCode 2 is a wait of no length. */
function waits(session: AnySession): readonly number[] {
  return session
    .setbacks()
    .flatMap((setback) => (setback.kind === "wait" && setback.waitMs > 500 ? [setback.waitMs] : []))
}

const awayFor = (hours: number) =>
  repeat(status(429, { headers: { "retry-after": String(hours * hourSeconds) } }))

inFlightOnBothHosts("settings by which a turn waits", options, (scenario) => {
  scenario("patience_seconds: a model whose provider is back so soon is waited for", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const soon = status(429, { headers: { "retry-after": "2" }, message: "Too many requests" })
    host.simulator.script(primary, [soon, text("back again")])
    const session = await host.session()
    expect(await session.prompt("hi", { agent })).toMatchObject({ model: primary, text: "back again" })
    expect(asked(host, primary, fallback)).toEqual([2, 0])
    expect(waits(session)).toHaveLength(1)
    expect(host.toasts(primary)).toEqual([])
  })

  scenario(
    "patience_seconds: OpenCode's own tries are not used up on a model that is back at once, again and again",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.always(
        primary,
        status(429, { headers: { "retry-after-ms": "50" }, message: "Too many requests" }),
      )
      const session = await host.session()
      const answer = { model: fallback, error: undefined }
      expect(await session.prompt("hi", { agent })).toMatchObject(answer)
    },
  )

  scenario(
    "when_exhausted waits for the model that is back first, as OpenCode shows its own retries, and goes on there",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(503), text("the primary again")])
      host.simulator.script(fallback, [status(529, { headers: { "retry-after": "600" } })])
      const session = await host.session()
      expect(await session.prompt("hi", { agent })).toMatchObject({
        model: primary,
        text: "the primary again",
      })
      expect(asked(host, primary, fallback)).toEqual([2, 1])
      expect(waits(session)).not.toEqual([])
      expect(session.setbacks().filter(({ kind }) => kind === "error")).toEqual([])
      await host.waitForToast(`seconds for ${primary}.`)
    },
  )

  scenario("when_exhausted goes on also where the last model has refused the request", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503), text("the primary again")])
    host.simulator.always(fallback, status(400))
    const session = await host.session()
    const answer = { model: primary, text: "the primary again", error: undefined }
    expect(await session.prompt("hi", { agent })).toMatchObject(answer)
    expect(asked(host, primary)).toEqual([2])
  })

  scenario("when_exhausted waits for hours, until Esc", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [awayFor(8)])
    host.simulator.script(fallback, [awayFor(6)])
    const session = await host.session()
    await session.promptAsync("hi", { agent })
    await host.waitForEvent(() => waits(session).length > 0)
    const [waitMs = 0] = waits(session)
    expect(waitMs / 1_000).toBeWithin(5.9 * hourSeconds, 6.1 * hourSeconds)
    await host.waitForToast(`Waiting about 6 hours for ${fallback}.`)
    await session.abort()
    await session.wait()
    await roundTrip(host)
    expect(asked(host, primary, fallback)).toEqual([1, 1])
    await expectModel(session, primary)
  })

  scenario("when_exhausted does not wait longer than max_wait_seconds", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [awayFor(14)])
    host.simulator.script(fallback, [awayFor(13)])
    const session = await host.session()
    await session.prompt("hi", { agent })
    expect(await session.errorText()).toContain("No model is left for this turn.")
    expect(asked(host, primary, fallback)).toEqual([1, 1])
    expect(waits(session)).toEqual([])
    await host.waitForToast(`${fallback} is back first, in about 13 hours.`)
  })
})
