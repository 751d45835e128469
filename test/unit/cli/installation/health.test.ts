import { expect, test } from "bun:test"
import { mkdtemp, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { readHealth } from "../../../../src/cli/installation/health.ts"
import { processTerminal } from "../../../../src/cli/terminal/terminal.ts"
import { createSqliteStore } from "../../../../src/store/sqlite-store.ts"

test("`status` and `doctor` believe a clock that was a day ahead no more than OpenCode does", async () => {
  const state = await mkdtemp(join(tmpdir(), "understudy-health-"))
  await using _ = { [Symbol.asyncDispose]: () => rm(state, { recursive: true }) }
  const noon = Date.UTC(2026, 0, 1, 12)
  const tomorrow = noon + 86_400_000
  const key = "model:alpha/one"
  const path = join(state, "opencode-understudy/health.sqlite")
  const store = createSqliteStore({ path, now: () => noon, log: () => undefined })
  store.updateCircuit(key, () => ({
    key,
    failures: 1,
    kind: "rate_limit",
    failedAt: tomorrow,
    until: tomorrow + 60_000,
  }))
  await store.close()
  const terminal = {
    ...processTerminal(),
    platform: "linux",
    env: { XDG_STATE_HOME: state },
    now: () => noon,
  }

  const health = await readHealth({ store: "sqlite", max_cooldown_seconds: 3_600 }, terminal)

  if (health.state !== "open") throw new Error(health.state)
  expect(health.snapshot.circuits).toMatchObject([{ key, failedAt: noon, until: noon + 60_000 }])
})

test("a folder that cannot be looked into does not count as an empty one", async () => {
  const state = await mkdtemp(join(tmpdir(), "understudy-health-"))
  await using _ = { [Symbol.asyncDispose]: () => rm(state, { recursive: true }) }
  const terminal = { ...processTerminal(), platform: "linux", env: { XDG_STATE_HOME: state } }
  const settings = { store: "sqlite", max_cooldown_seconds: 3_600 }
  const where = join(state, "opencode-understudy/health.sqlite")
  expect(await readHealth(settings, terminal)).toEqual({ state: "empty", where })
  // Root may look into everything, but for a link that leads nowhere but to itself.
  await symlink("opencode-understudy", join(state, "opencode-understudy"))
  expect(await readHealth(settings, terminal)).toMatchObject({ state: "unreadable", where })
})

test("a server that cannot be reached is named once, without its password", async () => {
  const store = "redis://me:hunter2@127.0.0.1:9/0"
  expect(await readHealth({ store, max_cooldown_seconds: 3_600 }, processTerminal())).toEqual({
    state: "unreadable",
    where: "redis://***@127.0.0.1:9/0",
    why: "not reachable, or it refused the user, password or certificate",
  })
})
