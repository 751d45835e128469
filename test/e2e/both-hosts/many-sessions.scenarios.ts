import { expect } from "bun:test"
import { promptTexts, status, text } from "../../simulator/index.ts"
import { usualSettings } from "../harness/index.ts"
import { asked, expectUnnoticed, inFlightOnBothHosts, seen } from "../in-flight/unnoticed.ts"

inFlightOnBothHosts("many sessions", usualSettings, (scenario) => {
  scenario("twelve sessions against a dead primary: twelve right answers, one toast", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(503))
    host.simulator.always(fallback, (request) => text(`answer to ${promptTexts(request).join(" and ")}`))
    const questions = Array.from({ length: 12 }, (_, index) => `question ${index}`)
    const replies = await Promise.all(
      questions.map(async (question) => {
        const session = await host.session()
        const reply = await session.prompt(question, { agent })
        await expectUnnoticed(session, [question])
        return seen(reply)
      }),
    )
    expect(replies).toEqual(
      questions.map((question) => ({ model: fallback, text: `answer to ${question}`, error: undefined })),
    )
    expect(await host.waitForToasts(primary)).toHaveLength(1)
    const [toPrimary = 0, toFallback = 0] = asked(host, primary, fallback)
    expect(toPrimary).toBeLessThanOrEqual(12)
    expect(toFallback).toBe(12)
  })
})
