import { expect, test } from "bun:test"
import type { Store } from "../../../../src/store/store.ts"
import { type Scratch, scratch } from "../scratch-terminal.ts"
import { failOnce, storeOfAnother } from "./store-of-another.ts"

const folder = "~/.local/state/opencode-understudy"
const home = (files: Readonly<Record<string, string>> = {}): Promise<Scratch> =>
  scratch(files, { now: Date.now })

const sharedStore = (at: Scratch): Promise<Store> => storeOfAnother(at.path(folder))

test("status draws cooldowns and limits, and names no account by more than its number", async () => {
  await using at = await home()
  const store = await sharedStore(at)
  failOnce(store, "alpha/one")
  const now = Date.now()
  const window = { name: "5 h", usedPercent: 83.4, resetsAt: now + 7_200_000, seenAt: now }
  store.saveLimits({ account: "alpha", windows: [window], updatedAt: now })
  store.saveLimits({ account: "beta#0123456789abcdef", keyNumber: 2, windows: [window], updatedAt: now })
  await store.flushed()
  const { said } = await at.run("status")
  expect(said).toMatch(/back in (?:10 min|9 min \d+ s)/)
  expect(said).toContain("█")
  expect(said).toContain("1 switch, 0 with no model left")
  expect(said).toMatch(/alpha .*5 h window 83 % used, resets at/)
  expect(said).toMatch(/beta, key 2 .*5 h window/)
  expect(said).not.toContain("0123456789abcdef")
  await store.close()
})

test("a provider that has answered since is back; one that nobody has asked since is not", async () => {
  await using at = await home()
  const store = await sharedStore(at)
  failOnce(store, "alpha/one")
  failOnce(store, "beta/two")
  await store.flushed()
  expect((await at.run("status")).said).toMatch(/alpha .*not back yet\n.*beta .*not back yet/)
  store.updateCircuit("model:alpha/one", () => undefined)
  store.updateCircuit("model:beta/two", (record) => record && { ...record, until: Date.now() })
  await store.close()
  expect((await at.run("status")).said).toMatch(/alpha .*back\n.*beta .*not asked since/)
})

test("failures within the longest cooldown of each other are one outage", async () => {
  await using at = await home()
  const store = await sharedStore(at)
  const failed = { sessionID: "ses_1", event: "switched", from: "alpha/one", to: "beta/two" } as const
  for (const minutesAgo of [50, 5]) store.appendJournal({ ...failed, at: Date.now() - minutesAgo * 60_000 })
  await store.close()
  const { summary } = JSON.parse((await at.run("status", "--json")).said)
  expect(summary.byProvider).toMatchObject([{ provider: "alpha", outages: 1 }])
})

test("a session of which nothing is on record is said", async () => {
  await using at = await home()
  const store = await sharedStore(at)
  failOnce(store, "alpha/one")
  await store.close()
  const { exitCode, said } = await at.run("status", "--session", "nope")
  expect(said).toContain("Nothing is on record for session nope")
  expect(exitCode).toBe(1)
  expect((await at.run("status", "--session", "ses_1")).exitCode).toBe(0)
  expect((await at.run("status", "--help")).said).toContain("(default: 7d)")
})

test("before anything has happened there is nothing to show, and that is fine", async () => {
  await using at = await home()
  const { exitCode, said } = await at.run("status")
  expect(exitCode).toBe(0)
  expect(said).toContain("No model is cooling down.")
  expect(await Bun.file(at.path(`${folder}/health.sqlite`)).exists()).toBeFalse()
})

test("a damaged file is named, and left as it is", async () => {
  const damaged = "this is no database, and long enough to look at ".repeat(100)
  await using at = await home({ [`${folder}/health.sqlite`]: damaged })
  const { exitCode, said } = await at.run("status")
  expect(exitCode).toBe(3)
  expect(said).toContain(at.path(`${folder}/health.sqlite`))
  expect(await at.text(`${folder}/health.sqlite`)).toBe(damaged)
})

test("the store that cannot be seen from outside is named", async () => {
  await using at = await home({ "understudy.jsonc": '{ "runtime_fallback": { "store": "memory" } }' })
  const { exitCode, said } = await at.run("status")
  expect(exitCode).toBe(0)
  expect(said).toContain('The store is "memory"')
})
