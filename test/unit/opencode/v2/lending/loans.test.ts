import { expect, test } from "bun:test"
import { SessionGoneError } from "../../../../../src/host/session-gone.ts"
import type { ModelReference } from "../../../../../src/opencode/v2/host/context.ts"
import { createLoans, type Loans, newLentSessions } from "../../../../../src/opencode/v2/lending/loans.ts"
import { isProcessAlive } from "../../../../../src/opencode/v2/lending/stored-loan.ts"

const own = { id: "opus", providerID: "anthropic", variant: "high" }
const first = { id: "gpt", providerID: "openai" }
const second = { id: "gemini", providerID: "google" }

/** Where OpenCode would keep things: it outlives the process. */
class Host {
  storage = new Map<string, unknown>()
  models = new Map<string, ModelReference>()
  switches: string[] = []
  /** Every switch, or those of one session. */
  refuses: boolean | string = false
  /** OpenCode says nothing of its sessions. */
  silent = false
  onRefusal: (() => Promise<void>) | undefined
  writes = 0
  /** When each session last came to rest. */
  idle = new Map<string, number>()
  keepsStandIn = false
  time = 0
  reads = 0
  /** The storage takes its time. */
  slow: Promise<void> | undefined

  /** By session. */
  get stored(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.storage].map(([key, value]) => [key.replace("loan:", ""), value]))
  }

  loans(pid: number, alive: readonly number[] = [], lent = newLentSessions()): Loans {
    return createLoans({
      lent,
      context: {
        storage: {
          get: (key) => Promise.resolve(this.storage.get(key)),
          set: async (key, value) => {
            await this.slow
            this.storage.set(key, structuredClone(value))
            this.writes += 1
          },
          remove: async (key) => {
            this.storage.delete(key)
            this.writes += 1
          },
          scan: ({ prefix, limit }) =>
            Promise.resolve({
              entries: [...this.storage]
                .filter(([key]) => key.startsWith(prefix))
                .slice(0, limit)
                .map(([key, value]) => ({ key, value })),
            }),
        },
        session: {
          get: ({ sessionID: id }) => {
            this.reads += 1
            if (id === "gone") return Promise.reject(new SessionGoneError())
            if (this.silent) return Promise.reject(new Error("the database is locked"))
            const model = this.models.get(id)
            return Promise.resolve({ id, ...(model && { model }), time: { idle: this.idle.get(id) } })
          },
          switchModel: async ({ sessionID, model }) => {
            if (this.refuses === true || this.refuses === sessionID) {
              await this.onRefusal?.()
              throw new Error("no")
            }
            this.models.set(sessionID, model)
            this.switches.push(`${model.providerID}/${model.id}`)
          },
        },
      },
      host: { catalog: () => Promise.resolve({ known: false }) },
      keepsStandIn: this.keepsStandIn,
      now: () => (this.time += 1),
      pid,
      isAlive: (other) => alive.includes(other),
      onStorageFault: (error) => {
        throw error
      },
    })
  }
}

test("the first own model is given back, whatever was lent after it", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  await loans.lend("s", first, second)
  expect(loans.of("s")).toMatchObject({ own, inUse: second })
  await loans.giveBack("s")
  expect(host.models.get("s")).toEqual(own)
  expect(loans.of("s")).toBeUndefined()
  expect(host.stored).toEqual({})
})

test("a loan is kept before the session is switched: a server may be killed at any time", async () => {
  const host = new Host()
  const written = Promise.withResolvers<void>()
  host.slow = written.promise
  const lending = host.loans(1).lend("s", own, first)
  await new Promise((resolve) => setImmediate(resolve))
  expect(host.switches).toEqual([])
  written.resolve()
  await lending
  expect(host.switches).toEqual(["openai/gpt"])
})

test("a session that the user has switched stays where it is", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  host.models.set("s", second)
  await loans.giveBack("s")
  expect(host.models.get("s")).toEqual(second)
})

test("a session without a loan, or without a model by now, is left alone", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.giveBack("s")
  await loans.drop("s")
  expect([host.switches, host.writes]).toEqual([[], 0])
  await loans.lend("s", own, first)
  host.models.delete("s")
  await loans.giveBack("s")
  expect(host.switches).toEqual(["openai/gpt"])
  expect(loans.of("s")).toBeUndefined()
})

