/** What every scenario of in-flight failover owes to the user, in one place. */
import { expect } from "bun:test"
import { record } from "../../simulator/protocol/json.ts"
import { scenarios } from "../harness/index.ts"
import type { Host, HostOptions, Reply, Scenario, Session } from "../harness/index.ts"
import { tracesOf } from "../harness/traces.ts"

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
  own?: string,
): Promise<void> {
  await session.idle(prompts.length)
  expect(session.sessionErrors()).toEqual([])
  expect(session.retries()).toEqual([])
  expect(session.idles()).toHaveLength(prompts.length)
  const history = await session.history()
  expect(history.flatMap((entry) => entry.error ?? [])).toEqual([])
  await expectAsWritten(session, prompts, own)
}

/**
 * One prompt is one message, unchanged to the last field but for the summary that OpenCode itself adds.
 *
 * @param own the user's model, where OpenCode first stored another one: a turn that began on a stand-in
 */
export async function expectAsWritten(
  session: Session,
  prompts: readonly string[],
  own?: string,
): Promise<void> {
  const users = await usersOf(session, own)
  expect(users.map((user) => user.text)).toEqual([...prompts])
  const first = new Map<unknown, Record<string, unknown>>()
  for (const { properties } of session.events("message.updated")) {
    const info = record(properties["info"])
    if (info["role"] === "user" && !first.has(info["id"])) first.set(info["id"], written(info))
  }
  for (const user of users) {
    const { model, variant, ...now } = written(user.info)
    const { model: modelThen, variant: variantThen, ...then } = first.get(user.info["id"]) ?? {}
    expect(now).toEqual(then)
    if (own === undefined) expect([model, variant]).toEqual([modelThen, variantThen])
    else expect(user.model).toBe(own)
  }
}

/** What an aborted or failed turn has lent is given back when the session is idle: that may take a moment. */
async function usersOf(session: Session, own: string | undefined): Promise<readonly Reply[]> {
  for (let tries = 0; ; tries += 1) {
    const users = (await session.messages()).filter((message) => message.role === "user")
    if (tries === 100 || users.every((user) => own === undefined || user.model === own)) return users
    await Bun.sleep(20)
  }
}

function written(info: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { summary: _, ...rest } = info
  return rest
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
