import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createSqliteStore } from "../../../src/store/sqlite-store.ts"
import { sharedKey } from "./one-more-failure.ts"
import { serverNotice, serverProgram, startServer } from "./redis-server.ts"

/** OpenCode's own binary, whose Bun is the one that the plugin really runs on. */
const opencode = join(import.meta.dir, "../../../node_modules/.bin/opencode")

let folder = ""
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "understudy-store-"))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function start(script: string, ...args: readonly string[]) {
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, BUN_BE_BUN: "1" }
  return Bun.spawn([opencode, join(import.meta.dir, script), ...args], {
    env,
    stdin: "pipe",
    stderr: "inherit",
  })
}

describe("on the Bun inside OpenCode", () => {
  test("the SQLite store works, and the process ends", async () => {
    const path = join(folder, "state", "health.sqlite")
    const child = start("sqlite-process.ts", path, "3")
    expect((await new Response(child.stdout).text()).trim()).toBe("ready\ndone sqlite")
    expect(await child.exited).toBe(0)
    const store = createSqliteStore({ path, now: Date.now, log: () => {} })
    expect(store.circuit(sharedKey)?.failures).toBe(3)
    await store.close()
  }, 30_000)

  test("a table that is missing is known as damage, whose error has no code there", async () => {
    const path = join(folder, "state", "health.sqlite")
    await createSqliteStore({ path, now: Date.now, log: () => {} }).close()
    const { Database } = await import("bun:sqlite")
    const database = new Database(path)
    database.run("DROP TABLE circuits")
    database.close()
    const child = start("sqlite-process.ts", path, "1")
    expect(await new Response(child.stdout).text()).toMatch(/^warn: .*was damaged.*\nready\ndone sqlite\n$/)
  }, 30_000)

  const states = ["reachable", "killed on the way", "never there"] as const
  test.skipIf(serverProgram === undefined).each(states)(
    `the process ends after close with a Redis server that is %s${serverNotice}`,
    async (state) => {
      const server = await startServer()
      if (state === "never there") await server.kill()
      const child = start("redis-process.ts", `redis://127.0.0.1:${server.port}`)
      let output = ""
      const decoder = new TextDecoder()
      for await (const chunk of child.stdout) {
        output += decoder.decode(chunk)
        if (!output.endsWith("ready\n")) continue
        if (state === "killed on the way") await server.kill()
        await child.stdin.write("go\n")
        await child.stdin.end()
      }
      expect(output).toEndWith("done\n")
      expect(await child.exited).toBe(0)
      await server.stop()
    },
    30_000,
  )
})
