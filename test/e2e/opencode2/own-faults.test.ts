/** A hook that throws ends a turn of OpenCode 2 without a word: whatever of ours fails, none of them may. */
import { afterAll, expect } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { status } from "../../simulator/index.ts"
import { type Fault, faults } from "../fixtures/faulty-understudy/faults.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"

const folder = await mkdtemp(join(tmpdir(), "understudy-fault-"))
const file = join(folder, "fault.txt")
const inject = async (fault: Fault): Promise<void> => {
  await Bun.write(file, fault)
}
await inject("none")
afterAll(() => rm(folder, { recursive: true, force: true }))

const fixture = join(import.meta.dir, "../fixtures/faulty-understudy")
const scenario = scenarios2({ plugin: [[fixture, { file }]] })

/** Asked for on version 1 only, or not on the way of a switch. */
const elsewhere: ReadonlySet<Fault> = new Set(["host.lend", "host.catalog", "host.toast", "failover.chain"])

for (const fault of faults.filter((fault) => !elsewhere.has(fault)))
  scenario(`${fault}: the turn ends with an answer`, async (host) => {
    const { agent, primary } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(503)])
    const session = await host.session()
    await inject(fault)
    const first = await session.prompt("hello", { agent })
    const second = await session.prompt("again")
    await inject("none")
    for (const reply of [first, second]) {
      expect(reply.error).toBeUndefined()
      expect(reply.text).toContain("says hello")
    }
    expect(session.outcomes()).toEqual(["succeeded", "succeeded"])
  })