test("a switch of ours is told from one of the user's", async () => {
  const loans = new Host().loans(1)
  await loans.lend("s", own, first)
  expect(loans.isOurs("s", { ...first, variant: "default" })).toBe(true)
  expect(loans.isOurs("s", { ...first, variant: "high" })).toBe(false)
  expect(loans.isOurs("s", second)).toBe(false)
  expect(loans.isOurs("other", first)).toBe(false)
})

test("OpenCode tells of switches late: of each one of ours it is known that it is", async () => {
  const loans = new Host().loans(1)
  await loans.lend("s", own, first)
  await loans.lend("s", own, second)
  expect(loans.isOurs("s", { id: "theirs", providerID: "user" })).toBe(false)
  expect([loans.isOurs("s", first), loans.isOurs("s", second)]).toEqual([true, true])
  expect(loans.isOurs("s", own)).toBe(false)
  expect(loans.isOurs("s", second)).toBe(true)
  // From here on it would be the user's choice.
  expect(loans.isOurs("s", first)).toBe(false)
})

test("what the next turn lends while the last one gives back stays lent", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  await Promise.all([loans.giveBack("s"), loans.lend("s", own, second)])
  expect(host.models.get("s")).toEqual(second)
  expect(loans.of("s")).toMatchObject({ own, inUse: second })
  expect(Object.keys(host.stored)).toEqual(["s"])
})

test("a model that the user chooses while another is being lent stays", async () => {
  const host = new Host()
  const loans = host.loans(1)
  const written = Promise.withResolvers<void>()
  host.slow = written.promise
  const lending = loans.lend("s", own, first)
  await new Promise((resolve) => setImmediate(resolve))
  const dropping = loans.drop("s")
  written.resolve()
  await Promise.all([lending, dropping])
  expect([host.switches, loans.of("s"), host.stored]).toEqual([[], undefined, {}])
})

test("what a dead process has left behind is put right, what a living one uses is not", async () => {
  const host = new Host()
  await host.loans(1).lend("dead", own, first)
  await host.loans(2).lend("alive", own, first)
  await host.loans(3, [2]).repair()
  expect(host.models.get("dead")).toEqual(own)
  expect(host.models.get("alive")).toEqual(first)
  expect(Object.keys(host.stored)).toEqual(["alive"])
})

test("a session that is prompted here is put right, though another process has the dead one's number", async () => {
  const host = new Host()
  await host.loans(1).lend("s", own, first)
  const loans = host.loans(3, [1])
  await loans.repair()
  expect(host.models.get("s")).toEqual(first)
  host.refuses = true
  expect(await loans.claim("s", "anybody").catch(String)).toBe("Error: no")
  host.refuses = false
  await loans.claim("other", "anybody")
  await loans.claim("s", "anybody")
  expect([host.models.get("s"), host.stored]).toEqual([own, {}])
})

test("a session that is worked on before anything else was put right is put right first, once", async () => {
  const host = new Host()
  await host.loans(1).lend("s", own, first)
  const loans = host.loans(2)
  await Promise.all([loans.claim("s", "anybody"), loans.repair()])
  expect([host.models.get("s"), host.stored]).toEqual([own, {}])
  expect(host.switches).toEqual(["openai/gpt", "anthropic/opus"])
})

test("where the stand-in is to stay, it outlives its process, and so does whose place it is in", async () => {
  const host = new Host()
  host.keepsStandIn = true
  const before = host.loans(1)
  for (const id of ["s", "t", "elsewhere"]) await before.lend(id, own, first)
  host.models.set("elsewhere", second)
  const loans = host.loans(2)
  await loans.claim("s", "anybody")
  await loans.repair()
  for (const id of ["t", "elsewhere"]) await loans.claim(id, "the dead")
  for (const id of ["s", "t"])
    expect([loans.of(id), host.models.get(id)]).toEqual([{ own, inUse: first }, first])
  expect([loans.of("elsewhere"), host.models.get("elsewhere")]).toEqual([undefined, second])
  expect(Object.keys(host.stored)).toEqual(["s", "t"])
})

test("stand-ins that are to stay are known of the last 500 sessions, at a start without a question for each", async () => {
  const host = new Host()
  host.keepsStandIn = true
  const [one, other] = [host.loans(1), host.loans(2)]
  for (let n = 0; n <= 400; n += 1) await one.lend(`first ${n}`, own, first)
  await one.lend("first 0", own, second)
  for (let n = 0; n < 499; n += 1) await one.lend(`second ${n}`, own, first)
  await other.lend("of another process", own, first)
  expect([one.of("first 1"), one.of("first 0")]).toMatchObject([undefined, { own, inUse: second }])
  expect(Object.keys(host.stored)).toHaveLength(501)
  host.reads = 0
  host.writes = 0
  await host.loans(3).repair()
  expect([host.reads, host.writes]).toEqual([0, 1])
  expect(Object.keys(host.stored)).toHaveLength(500)
  expect(host.stored).not.toHaveProperty("first 0")
})

