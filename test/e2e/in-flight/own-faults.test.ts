/** Our own code throwing anywhere in the path: OpenCode behaves as without us, and the log says so. */
import { describe, expect } from "bun:test"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { say, status, stream, text } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import type { Fault } from "../fixtures/faulty-understudy/faults.ts"
import { faultFile, under } from "../fixtures/faulty-understudy/inject-fault.ts"
import { scenarios, type Session } from "../harness/index.ts"
import { asked, expectUnnoticed, seen } from "./unnoticed.ts"

const fixture = pathToFileURL(join(import.meta.dir, "../fixtures/faulty-understudy")).href
const scenario = scenarios({
  chains: [
    ...Array.from({ length: 6 }, () => ["chat", "anthropic"] as const),
    ...Array.from({ length: 3 }, () => ["responses", "chat"] as const),
  ],
  plugin: [[fixture, { file: faultFile }]],
})

const retryMessages = (session: Session): readonly unknown[] =>
  session.retries().map((event) => record(event.properties["status"])["message"])

/** OpenCode's own retry comes after two seconds, unless the provider names a time. */
const down = status(503, { message: "down for now", headers: { "retry-after-ms": "50" } })

scenario("the fixture without a fault fails over", async (host) => {
  const { agent, primary, fallback } = host.chain("chat", "anthropic")
  host.simulator.always(primary, down)
  const session = await host.session()
  expect((await session.prompt("hello", { agent })).model).toBe(fallback)
})

describe("a fault where the decision is made: OpenCode's own retry, as without us", () => {
  const rows: readonly Fault[] = [
    "failover.judge",
    "failover.enabled",
    "host.lend",
    "host.catalog",
    "store.circuit",
    "store.updateCircuit",
  ]
  for (const fault of rows) {
    scenario(fault, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [down, text("better now")])
      const session = await host.session()
      const reply = await under(host, fault, () => session.prompt("hello", { agent }))
      expect(seen(reply)).toEqual({ model: primary, text: "better now", error: undefined })
      expect(retryMessages(session)).toEqual(["down for now"])
      await session.idle()
      expect(session.idles()).toHaveLength(1)
      expect(session.sessionErrors()).toEqual([])
      expect(await session.history()).toHaveLength(2)
      expect(asked(host, primary, fallback)).toEqual([2, 0])
    })
  }
})

describe("a fault in the middle of a stream: the stream's failure reaches OpenCode", () => {
  const error = { message: "broken in the middle" }
  for (const fault of ["failover.judge", "host.lend"] as const) {
    scenario(fault, async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "chat")
      host.simulator.script(primary, [
        stream(say("Half "), { kind: "error-frame", error }),
        text("better now"),
      ])
      const session = await host.session()
      const reply = await under(host, fault, () => session.prompt("hello", { agent }))
      expect(reply.model).toBe(primary)
      expect(session.retries()).toHaveLength(1)
      expect(asked(host, primary, fallback)).toEqual([2, 0])
    })
  }
})

describe("a fault that leaves the decision whole: the turn goes on with the fallback", () => {
  const rows: readonly Fault[] = [
    "failover.tryProbe",
    "failover.ownReason",
    "failover.succeeded",
    "failover.chain",
    "host.toast",
    "store.session",
    "store.saveSession",
    "store.appendJournal",
  ]
  for (const fault of rows) {
    scenario(fault, async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(503), text("never asked for")])
      const session = await host.session()
      const reply = await under(host, fault, () => session.prompt("hello", { agent }))
      expect(seen(reply)).toEqual({ model: fallback, text: `${fallback} says hello`, error: undefined })
      await expectUnnoticed(session)
      expect(asked(host, primary, fallback)).toEqual([1, 1])
    })
  }
})

describe("a healthy answer is untouched by any fault", () => {
  const rows: readonly Fault[] = [
    "failover.enabled",
    "failover.tryProbe",
    "failover.succeeded",
    "store.circuit",
  ]
  for (const fault of rows) {
    scenario(fault, async (host) => {
      const { agent, primary, fallback } = host.chain("responses", "chat")
      host.simulator.script(primary, [text("all is well")])
      const session = await host.session()
      const reply = await under(host, fault, () => session.prompt("hello", { agent }))
      expect(seen(reply)).toEqual({ model: primary, text: "all is well", error: undefined })
      expect(asked(host, primary, fallback)).toEqual([1, 0])
    })
  }
})
