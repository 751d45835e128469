/** A hook that throws ends a turn of OpenCode 2 without a word: whatever of ours fails, none of them may. */
import { expect } from "bun:test"
import { join } from "node:path"
import { status } from "../../simulator/index.ts"
import { type Fault, faults } from "../fixtures/faulty-understudy/faults.ts"
import { faultFile, under } from "../fixtures/faulty-understudy/inject-fault.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

const fixture = join(import.meta.dir, "../fixtures/faulty-understudy")
const scenario = scenarios2({
  chains: faults.map(() => ["chat", "anthropic"] as const),
  plugin: [[fixture, { file: faultFile }]],
})

/** Asked for on version 1 only, or not on the way of a switch. */
const elsewhere: ReadonlySet<Fault> = new Set([
  "host.lend",
  "host.catalog",
  "host.toast",
  "failover.chain",
  "storage.scan",
])

for (const fault of faults.filter((fault) => !elsewhere.has(fault)))
  scenario(`${fault}: the turn ends with an answer`, async (host) => {
    const { agent, primary } = host.chain("chat", "anthropic")
    // OpenCode's default is asked for where a session has no model.
    const [own, at] = fault === "model.default" ? ["alpha/one", {}] : [primary, { agent }]
    // OpenCode's own retry comes after two seconds, unless the provider names a time.
    host.simulator.script(own, [status(503, { headers: { "retry-after-ms": "50" } })])
    const session = await host.session()
    const replies = await under(host, fault, async () => [
      await session.prompt("hello", at),
      await session.prompt("again"),
    ])
    for (const reply of replies) {
      expect(reply.error).toBeUndefined()
      expect(reply.text).toContain("says hello")
    }
    expect(session.outcomes()).toEqual(["succeeded", "succeeded"])
  })