test("what a living process has lent is not put back by one that only asks about it, what a dead one has left is", async () => {
  const host = new Host()
  await host.loans(1).lend("s", own, first)
  const asking = host.loans(2, [1])
  await asking.claim("s", "the dead")
  expect([host.models.get("s"), Object.keys(host.stored)]).toEqual([first, ["s"]])
  await asking.claim("s", "anybody")
  expect([host.models.get("s"), host.stored]).toEqual([own, {}])
  await host.loans(1).lend("t", own, first)
  await asking.claim("t", "the dead")
  expect(host.models.get("t")).toEqual(first)
  await host.loans(3).claim("t", "the dead")
  expect([host.models.get("t"), host.stored]).toEqual([own, {}])
})

test("what the other process has given back by then, or this one lent anew, is left alone", async () => {
  const host = new Host()
  const other = host.loans(1)
  await other.lend("back", own, first)
  await other.lend("lent", own, first)
  const loans = host.loans(3, [1])
  await loans.repair()
  await other.giveBack("back")
  host.models.set("back", first)
  await loans.lend("lent", own, second)
  await loans.claim("back", "anybody")
  await loans.claim("lent", "anybody")
  expect([host.models.get("back"), host.models.get("lent")]).toEqual([first, second])
})

test("a process that dies while it goes on to a further model has left the session on the one before", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  host.onRefusal = () => Promise.withResolvers<void>().promise
  host.refuses = true
  void loans.lend("s", own, second)
  await new Promise((resolve) => setImmediate(resolve))
  expect(host.stored).toMatchObject({ s: { inUse: second } })
  host.refuses = false
  await host.loans(2).repair()
  expect([host.models.get("s"), host.stored]).toEqual([own, {}])
})

test("a process that has the dead one's number puts right what that one has left, and not its own", async () => {
  const host = new Host()
  await host.loans(1).lend("left", own, first)
  const loans = host.loans(1, [1])
  await loans.lend("lent", own, first)
  await loans.repair()
  expect(host.models.get("left")).toEqual(own)
  expect(host.models.get("lent")).toEqual(first)
  expect(Object.keys(host.stored)).toEqual(["lent"])
})

test("another project of the same process leaves alone what is lent, and forgets nothing of it", async () => {
  const host = new Host()
  const lent = newLentSessions()
  const [one, other] = [host.loans(1, [], lent), host.loans(1, [], lent)]
  await one.lend("s", own, first)
  await other.repair()
  expect(host.models.get("s")).toEqual(first)
  expect(other.isOurs("s", first)).toBe(true)
  await Promise.all([one.lend("s", own, second), other.lend("t", own, first)])
  expect(Object.keys(host.stored).toSorted()).toEqual(["s", "t"])
})

test("two servers that lend at the same moment take nothing of each other's out of the storage", async () => {
  const host = new Host()
  const [one, other] = [host.loans(1), host.loans(2, [1])]
  await Promise.all([one.lend("s", own, first), other.lend("t", own, first)])
  expect(Object.keys(host.stored).toSorted()).toEqual(["s", "t"])
  await Promise.all([one.giveBack("s"), other.lend("u", own, second)])
  expect(Object.keys(host.stored).toSorted()).toEqual(["t", "u"])
})

test("a session that is gone keeps no other from being put right", async () => {
  const host = new Host()
  await host.loans(1).lend("gone", own, first)
  await host.loans(1).lend("left", own, first)
  await host.loans(2).repair()
  expect(host.models.get("left")).toEqual(own)
  expect(host.stored).toEqual({})
})

test("a session of which OpenCode says nothing at the moment is left to the next start", async () => {
  const host = new Host()
  await host.loans(1).lend("s", own, first)
  host.silent = true
  expect(await host.loans(2).repair().catch(String)).toBe("Error: the database is locked")
  host.silent = false
  await host.loans(3).repair()
  expect([host.models.get("s"), host.stored]).toEqual([own, {}])
})

