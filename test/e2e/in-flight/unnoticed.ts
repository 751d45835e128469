/** What every scenario of in-flight failover owes to the user, in one place. */
import { expect } from "bun:test"
import type { RecordedRequest } from "../../simulator/index.ts"
import { scenarios } from "../harness/index.ts"
import type { Host, HostOptions, Reply, Scenario, Session } from "../harness/index.ts"

const ourKeys = ["fallback_models", "category", "runtime_fallback", "understudy"]

/** What a provider must never see of us. */
function tracesOf(request: RecordedRequest): readonly string[] {
  const names = [...Object.keys(request.headers), ...Object.keys(request.body)]
  return names.filter((name) => name.includes("understudy") || ourKeys.includes(name))
}

/** `scenarios`, and after each of them: no trace of us at any provider, and no fault of our own in the log. */
export function inFlightScenarios(options: HostOptions = {}): Scenario {
  const scenario = scenarios(options)
  return (title, body, limitMs) => {
    scenario(
      title,
      async (host) => {
        await body(host)
        expect(host.simulator.requests(undefined, "any").flatMap(tracesOf)).toEqual([])
        expect(await host.logs()).not.toContain("a fault of our own")
      },
      limitMs,
    )
  }
}

/** Requests per model. */
export function asked(host: Host, ...models: readonly string[]): readonly number[] {
  return models.map((model) => host.simulator.requests(model).length)
}

/** The turn has ended in good order: the prompts stand once each, nothing failed, nothing was announced. */
export async function expectUnnoticed(
  session: Session,
  prompts: readonly string[] = ["hello"],
): Promise<void> {
  await session.idle(prompts.length)
  expect(session.sessionErrors()).toEqual([])
  expect(session.retries()).toEqual([])
  expect(session.idles()).toHaveLength(prompts.length)
  const history = await session.history()
  const shown = history.filter((entry) => entry.role === "user" && entry.text !== "")
  expect(shown.map((entry) => entry.text)).toEqual([...prompts])
  expect(history.flatMap((entry) => entry.error ?? [])).toEqual([])
}

/** What the caller of the prompt sees of an answer. */
export function seen({ model, text, error }: Reply): Pick<Reply, "model" | "text" | "error"> {
  return { model, text, error }
}
