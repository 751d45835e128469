import { expect, test } from "bun:test"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Home, makeHome } from "../harness/home.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { configure, providers, runCli } from "./run-cli.ts"

const ours = pathToFileURL(REPOSITORY).href

/** OpenCode writes it into a file that lacks it (1.18.33). */
const schema = '"$schema": "https://opencode.ai/config.json"'

const text = (home: Home, name: string): Promise<string> => Bun.file(join(home.config, name)).text()

test("adds the plugin and a chain, so that the doctor is content, and takes all of it back", async () => {
  await using home = await makeHome()
  const before = `{\n  ${schema},\n  // my models\n  "model": "alpha/one",\n  ${providers}, // both\n}\n`
  await configure(home, { "opencode.jsonc": before })
  const init = await runCli("node", home, ["init", "--yes", "--plugin", ours])
  expect(init.exitCode).toBe(0)
  expect(await text(home, "opencode.jsonc")).toBe(
    before.replace("}, // both", `}, // both\n  "plugin": ["${ours}"],`),
  )
  expect(JSON.parse(await text(home, "tui.json"))).toMatchObject({ plugin: [ours] })
  expect(await text(home, "understudy.jsonc")).toContain('"fallback_models": ["beta/two"]')
  expect((await runCli("node", home, ["doctor"])).exitCode).toBe(0)

  const again = await runCli("node", home, ["init", "--yes", "--offline", "--plugin", ours])
  expect(again.stdout).toContain("Nothing to change")

  const undo = await runCli("node", home, ["init", "--undo", "--yes"])
  expect(undo.exitCode).toBe(0)
  expect(await text(home, "opencode.jsonc")).toBe(before)
  expect(await Bun.file(join(home.config, "understudy.jsonc")).exists()).toBeFalse()
  expect(await Bun.file(join(home.config, "tui.json")).exists()).toBeFalse()
  const nothing = await runCli("node", home, ["init", "--undo", "--yes"])
  expect(nothing.exitCode).toBe(3)
  expect(nothing.stderr).toContain("Nothing to undo")
})
