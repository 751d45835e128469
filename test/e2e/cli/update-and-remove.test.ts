import { expect, test } from "bun:test"
import { exists } from "node:fs/promises"
import { join } from "node:path"
import { type Home, makeHome } from "../harness/home.ts"
import { startLocalRegistry } from "../harness/local-registry.ts"
import { opencodeBinary } from "../harness/opencode-binary.ts"
import { configure, providers, runCli, userEnvironment } from "./run-cli.ts"

const read = (home: Home, name: string): Promise<string> => Bun.file(join(home.config, name)).text()

const copyOf = (home: Home, spec: string): string => join(home.path, "cache/opencode/packages", spec)

test("OpenCode keeps its first copy of a bare name; update names the newest version and removes that copy", async () => {
  await using home = await makeHome()
  await using registry = await startLocalRegistry()
  await registry.publish("0.1.0")
  const before = `{\n  "model": "alpha/one", ${providers},\n  "plugin": [["opencode-understudy", { "fallback_models": ["beta/two"] }]] // mine\n}\n`
  await configure(home, {
    "opencode.json": before,
    "tui.json": '{ "plugin": ["opencode-understudy"] }\n',
  })
  const environment = { ...(await userEnvironment(home)), npm_config_registry: registry.origin }
  // A real start: OpenCode itself installs the plugin.
  await Bun.$`${opencodeBinary()} models`.cwd(home.project).env(environment).quiet()
  const stale = copyOf(home, "opencode-understudy@latest")
  expect(await exists(join(stale, "node_modules/opencode-understudy/package.json"))).toBeTrue()

  await registry.publish("9.9.9")
  const asked = registry.asked.length
  await Bun.$`${opencodeBinary()} models`.cwd(home.project).env(environment).quiet()
  expect(registry.asked.slice(asked)).toEqual([])

  const { stdout: report } = await runCli("node", home, ["doctor"], environment)
  expect(report).toContain('OpenCode loads 0.1.0 ("opencode-understudy"); newest 9.9.9')
  expect(report).toContain("OpenCode loads 0.1.0; 9.9.9 is out.")

  const dry = await runCli("node", home, ["update"], environment)
  expect(dry.exitCode).toBe(4)
  expect(await read(home, "opencode.json")).toContain('"opencode-understudy",')

  const { exitCode, stdout } = await runCli("node", home, ["update", "--yes"], environment)
  expect(exitCode).toBe(0)
  expect(stdout).toContain(`Removed the old copy ${stale}`)
  expect(await exists(stale)).toBeFalse()
  expect(await read(home, "opencode.json")).toContain(
    '"plugin": [["opencode-understudy@9.9.9", { "fallback_models": ["beta/two"] }]] // mine',
  )
  expect(JSON.parse(await read(home, "tui.json"))).toEqual({ plugin: ["opencode-understudy@9.9.9"] })

  await Bun.$`${opencodeBinary()} models`.cwd(home.project).env(environment).quiet()
  const again = await runCli("node", home, ["update", "--yes"], environment)
  expect(again.stdout).toContain("OpenCode's plugin lists already name 9.9.9.")
  const current = copyOf(home, "opencode-understudy@9.9.9")
  expect(await exists(current)).toBeTrue()

  const removed = await runCli("node", home, ["remove", "--yes"], environment)
  expect(removed.stdout).toContain(`  ${current}  OpenCode's copy of the package`)
}, 180_000)

test("without a registry update says so and changes nothing; --to needs none", async () => {
  await using home = await makeHome()
  const before = '{ "plugin": ["opencode-understudy@0.1.0"] }\n'
  await configure(home, { "opencode.json": before })
  const environment = { ...(await userEnvironment(home)), npm_config_registry: "http://127.0.0.1:9/" }
  const failed = await runCli("node", home, ["update", "--yes"], environment)
  expect(failed.exitCode).toBe(3)
  expect(failed.stderr).toContain("Name one with --to VERSION.")
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
