import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import { afterFailure } from "../../../src/core/circuit.ts"
import { openStore } from "../../../src/store/open-store.ts"
import type { Store } from "../../../src/store/store.ts"
import { type Home, makeHome } from "../harness/home.ts"
import { hasTmux } from "../harness/tui.ts"
import { CLI, configure, runCli, runtimes, userEnvironment } from "./run-cli.ts"

const policy = { baseMs: 600_000, multiplier: 2, maxMs: 3_600_000 }

const stateOf = (home: Home): string => join(home.path, "state/opencode-understudy")

const sharedStore = (home: Home): Promise<Store> =>
  openStore("sqlite", {
    log: (level, message) => {
      throw new Error(`${level}: ${message}`)
    },
    stateDirectory: stateOf(home),
    now: Date.now,
    random: () => 0,
    longestCooldownMs: 3_600_000,
  })

function failOnce(store: Store, model: "alpha/one" | "beta/two"): void {
  const key = `model:${model}` as const
  const failed = { key, verdict: { kind: "rate_limit" }, policy, at: Date.now(), random: 0 } as const
  store.updateCircuit(key, (before) => afterFailure(before, failed))
  store.appendJournal({
    at: Date.now(),
    sessionID: "ses_1",
    event: "switched",
    from: model,
    to: "gamma/three",
    kind: "rate_limit",
    durationMs: 90,
  })
}

describe.each([...runtimes])("on %s", (runtime) => {
  test("status shows what another process wrote into the shared store", async () => {
    await using home = await makeHome()
    const store = await sharedStore(home)
    failOnce(store, "alpha/one")
    const now = Date.now()
    const window = { name: "5 h", usedPercent: 83.4, resetsAt: now + 7_200_000, seenAt: now }
    const over = { name: "tokens", usedPercent: 90, resetsAt: now - 1, seenAt: now - 60_000 }
    store.saveLimits({ account: "alpha", windows: [window, over], updatedAt: now })
    store.saveLimits({ account: "beta#0123456789abcdef", keyNumber: 2, windows: [window], updatedAt: now })
    const { exitCode, stdout, stderr } = await runCli(runtime, home, ["status", "--json"])
    expect(stderr).toBe("")
    expect(exitCode).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({
      store: join(stateOf(home), "health.sqlite"),
      circuits: [{ model: "alpha/one", state: "open", kind: "rate_limit", failures: 1 }],
      limits: [
        { provider: "alpha", keyNumber: null, windows: [{ name: "5 h", usedPercent: 83.4 }] },
        { provider: "beta", keyNumber: 2, windows: [{ name: "5 h" }] },
      ],
      journal: [{ event: "switched", from: "alpha/one", to: "gamma/three", durationMs: 90 }],
      summary: { switches: 1, byModel: [{ model: "alpha/one", switches: 1 }] },
    })
    const text = await runCli(runtime, home, ["status"])
    expect(text.stdout).toMatch(/back in (?:10 min|9 min \d+ s)/)
    expect(text.stdout).toContain("█")
    expect(text.stdout).toMatch(/alpha .*5 h window 83 % used, resets at/)
    expect(text.stdout).toMatch(/beta, key 2 .*5 h window/)
    expect(text.stdout).not.toContain("0123456789abcdef")
    await store.close()
  })
})

test("a provider that has answered since is back; one that nobody has asked since is not", async () => {
  await using home = await makeHome()
  const store = await sharedStore(home)
  failOnce(store, "alpha/one")
  failOnce(store, "beta/two")
  const before = await runCli("node", home, ["status"])
  expect(before.stdout).toMatch(/alpha .*not back yet\n.*beta .*not back yet/)
  store.updateCircuit("model:alpha/one", () => undefined)
  store.updateCircuit("model:beta/two", (record) => record && { ...record, until: Date.now() })
  await store.close()
  const after = await runCli("node", home, ["status"])
  expect(after.stdout).toMatch(/alpha .*back\n.*beta .*not asked since/)
})

