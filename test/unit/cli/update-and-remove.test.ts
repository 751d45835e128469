import { expect, test } from "bun:test"
import { version } from "../../../package.json"
import { scratch } from "./scratch-terminal.ts"

test("without a registry update says so and changes nothing; --to needs none", async () => {
  const before = '{ "plugin": ["opencode-understudy@0.1.0"] }\n'
  const registry = "http://127.0.0.1:9/"
  await using home = await scratch({ "opencode.json": before }, { env: { npm_config_registry: registry } })
  const failed = await home.run("update", "--yes")
  expect(failed.exitCode).toBe(3)
  expect(failed.said).toBe(
    `The newest version is not known: ${registry} could not be asked: the connection was refused. Name one with --to VERSION; this command is ${version}.`,
  )
  expect(await home.text("opencode.json")).toBe(before)
  expect((await home.run("update", "--yes", "--to", "0.2.0")).exitCode).toBe(0)
  expect(await home.text("opencode.json")).toBe(before.replace("0.1.0", "0.2.0"))
})

test("remove takes out the plugin, the panel and the agents' keys, and says what is left", async () => {
  const agent =
    "---\ndescription: reviews\nmode: subagent\nfallback_models:\n  - beta/two\n---\nYou review.\n"
  const files = {
    "opencode.jsonc":
      '{\n  // mine\n  "plugin": ["other", "opencode-understudy@0.1.0"],\n  "agent": { "build": { "model": "alpha/one", "fallback_models": ["beta/two"] } }\n}\n',
    "tui.json": '{\n  "theme": "nord",\n  "plugin": ["opencode-understudy@0.1.0"]\n}\n',
    "agent/reviewer.md": agent,
    "understudy.jsonc": '{ "fallback_models": ["beta/two"] }\n',
  }
  let time = 0
  await using home = await scratch(files, { now: () => (time += 1_000) })
  const { exitCode, said } = await home.run("remove", "--yes")
  expect(exitCode).toBe(0)
  expect(await home.text("opencode.jsonc")).toBe(
    '{\n  // mine\n  "plugin": ["other"],\n  "agent": { "build": { "model": "alpha/one" } }\n}\n',
  )
  expect(await home.text("tui.json")).toBe('{\n  "theme": "nord"\n}\n')
  expect(await home.text("agent/reviewer.md")).toBe(agent.replace("fallback_models:\n  - beta/two\n", ""))
  expect(said).toContain(home.path("understudy.jsonc"))
  expect(said).toContain(home.path("~/.local/state/opencode-understudy"))
  expect((await home.run("remove", "--yes")).said).toContain("Nothing to remove")
  await home.run("init", "--undo", "--yes")
  for (const [name, text] of Object.entries(files)) expect(await home.text(name)).toBe(text)
})