test("a session that OpenCode does not put right is left to the next start, and keeps no other from being", async () => {
  const host = new Host()
  await host.loans(1).lend("refused", own, first)
  await host.loans(1).lend("left", own, first)
  host.refuses = "refused"
  expect(await host.loans(2).repair().catch(String)).toBe("Error: no")
  expect([host.models.get("left"), Object.keys(host.stored)]).toEqual([own, ["refused"]])
  host.refuses = false
  await host.loans(3).repair()
  expect([host.models.get("refused"), host.stored]).toEqual([own, {}])
})

test("a session that cannot be switched is stuck until it can", async () => {
  const host = new Host()
  const loans = host.loans(1)
  host.refuses = true
  const refusal = await loans.lend("s", own, first).catch(String)
  expect(refusal).toBe("Error: no")
  expect(loans.isStuck("s")).toBe(true)
  host.refuses = false
  await loans.lend("s", own, second)
  expect(loans.isStuck("s")).toBe(false)
  loans.stick("s")
  expect(loans.isStuck("s")).toBe(true)
})

test("that a session is stuck is known when the plugin is loaded anew in the middle of its turn", () => {
  const host = new Host()
  const lent = newLentSessions()
  host.loans(1, [], lent).stick("s")
  expect(host.loans(1, [], lent).isStuck("s")).toBe(true)
})

test("a session that cannot go on to a further model is given back from the one that it stands on", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  host.refuses = true
  await loans.lend("s", own, second).catch(String)
  host.refuses = false
  expect(host.stored).toMatchObject({ s: { inUse: first } })
  await loans.giveBack("s")
  expect(host.models.get("s")).toEqual(own)
})

test("a model that the user chooses while a further one is refused stays", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  host.refuses = true
  host.onRefusal = () => loans.drop("s")
  await loans.lend("s", own, second).catch(String)
  expect([loans.of("s"), host.stored]).toEqual([undefined, {}])
})

test("what has come to rest since it was lent is given back, what is still at work or gone is not", async () => {
  const host = new Host()
  const loans = host.loans(1)
  host.idle = new Map([
    ["rested", 1_000],
    ["earlier", 1_000],
    ["back in time", 2_000],
  ])
  for (const id of ["rested", "earlier", "back in time", "never", "gone", "rested too"])
    await loans.lend(id, own, first, host.idle.get(id))
  // The clock may have been set back meanwhile.
  for (const [id, at] of [
    ["rested", 1_001],
    ["back in time", 1_500],
    ["rested too", 2_000],
  ] as const)
    host.idle.set(id, at)
  host.refuses = "rested"
  expect(await loans.giveBackAtRest().catch(String)).toBe("Error: no")
  expect(host.models.get("rested too")).toEqual(own)
  host.refuses = false
  await loans.giveBackAtRest()
  const models = ["rested", "earlier", "back in time", "never", "rested too"].map((id) => host.models.get(id))
  expect(models).toEqual([own, first, own, first, own])
})

test("what has gone on to a further model while OpenCode was asked is given back from that one", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  host.idle.set("s", 1_000)
  await Promise.all([loans.giveBackAtRest(), loans.lend("s", own, second)])
  expect([host.models.get("s"), host.stored]).toEqual([own, {}])
})

test("where OpenCode does not say whether a session has come to rest since, it is not given back", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  host.idle.set("s", 1_000)
  host.silent = true
  await loans.giveBackAtRest()
  expect(host.models.get("s")).toEqual(first)
})

test("a fork that is lent itself by now is left to its own turn", async () => {
  const host = new Host()
  const loans = host.loans(1)
  await loans.lend("s", own, first)
  await loans.lend("fork", own, first)
  await loans.forked("fork", "s")
  expect(host.models.get("fork")).toEqual(first)
})

test("what is stored but cannot be read is left alone", async () => {
  const host = new Host()
  for (const [id, value] of Object.entries({
    s: { own: "opus", pid: 1 },
    t: 7,
    u: { own, inUse: first },
    v: { own, pid: 1 },
    w: { inUse: first, pid: 1 },
  }))
    host.storage.set(`loan:${id}`, value)
  for (const id of ["s", "t", "u", "v", "w"]) host.models.set(id, first)
  await host.loans(2).repair()
  expect([host.switches, host.writes]).toEqual([[], 0])
})

test("this process is alive, the first one as well, and one that never was is not", () => {
  expect([process.pid, 1, 2 ** 30].map(isProcessAlive)).toEqual([true, true, false])
})
