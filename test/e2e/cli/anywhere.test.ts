import { describe, expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { startChild } from "../harness/child-process.ts"
import { makeHome } from "../harness/home.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { CLI, configure, runCli, runtimes, userEnvironment } from "./run-cli.ts"

describe.each([...runtimes])("on %s", (runtime) => {
  test("a dry run says what would happen, without colours in a pipe", async () => {
    await using home = await makeHome()
    const { exitCode, stdout, stderr } = await runCli(runtime, home, ["simulate", "--scenario", "rate-limit"])
    expect(stderr).toBe("")
    expect(exitCode).toBe(0)
    expect(stdout).toContain("switches   alpha/one -> beta/two")
    expect(stdout).not.toContain("\u001B")
  })

  test("classify gives one verdict per row, in order", async () => {
    await using home = await makeHome()
    const corpus = join(REPOSITORY, "test/fixtures/errors.jsonl")
    const { exitCode, stdout } = await runCli(runtime, home, ["classify", corpus])
    expect(exitCode).toBe(0)
    const rows = (await Bun.file(corpus).text()).trim().split("\n")
    const verdicts = stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    expect(verdicts).toHaveLength(rows.length)
    for (const verdict of verdicts)
      expect(Object.keys(verdict)).toEqual(["class", "fallback", "scope", "retryAt", "rule"])
    expect(verdicts[3]).toMatchObject({ class: "billing", fallback: true, scope: "provider" })
  })
})

test("a mistake is refused with exit code 2 and a reason on standard error", async () => {
  await using home = await makeHome()
  const { exitCode, stderr, stdout } = await runCli("node", home, ["docter"])
  expect(stderr).toMatch(/unknown command 'docter'\s+\(Did you mean doctor\?\)/)
  expect(stdout).toBe("")
  expect(exitCode).toBe(2)
})

test("a folder for temporary files that is not there is named, with what to do", async () => {
  await using home = await makeHome()
  await configure(home, { "understudy.jsonc": '{ "fallback_models": ["beta/two"] }' })
  const environment = { ...(await userEnvironment(home)), TMPDIR: "/nowhere" }
  const why = "the folder for temporary files, /nowhere, cannot be used (it does not exist): set TMPDIR"
  const run = (command: string) =>
    runCli("node", home, [command, "--opencode", process.execPath], environment)
  expect(await run("test")).toMatchObject({
    stderr: `understudy: Nothing was tried: ${why}.\n`,
    exitCode: 3,
  })
  expect((await run("doctor")).stdout).toContain(why)
})

// A path may have 4,095 bytes on Linux: the folder's leave too few for the files in it.
test.if(process.platform === "linux")("what else the system refuses is said as such", async () => {
  await using home = await makeHome()
  await configure(home, { "understudy.jsonc": '{ "fallback_models": ["beta/two"] }' })
  const folder = `${home.path}${"/understudy-long".repeat(300)}`.slice(0, 4_062)
  await mkdir(folder, { recursive: true })
  const environment = { ...(await userEnvironment(home)), TMPDIR: folder }
  const tried = await runCli("node", home, ["test", "--opencode", process.execPath], environment)
  expect(tried.stderr).toStartWith(`understudy: ${folder}/understudy-test-`)
  expect(tried.stderr).toContain(": ENAMETOOLONG: name too long")
  expect(tried.exitCode).toBe(3)
})

// Only root may become somebody else.
test.if(process.getuid?.() === 0)("a user without a home folder is told to name one", async () => {
  await using home = await makeHome()
  const script = `process.setuid(54321); process.argv.push("understudy", "status"); import("${CLI}")`
  const { PATH = "" } = await userEnvironment(home)
  await using child = startChild(["node", "-e", script], { cwd: "/", environment: { PATH } })
  expect(await child.exited).toBe(3)
  expect(child.stderr()).toMatch(/^understudy: HOME is not set, .*: set HOME\.\n$/)
})

test.if(existsSync("/dev/full"))("output that cannot be written is an error", async () => {
  await using home = await makeHome()
  const command = ["sh", "-c", `exec node ${CLI} simulate --list > /dev/full`]
  await using child = startChild(command, { cwd: home.project, environment: await userEnvironment(home) })
  expect(await child.exited).toBe(3)
  expect(child.stderr()).toBe("understudy: the output cannot be written: the disk is full.\n")
})

test("config names the file and line of each value, wherever it was written", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.json":
      '{ "$schema": "https://opencode.ai/config.json",\n  "plugin": [["opencode-understudy", { "fallback_models": ["beta/two"] }]],\n  "agent": { "build": { "fallback_models": ["gamma/three"] } }\n}\n',
    "agent/reviewer.md": "---\nmode: subagent\nfallback_models: [delta/four]\n---\nYou review.\n",
    "understudy.jsonc": '{\n  "runtime_fallback": { "cooldown_seconds": 90 }\n}\n',
  })
  const { exitCode, stdout } = await runCli("node", home, ["config", "--set"])
  expect(exitCode).toBe(0)
  const rows = stdout
    .trim()
    .split("\n")
    .map((line) => line.split(/ {2,}/))
  expect(rows).toEqual(
    [
      ["runtime_fallback.cooldown_seconds", `${home.config}/understudy.jsonc:2:45`, "90"],
      ["fallback_models", `${home.config}/opencode.json:2:59`, "beta/two"],
      ["agents.build.fallback_models", `${home.config}/opencode.json:3:44`, "gamma/three"],
      ["agents.reviewer.fallback_models", `${home.config}/agent/reviewer.md:3:1`, "delta/four"],
    ].map((row) => row.map((cell) => cell.replace(home.path, "~"))),
  )
  const all = await runCli("node", home, ["config", "--json", "--offline"])
  const { version, settings } = JSON.parse(all.stdout) as {
    readonly version: number
    readonly settings: readonly { readonly key: string; readonly value: unknown; readonly from: unknown }[]
  }
  expect(version).toBe(1)
  expect(settings).toContainEqual({ key: "runtime_fallback.enabled", value: true, from: { from: "default" } })
})
