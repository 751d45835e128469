/** What every scenario of in-flight failover owes to the user, in one place. */
import { expect } from "bun:test"
import type { RecordedRequest } from "../../simulator/index.ts"
import { scenarios } from "../harness/index.ts"
import type { Host, HostOptions, Reply, Scenario, Session } from "../harness/index.ts"

const ourKeys = ["fallback_models", "category", "runtime_fallback", "understudy"]

/** What a provider must never see of us. */
export function tracesOf({ headers, body, path }: RecordedRequest): readonly string[] {
  const names = [...Object.keys(headers), ...Object.keys(body)].filter((name) => ourKeys.includes(name))
  // OpenCode's own prompt names the test's folder.
  const sent = JSON.stringify([headers, path, body]).replaceAll("understudy-home-", "")
  return [...names, ...(sent.match(/.{0,40}understudy.{0,40}/gi) ?? [])]
}

/** `scenarios`, and after each of them: no trace of us at any provider, and no fault of our own in the log. */
export function inFlightScenarios(options: HostOptions = {}): Scenario {
  const scenario = scenarios(options)
  return (title, body, limitMs) => {
    scenario(
      title,
      async (host) => {
        await body(host)
        const requests = [...host.simulator.requests(), ...host.simulator.requests(undefined, "title")]
        expect(requests.flatMap(tracesOf)).toEqual([])
        const lines = (await host.logs()).split("\n")
        expect(lines.filter((line) => line.includes("a fault of our own"))).toEqual([])
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

/** Whether the client closed the connection of the one request to this model before its answer was complete. */
export async function wasLeft(host: Host, model: string): Promise<boolean> {
  while (host.simulator.requests(model)[0]?.endedAtMs === undefined) await Bun.sleep(5)
  return host.simulator.requests(model)[0]?.clientAborted === true
}

/** What the caller of the prompt sees of an answer. */
export function seen({ model, text, error }: Reply): Pick<Reply, "model" | "text" | "error"> {
  return { model, text, error }
}
