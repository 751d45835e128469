import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { openStore } from "../../../src/store/open-store.ts"
import { stateDirectory } from "../../../src/store/state-directory.ts"

const clock = { now: Date.now, random: Math.random, longestCooldownMs: 3_600_000 }

describe("the store setting", () => {
  let folder = ""
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "understudy-store-"))))
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const rows = [
    ["memory", "memory", 0],
    ["sqlite", "sqlite", 0],
    ["redis://127.0.0.1:1", "redis", 1],
    ["rediss://127.0.0.1:1", "redis", 1],
    ["mysql://user:secret@host", "memory", 1],
    ["redis:// not a url", "memory", 1],
    ["", "memory", 1],
  ] as const
  test.each(rows)("%j opens the store %s and logs %i lines", async (setting, name, lines) => {
    const logged: string[] = []
    const log = (_: string, message: string) => logged.push(message)
    const store = await openStore(setting, {
      log,
      stateDirectory: folder,
      ...clock,
    })
    await store.ready
    expect(store.name).toBe(name)
    expect(logged.length).toBe(lines)
    expect(logged.join()).not.toContain("secret")
    await store.close()
  })

  test("that nobody knows is not tried as a server's address", async () => {
    const logged: string[] = []
    const log = (_: string, message: string) => void logged.push(message)
    await openStore("mysql://host", { log, stateDirectory: folder, ...clock })
    expect(logged).toEqual([expect.stringContaining("unknown store setting")])
  })

  test("sqlite lives in health.sqlite", async () => {
    const options = { log: () => {}, stateDirectory: folder, ...clock }
    const store = await openStore("sqlite", options)
    expect(readdirSync(folder)).toContain("health.sqlite")
    await store.close()
  })
})

describe("the folder for the state", () => {
  const rows = [
    ["linux", { XDG_STATE_HOME: "/x/state" }, "/x/state/opencode-understudy"],
    ["linux", {}, "/home/u/.local/state/opencode-understudy"],
    ["linux", { XDG_STATE_HOME: "" }, "/home/u/.local/state/opencode-understudy"],
    ["linux", { XDG_STATE_HOME: "relative" }, "/home/u/.local/state/opencode-understudy"],
    ["darwin", { LOCALAPPDATA: "/other" }, "/home/u/.local/state/opencode-understudy"],
    ["win32", { LOCALAPPDATA: "/local" }, "/local/opencode-understudy"],
    ["win32", { XDG_STATE_HOME: "C:/x", LOCALAPPDATA: "/local" }, "C:/x/opencode-understudy"],
    ["linux", { XDG_STATE_HOME: "C:/x" }, "/home/u/.local/state/opencode-understudy"],
    ["win32", {}, "/home/u/AppData/Local/opencode-understudy"],
  ] as const
  test.each(rows)("on %s with %j is %s", (platform, env, expected) => {
    expect(stateDirectory({ platform, home: "/home/u", env })).toBe(expected)
  })
})
