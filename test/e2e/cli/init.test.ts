import { expect, test } from "bun:test"
import { chmod, lstat, mkdir, readdir, stat, symlink } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { version } from "../../../package.json"
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

test.each([["init"], ["init --json"]])("%s only shows when nobody can be asked", async (command) => {
  await using home = await makeHome()
  const before = '{ "model": "alpha/one" }'
  await configure(home, { "opencode.json": before })
  const { exitCode, stdout } = await runCli("node", home, [...command.split(" "), "--offline"])
  expect(exitCode).toBe(4)
  expect(stdout).toContain("opencode-understudy")
  expect(await text(home, "opencode.json")).toBe(before)
})

test("imports oh-my-opencode's chains, names what it does not import, and keeps what was there", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.json": '{\n  "plugin": ["oh-my-opencode"]\n}\n',
    "understudy.jsonc": '{\n  // mine\n  "runtime_fallback": { "cooldown_seconds": 5 }\n}\n',
    "oh-my-opencode.jsonc": `{
      "runtime_fallback": { "enabled": true, "cooldown_seconds": 90, "timeout_seconds": 30 }, // on
      "agents": { "oracle": { "model": "openai/gpt-5.2", "fallback_models": ["google/gemini-3-pro"] } },
    }`,
  })
  const { exitCode, stdout } = await runCli("node", home, ["init", "--yes", "--offline"])
  expect(exitCode).toBe(0)
  expect(stdout).toContain("not imported runtime_fallback.timeout_seconds")
  expect(stdout).toContain("Kept as you have it: runtime_fallback.cooldown_seconds")
  expect(stdout).toContain("Another plugin switches models, too: oh-my-opencode")
  expect(await text(home, "understudy.jsonc")).toBe(
    `{\n  // mine\n  "runtime_fallback": { "cooldown_seconds": 5 },\n  "agents": {\n    "oracle": {\n      "fallback_models": ["google/gemini-3-pro"]\n    }\n  }\n}\n`,
  )
})

test("a file that is a link into a folder of dotfiles stays a link, with its mode", async () => {
  await using home = await makeHome()
  const target = join(home.path, "dotfiles-opencode.json")
  await Bun.write(target, "{}\n")
  await chmod(target, 0o600)
  await symlink(target, join(home.config, "opencode.json"))
  const { exitCode } = await runCli("node", home, ["init", "--yes", "--offline"])
  expect(exitCode).toBe(0)
  expect((await lstat(join(home.config, "opencode.json"))).isSymbolicLink()).toBeTrue()
  expect(await Bun.file(target).text()).toContain("opencode-understudy")
  expect((await stat(target)).mode & 0o777).toBe(0o600)
})

test("a file that cannot be read is not touched, and the place of the fault is named", async () => {
  await using home = await makeHome()
  const broken = '{\n  "model" "alpha/one"\n}'
  await configure(home, { "opencode.json": broken })
  const { exitCode, stderr } = await runCli("node", home, ["init", "--yes", "--offline"])
  expect(exitCode).toBe(3)
  expect(stderr).toContain("opencode.json:2:11")
  expect(await text(home, "opencode.json")).toBe(broken)
})

test("undo refuses to overwrite what was written after init", async () => {
  await using home = await makeHome()
  await configure(home, { "opencode.json": "{}" })
  await runCli("node", home, ["init", "--yes", "--offline"])
  const edited = (await text(home, "opencode.json")).replace("{", '{ "model": "a/b",')
  await configure(home, { "opencode.json": edited })
  const { exitCode, stderr } = await runCli("node", home, ["init", "--undo", "--yes"])
  expect(exitCode).toBe(3)
  expect(stderr).toContain("has been changed since")
  expect(await text(home, "opencode.json")).toBe(edited)
})

test("what is kept for undo can be read by its owner alone, and holds no key", async () => {
  await using home = await makeHome()
  const config = '{ "provider": { "x": { "options": { "apiKey": "sk-planted" } } } }'
  await configure(home, { "opencode.json": config })
  const folder = join(home.path, "state/opencode-understudy/init")
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o777)
  await Bun.write(join(folder, "2026-01-01.json"), '{ "files": [{ "before": "sk-planted" }] }')
  const { stdout } = await runCli("node", home, ["init", "--yes", "--offline"])
  const [record = "", ...others] = await readdir(folder)
  expect(others).toEqual([])
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, record))).mode & 0o777).toBe(0o600)
  expect(await Bun.file(join(folder, record)).text()).not.toContain("sk-planted")
  expect(stdout).not.toContain("sk-planted")
  await runCli("node", home, ["init", "--undo", "--yes"])
  expect(await text(home, "opencode.json")).toBe(config)
})

test("options of another plugin that may hold a key are not taken out, because undo would have to keep them", async () => {
  await using home = await makeHome()
  const config = '{ "plugin": [["@azumag/opencode-rate-limit-fallback", { "apiKey": "sk-planted" }]] }'
  await configure(home, { "opencode.json": config })
  const { exitCode, stderr } = await runCli("node", home, ["init", "--yes", "--offline", "--remove-others"])
  expect(exitCode).toBe(3)
  expect(stderr).toContain("by hand")
  expect(stderr).not.toContain("sk-planted")
  expect(await text(home, "opencode.json")).toBe(config)
})

test("--project writes into the project, --remove-others takes the others out", async () => {
  await using home = await makeHome()
  await Bun.write(
    join(home.project, "opencode.json"),
    '{\n  "plugin": ["@azumag/opencode-rate-limit-fallback", "mine"]\n}\n',
  )
  const { exitCode } = await runCli("node", home, [
    "init",
    "--yes",
    "--offline",
    "--project",
    "--remove-others",
  ])
  expect(exitCode).toBe(0)
  expect(await Bun.file(join(home.project, "opencode.json")).text()).toBe(
    `{\n  "plugin": ["mine", "opencode-understudy@${version}"]\n}\n`,
  )
})
