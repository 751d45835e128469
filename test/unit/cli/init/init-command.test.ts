import { expect, test } from "bun:test"
import { chmod, lstat, mkdir, readdir, stat, symlink } from "node:fs/promises"
import { version } from "../../../../package.json"
import { scratch } from "../scratch-terminal.ts"

test.each([["init"], ["init --json"]])("%s only shows when nobody can be asked", async (command) => {
  const before = '{ "model": "alpha/one" }'
  await using home = await scratch({ "opencode.json": before })
  const { exitCode, said } = await home.run(...command.split(" "), "--offline")
  expect(exitCode).toBe(4)
  expect(said).toContain("opencode-understudy")
  expect(await home.text("opencode.json")).toBe(before)
})

test("imports oh-my-opencode's chains, names what it does not import, and keeps what was there", async () => {
  await using home = await scratch({
    "opencode.json": '{\n  "plugin": ["oh-my-opencode"]\n}\n',
    "understudy.jsonc": '{\n  // mine\n  "runtime_fallback": { "cooldown_seconds": 5 }\n}\n',
    "oh-my-opencode.jsonc": `{
      "runtime_fallback": { "enabled": true, "cooldown_seconds": 90, "timeout_seconds": 30 }, // on
      "agents": { "oracle": { "model": "openai/gpt-5.2", "fallback_models": ["google/gemini-3-pro"] } },
    }`,
  })
  const { exitCode, said } = await home.run("init", "--yes", "--offline")
  expect(exitCode).toBe(0)
  expect(said).toContain("not imported runtime_fallback.timeout_seconds")
  expect(said).toContain("Kept as you have it: runtime_fallback.cooldown_seconds")
  expect(said).toContain("Another plugin switches models, too: oh-my-opencode")
  expect(await home.text("understudy.jsonc")).toBe(
    `{\n  // mine\n  "runtime_fallback": { "cooldown_seconds": 5 },\n  "agents": {\n    "oracle": {\n      "fallback_models": ["google/gemini-3-pro"]\n    }\n  }\n}\n`,
  )
})

test("a file that is a link into a folder of dotfiles stays a link, with its mode", async () => {
  await using home = await scratch({ "~/dotfiles-opencode.json": "{}\n", "tui.json": "{}" })
  const target = home.path("~/dotfiles-opencode.json")
  await chmod(target, 0o600)
  await symlink(target, home.path("opencode.json"))
  const { exitCode } = await home.run("init", "--yes", "--offline")
  expect(exitCode).toBe(0)
  expect((await lstat(home.path("opencode.json"))).isSymbolicLink()).toBeTrue()
  expect(await Bun.file(target).text()).toContain("opencode-understudy")
  expect((await stat(target)).mode & 0o777).toBe(0o600)
})

test("a file that cannot be read is not touched, and the place of the fault is named", async () => {
  const broken = '{\n  "model" "alpha/one"\n}'
  await using home = await scratch({ "opencode.json": broken })
  const { exitCode, said } = await home.run("init", "--yes", "--offline")
  expect(exitCode).toBe(3)
  expect(said).toContain("opencode.json:2:11")
  expect(await home.text("opencode.json")).toBe(broken)
})

test("undo refuses to overwrite what was written after init", async () => {
  await using home = await scratch({ "opencode.json": "{}" })
  await home.run("init", "--yes", "--offline")
  const edited = (await home.text("opencode.json")).replace("{", '{ "model": "a/b",')
  await Bun.write(home.path("opencode.json"), edited)
  const { exitCode, said } = await home.run("init", "--undo", "--yes")
  expect(exitCode).toBe(3)
  expect(said).toContain("has been changed since")
  expect(await home.text("opencode.json")).toBe(edited)
})

test("what is kept for undo can be read by its owner alone, and holds no key", async () => {
  const config = '{ "provider": { "x": { "options": { "apiKey": "sk-planted" } } } }'
  await using home = await scratch({ "opencode.json": config })
  const folder = home.path("~/.local/state/opencode-understudy/init")
  await mkdir(folder, { recursive: true })
  await chmod(folder, 0o777)
  await Bun.write(`${folder}/2026-01-01.json`, '{ "files": [{ "before": "sk-planted" }] }')
  const { said } = await home.run("init", "--yes", "--offline")
  const [record = "", ...others] = await readdir(folder)
  expect(others).toEqual([])
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(`${folder}/${record}`)).mode & 0o777).toBe(0o600)
  expect(await Bun.file(`${folder}/${record}`).text()).not.toContain("sk-planted")
  expect(said).not.toContain("sk-planted")
  await home.run("init", "--undo", "--yes")
  expect(await home.text("opencode.json")).toBe(config)
})

test("options of another plugin that may hold a key are not taken out, because undo would have to keep them", async () => {
  const config = '{ "plugin": [["@azumag/opencode-rate-limit-fallback", { "apiKey": "sk-planted" }]] }'
  await using home = await scratch({ "opencode.json": config })
  const { exitCode, said } = await home.run("init", "--yes", "--offline", "--remove-others")
  expect(exitCode).toBe(3)
  expect(said).toContain("by hand")
  expect(said).not.toContain("sk-planted")
  expect(await home.text("opencode.json")).toBe(config)
})

test("--project writes into the project, --remove-others takes the others out, and undo brings them back", async () => {
  const before = '{\n  "plugin": ["@azumag/opencode-rate-limit-fallback", "mine"]\n}\n'
  await using home = await scratch({ "~/project/opencode.json": before })
  const { exitCode } = await home.run("init", "--yes", "--offline", "--project", "--remove-others")
  expect(exitCode).toBe(0)
  expect(await home.text("~/project/opencode.json")).toBe(
    `{\n  "plugin": ["mine", "opencode-understudy@${version}"]\n}\n`,
  )
  expect((await home.run("init", "--undo", "--yes")).exitCode).toBe(0)
  expect(await home.text("~/project/opencode.json")).toBe(before)
})

test("--project imports nothing but choices among models, and edits the project's own file that lists plugins", async () => {
  await using home = await scratch({
    "~/project/opencode.json": "{}",
    "~/project/.opencode/opencode.json": '{ "plugin": ["mine"] }',
    "oh-my-opencode.jsonc": `{
      "runtime_fallback": { "cooldown_seconds": 90 },
      "agents": { "oracle": { "fallback_models": ["google/gemini-3-pro"] } },
    }`,
  })
  const { exitCode, said } = await home.run("init", "--yes", "--offline", "--project", "--no-panel")
  expect(exitCode).toBe(0)
  expect(said).toContain(
    "not imported runtime_fallback: a project's own file cannot set it; run init without --project",
  )
  expect(await home.text("~/project/opencode.json")).toBe("{}")
  expect(await home.text("~/project/.opencode/opencode.json")).toBe(
    `{ "plugin": ["mine", "opencode-understudy@${version}"] }`,
  )
  const written = await home.text("~/project/.opencode/understudy.jsonc")
  expect(written).toContain('"oracle"')
  expect(written).not.toContain("runtime_fallback")
})
