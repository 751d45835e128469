import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import type { Store } from "../../../src/store/store.ts"
import { failOnce, storeOfAnother } from "../../unit/cli/status/store-of-another.ts"
import { type Home, makeHome } from "../harness/home.ts"
import { hasTmux } from "../harness/tui.ts"
import { CLI, runCli, runtimes, userEnvironment } from "./run-cli.ts"

const stateOf = (home: Home): string => join(home.path, "state/opencode-understudy")

const sharedStore = (home: Home): Promise<Store> => storeOfAnother(stateOf(home))

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
    await store.close()
  })
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
