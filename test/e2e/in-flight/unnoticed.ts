/** What every scenario of in-flight failover owes to the user, in one place. */
import { describe, expect } from "bun:test"
import { promptTexts, type Step } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import type { Setback } from "../harness/any-host.ts"
import {
  type AnyHost,
  type AnySession,
  type Chain,
  type HistoryEntry,
  type HostOptions,
  type Reply,
  type Scenario,
  scenarios,
} from "../harness/index.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"
import { Session2 } from "../harness/opencode2/session.ts"
import type { ScenarioOf } from "../harness/scenarios.ts"
import { Session } from "../harness/session.ts"
import { tracesOf } from "../harness/traces.ts"

/** `scenarios`, and after each of them: no trace of us at any provider, and no internal error in the log. */
export function inFlightScenarios(options: HostOptions = {}): Scenario {
  return watched(scenarios(options))
}

/**
 * The same on OpenCode 1 and OpenCode 2, each with a host of its own. Where there is no OpenCode 2 for this machine its
 * half says that it is left out.
 */
export function inFlightOnBothHosts(
  title: string,
  options: HostOptions,
  body: (scenario: ScenarioOf<AnyHost>) => void,
): void {
  describe(title, () => {
    describe("OpenCode 1", () => body(watched(scenarios(options))))
    describe("OpenCode 2", () => body(watched(scenarios2(options))))
  })
}

function watched<Any extends Pick<AnyHost, "simulator" | "logs">>(
  scenario: ScenarioOf<Any>,
): ScenarioOf<Any> {
  return (title, body, limitMs) => {
    scenario(
      title,
      async (host) => {
        const since = performance.now()
        await body(host)
        const requests = [...host.simulator.requests(), ...host.simulator.requests(undefined, "title")]
        expect(requests.filter(({ atMs }) => atMs >= since).flatMap(tracesOf)).toEqual([])
        expect((await host.logs()).match(/.*an internal error.*/g) ?? []).toEqual([])
      },
      limitMs,
    )
  }
}

/** Requests per model. */
export function asked(host: Pick<AnyHost, "simulator">, ...models: readonly string[]): readonly number[] {
  return models.map((model) => host.simulator.requests(model).length)
}

/** The turn has ended in good order: the prompts stand once each, nothing failed, nothing was announced. */
export async function expectUnnoticed(
  session: AnySession,
  prompts: readonly string[] = ["hello"],
  own?: string,
): Promise<void> {
  if (!(session instanceof Session)) return await expectUnnoticed2(session, prompts, own)
  await session.idle(prompts.length)
  expect(session.sessionErrors()).toEqual([])
  expect(session.retries()).toEqual([])
  expect(session.idles()).toHaveLength(prompts.length)
  const history = await session.history()
  expect(history.flatMap((entry) => entry.error ?? [])).toEqual([])
  await expectAsWritten(session, prompts, own)
}

/** The own model of a new turn answers like this for good: the fallback answers the prompt as it was, each asked once. */
export async function expectTakenOver(
  host: AnyHost,
  { agent, primary, fallback }: Chain,
  failure: Step,
): Promise<void> {
  host.simulator.always(primary, failure)
  const session = await host.session()
  const reply = await session.prompt("hello", { agent })
  expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
  await expectUnnoticed(session)
  expect(asked(host, primary, fallback)).toEqual([1, 1])
  expect(host.simulator.requests(fallback).map(promptTexts)).toEqual([["hello"]])
}

/** The one turn of this session has ended with one error, announced once; the session stands on the user's own model. */
export async function expectFailed(session: AnySession, own: string): Promise<void> {
  await session.wait()
  expect(await session.ending()).toBe("failed")
  expect(session.setbacks().filter(isFelt)).toMatchObject([{ kind: "error" }])
  expect((await session.history()).flatMap((entry) => entry.error ?? [])).toHaveLength(1)
  if (session instanceof Session) await expectAsWritten(session, ["hello"], own)
  else await expectModel(session, own)
}

/** The turn was ended by Esc: nobody is asked any more, and the session stands on the user's own model. */
export async function expectOver(
  host: AnyHost,
  session: AnySession,
  chain: Chain,
  before: readonly number[],
): Promise<void> {
  await session.wait()
  expect(await session.ending()).toBe("interrupted")
  expect(asked(host, ...chain.models)).toEqual([...before])
  await roundTrip(host)
  expect(asked(host, ...chain.models)).toEqual([...before])
  if (session instanceof Session) {
    await expectAsWritten(session, ["hello"], chain.primary)
    expect(session.retries()).toEqual([])
  } else await expectModel(session, chain.primary)
}

/** A turn of another session, through the whole of OpenCode: a request that was under way before it has arrived after it. */
export async function roundTrip(host: AnyHost): Promise<void> {
  const other = await host.session()
  await other.prompt("anything", { model: "alpha/five" })
}

/** OpenCode 2 keeps what broke off, as a failed answer of its own, and announces a switch as a retry due at once. */
async function expectUnnoticed2(
  session: AnySession,
  prompts: readonly string[],
  own = session instanceof Session2 ? session.picked : undefined,
): Promise<void> {
  await session.wait()
  expect(session.setbacks().filter(isFelt)).toEqual([])
  expect(await session.ending()).toBe("answered")
  const users = (await session.history()).filter(({ role }) => role === "user")
  // A subagent's prompt is told there where it comes from.
  expect(users.map(({ text }) => text)).toEqual(prompts.map((prompt) => expect.stringContaining(prompt)))
  if (own !== undefined) await expectModel(session, own)
}

function isFelt(setback: Setback): boolean {
  return setback.kind === "error" || setback.waitMs > 500
}

/** Looks that are taken, 50 ms apart, until what follows a turn has come about: each keeps OpenCode busy. */
const LOOKS = 400
const LOOK_MS = 50

/** The session stands on this model; what was lent is given back when the turn is over, which may take a moment. */
export async function expectModel(session: AnySession, model: string): Promise<void> {
  for (let tries = 0; tries < LOOKS && (await session.model()) !== model; tries += 1) await Bun.sleep(LOOK_MS)
  expect(await session.model()).toBe(model)
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
    if (tries === LOOKS || users.every((user) => own === undefined || user.model === own)) return users
    await Bun.sleep(LOOK_MS)
  }
}

function written(info: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const { summary: _, ...rest } = info
  return rest
}

/** Whether the client closed the connection of the one request to this model before its answer was complete. */
export async function wasLeft(host: Pick<AnyHost, "simulator">, model: string): Promise<boolean> {
  while (host.simulator.requests(model)[0]?.endedAtMs === undefined) await Bun.sleep(5)
  return host.simulator.requests(model)[0]?.clientAborted === true
}

/** What the caller of the prompt sees of an answer. */
export function seen({ model, text, error }: HistoryEntry): Pick<HistoryEntry, "model" | "text" | "error"> {
  return { model, text, error }
}
