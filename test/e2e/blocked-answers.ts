import { expect } from "bun:test"
import { empty, finish, status, type Step, stream, think } from "../simulator/index.ts"
import type { AnyHost } from "./harness/index.ts"
import type { ScenarioOf } from "./harness/scenarios.ts"
import { expectModel } from "./in-flight/unnoticed.ts"

export const filtered = { error: { code: "content_filter", message: "The response was filtered." } }

const ways: readonly (readonly [how: string, step: Step])[] = [
  ["with an error status", status(400, { body: filtered })],
  ["as its stop reason", empty("content-filter")],
  ["as its stop reason, behind a thought", stream(think("May I?"), finish("content-filter"))],
]

/** @param scenario of a host whose `fallback_on` holds `content_filter` */
export function blockedAnswers(scenario: ScenarioOf<AnyHost>): void {
  for (const [how, step] of ways)
    scenario(`a refusal of the content filter, ${how}, goes on with the next model`, async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "chat")
      host.simulator.script(primary, [step])
      const session = await host.session()
      expect(await session.prompt("hi", { agent })).toMatchObject({ model: fallback, error: undefined })
      await expectModel(session, primary)
      expect((await session.prompt("again", { agent })).model).toBe(primary)
    })
}