test("a session of which nothing is on record is said", async () => {
  await using home = await makeHome()
  const store = await sharedStore(home)
  failOnce(store, "alpha/one")
  await store.close()
  const { exitCode, stderr } = await runCli("node", home, ["status", "--session", "nope"])
  expect(stderr).toContain("Nothing is on record for session nope")
  expect(exitCode).toBe(1)
  expect((await runCli("node", home, ["status", "--session", "ses_1"])).exitCode).toBe(0)
  expect((await runCli("node", home, ["status", "--help"])).stdout).toContain("(default: 7d)")
})

test("before anything has happened there is nothing to show, and that is fine", async () => {
  await using home = await makeHome()
  const { exitCode, stdout } = await runCli("node", home, ["status"])
  expect(exitCode).toBe(0)
  expect(stdout).toContain("No model is cooling down.")
  expect(await Bun.file(join(stateOf(home), "health.sqlite")).exists()).toBeFalse()
})

test("a damaged file is named, and left as it is", async () => {
  await using home = await makeHome()
  const file = join(stateOf(home), "health.sqlite")
  await Bun.write(file, "this is no database, and long enough to look at ".repeat(100))
  const { exitCode, stderr } = await runCli("bun", home, ["status"])
  expect(exitCode).toBe(3)
  expect(stderr).toContain(file)
  expect(await Bun.file(file).text()).toStartWith("this is no database")
})

test("the store that cannot be seen from outside is named", async () => {
  await using home = await makeHome()
  await configure(home, { "understudy.jsonc": '{ "runtime_fallback": { "store": "memory" } }' })
  const { exitCode, stderr } = await runCli("node", home, ["status"])
  expect(exitCode).toBe(0)
  expect(stderr).toContain('The store is "memory"')
})

const nodeHasSqlite = Bun.spawnSync(["node", "-e", 'require("node:sqlite")'], { stderr: "ignore" }).success

test.if(!nodeHasSqlite)("on a Node without SQLite and with no Bun anywhere it says what to do", async () => {
  await using home = await makeHome()
  const store = await sharedStore(home)
  failOnce(store, "alpha/one")
  await store.close()
  const { exitCode, stderr } = await runCli("node", home, ["status"], await userEnvironment(home, "nothing"))
  expect(exitCode).toBe(3)
  expect(stderr).toContain("can only be read on Bun or on Node 22.13")
})

test.if(hasTmux)("--watch redraws on a terminal and leaves it as it was", async () => {
  await using home = await makeHome()
  const store = await sharedStore(home)
  failOnce(store, "alpha/one")
  const environment = await userEnvironment(home)
  const name = `understudy-status-${process.pid}`
  const tmux = (...args: readonly string[]): string =>
    Bun.spawnSync(["tmux", "-L", name, ...args], { env: environment }).stdout.toString()
  const waitFor = async (pattern: RegExp): Promise<string> => {
    const deadlineMs = performance.now() + 60_000
    for (;;) {
      const screen = tmux("capture-pane", "-p", "-t", name)
      if (pattern.test(screen)) return screen
      if (performance.now() > deadlineMs) throw new Error(`never seen: ${String(pattern)}\n${screen}`)
      await Bun.sleep(50)
    }
  }
  try {
    tmux("new-session", "-d", "-s", name, "-x", "120", "-y", "40", "-c", home.project, "sh")
    tmux("send-keys", "-t", name, `echo before; ${process.execPath} ${CLI} status --watch`, "Enter")
    await waitFor(/Health[^]*rate limit reached/)
    failOnce(store, "beta/two")
    const screen = await waitFor(/Health[^]*alpha\/one[^]*beta\/two/)
    expect(screen.match(/Health/g)).toHaveLength(1)
    tmux("send-keys", "-t", name, "C-c")
    const after = await waitFor(/before/)
    expect(after).not.toContain("Health")
  } finally {
    tmux("kill-server")
    await store.close()
  }
})
