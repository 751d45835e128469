import { expect, test } from "bun:test"
import { join } from "node:path"
import { version } from "../../../package.json"
import { closedPort } from "../../simulator/closed-port.ts"
import { type Home, makeHome } from "../harness/home.ts"
import { configure, runCli, userEnvironment } from "./run-cli.ts"

const read = (home: Home, name: string): Promise<string> => Bun.file(join(home.config, name)).text()

test("without a registry update says so and changes nothing; --to needs none", async () => {
  await using home = await makeHome()
  const before = '{ "plugin": ["opencode-understudy@0.1.0"] }\n'
  await configure(home, { "opencode.json": before })
  const registry = `http://127.0.0.1:${await closedPort()}/`
  const environment = { ...(await userEnvironment(home)), npm_config_registry: registry }
  const failed = await runCli("node", home, ["update", "--yes"], environment)
  expect(failed.exitCode).toBe(3)
  expect(failed.stderr).toBe(
    `understudy: The newest version is not known: ${registry} could not be asked: the connection was refused. Name one with --to VERSION; this command is ${version}.\n`,
  )
  expect(await read(home, "opencode.json")).toBe(before)
  const told = await runCli("node", home, ["update", "--yes", "--to", "0.2.0"], environment)
  expect(told.exitCode).toBe(0)
  expect(await read(home, "opencode.json")).toBe(before.replace("0.1.0", "0.2.0"))
})

test("remove takes out the plugin, the panel and the agents' keys, and says what is left", async () => {
  await using home = await makeHome()
  const agent =
    "---\ndescription: reviews\nmode: subagent\nfallback_models:\n  - beta/two\n---\nYou review.\n"
  const files = {
    "opencode.jsonc":
      '{\n  // mine\n  "plugin": ["other", "opencode-understudy@0.1.0"],\n  "agent": { "build": { "model": "alpha/one", "fallback_models": ["beta/two"] } }\n}\n',
    "tui.json": '{\n  "theme": "nord",\n  "plugin": ["opencode-understudy@0.1.0"]\n}\n',
    "agent/reviewer.md": agent,
    "understudy.jsonc": '{ "fallback_models": ["beta/two"] }\n',
  }
  await configure(home, files)
  const { exitCode, stdout } = await runCli("node", home, ["remove", "--yes"])
  expect(exitCode).toBe(0)
  expect(await read(home, "opencode.jsonc")).toBe(
    '{\n  // mine\n  "plugin": ["other"],\n  "agent": { "build": { "model": "alpha/one" } }\n}\n',
  )
  expect(await read(home, "tui.json")).toBe('{\n  "theme": "nord"\n}\n')
  expect(await read(home, "agent/reviewer.md")).toBe(agent.replace("fallback_models:\n  - beta/two\n", ""))
  expect(stdout).toContain(join(home.config, "understudy.jsonc"))
  expect(stdout).toContain(join(home.path, "state/opencode-understudy"))

  const again = await runCli("node", home, ["remove", "--yes"])
  expect(again.stdout).toContain("Nothing to remove")
  await runCli("node", home, ["init", "--undo", "--yes"])
  for (const [name, text] of Object.entries(files)) expect(await read(home, name)).toBe(text)
})
