import { expect, test } from "bun:test"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Home, makeHome } from "../harness/home.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import {
  type CliResult,
  configure,
  providers,
  runCli,
  type Runtime,
  runtimes,
  userEnvironment,
} from "./run-cli.ts"

const plugin = `"plugin": ["${pathToFileURL(REPOSITORY).href}"]`

type Report = {
  readonly opencode: { readonly version: string; readonly isSupported: boolean }
  readonly catalog: { readonly known: boolean; readonly models: number }
  readonly chains: readonly {
    readonly name: string
    readonly model: { readonly model: string } | null
    readonly fallbacks: readonly { readonly model: string; readonly isUsable: boolean }[]
  }[]
  readonly findings: readonly {
    readonly severity: string
    readonly code: string
    readonly where: string
    readonly advice: string
  }[]
}

/** OpenCode's answers are kept: what a test configures is not changed by it. */
async function command(home: Home, args: readonly string[], runtime: Runtime = "node"): Promise<CliResult> {
  return runCli(runtime, home, args, await userEnvironment(home, "asked once"))
}

async function doctor(
  home: Home,
  ...args: readonly string[]
): Promise<{ readonly exitCode: number; readonly report: Report }> {
  const { exitCode, stdout } = await command(home, ["doctor", "--json", ...args])
  return { exitCode, report: JSON.parse(stdout) as Report }
}

test("a good installation has no errors, and each agent's chain is shown from wherever it was written, on node, bun and opencode", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.jsonc": `{ ${plugin}, "model": "alpha/one", ${providers},
      "agent": { "build": { "fallback_models": ["beta/two"] } } }`,
    "agent/reviewer.md":
      "---\ndescription: reviews\nmode: subagent\nmodel: beta/two\nfallback_models:\n  - alpha/two\n---\nYou review.\n",
    "understudy.jsonc": '{ "fallback_models": ["alpha/two", "beta/two"] }',
  })
  const { exitCode, report } = await doctor(home)
  expect(report.findings.filter((finding) => finding.severity !== "info")).toEqual([])
  expect(exitCode).toBe(0)
  expect(report.opencode.isSupported).toBeTrue()
  expect(report.catalog).toMatchObject({ known: true, models: 3 })
  const chains = Object.fromEntries(
    report.chains.map((chain) => [
      chain.name,
      [chain.model?.model, ...chain.fallbacks.map((one) => one.model)],
    ]),
  )
  expect(chains).toEqual({
    build: ["alpha/one", "beta/two"],
    plan: ["alpha/one", "alpha/two", "beta/two"],
    general: ["alpha/one", "alpha/two", "beta/two"],
    explore: ["alpha/one", "alpha/two", "beta/two"],
    reviewer: ["beta/two", "alpha/two"],
  })
  expect(report.chains.flatMap((chain) => chain.fallbacks).every((one) => one.isUsable)).toBeTrue()
  for (const runtime of runtimes) {
    const { stdout, ...ending } = await command(home, ["doctor"], runtime)
    expect(ending).toEqual({ exitCode: 0, stderr: "" })
    expect(stdout).toMatch(
      /agents plan, general, explore {2}from fallback_models\n {4}o {2}alpha\/one +connected\n {4}o {2}-> alpha\/two +connected\n {4}o {2}-> beta\/two +connected/,
    )
    expect(stdout).toContain("Nothing is wrong.")
  }
})

test("what is wrong is found in its place, and the exit code is 1; an agent that does not exist is an error in a dry run", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.jsonc": `{ "$schema": "https://opencode.ai/config.json",\n  "plugin": ["${pathToFileURL(REPOSITORY).href}"],\n  "fallback_models": ["beta/two"],\n  "model": "alpha/one", ${providers} }`,
    "understudy.jsonc":
      '{\n  "fallback_models": ["beta/tow"],\n  "runtime_fallback": { "cooldown_seconds": "60" },\n  "agents": { "buid": { "fallback_models": ["beta/two"] } }\n}',
    "agent/reviewer.md": "---\ndescription: reviews\nmode: subagent\n---\nYou review.\n",
  })
  const read = (name: string): Promise<string> => Bun.file(join(home.config, name)).text()
  const before = await Promise.all([read("opencode.jsonc"), read("understudy.jsonc")])
  const { exitCode, report } = await doctor(home)
  expect(exitCode).toBe(1)
  const found = report.findings.map(
    ({ severity, code, where }) => `${severity} ${code} ${where.replace(home.config, "")}`,
  )
  expect(found).toContain("error unknown-model /understudy.jsonc:2:23, fallback_models[0]")
  expect(found).toContain("error invalid-setting /understudy.jsonc:3:45, runtime_fallback.cooldown_seconds")
  expect(found).toContain("error key-does-nothing /opencode.jsonc:3:3, fallback_models")
  expect(report.findings.find((finding) => finding.code === "unknown-model")?.advice).toContain(
    "Did you mean beta/two?",
  )
  // That the settings name it, too, makes it no agent.
  const wrong = await command(home, ["simulate", "--agent", "buid", "alpha: 429"])
  expect(wrong.stderr).toContain(
    "OpenCode has no agent named buid. Did you mean build? There are: build, plan,",
  )
  expect(wrong.exitCode).toBe(2)
  const right = await command(home, ["simulate", "--agent", "reviewer", "alpha: 429"])
  expect(right.exitCode).toBe(0)
  expect(await Promise.all([read("opencode.jsonc"), read("understudy.jsonc")])).toEqual(before)
})

test("a file of OpenCode's that cannot be read is named, in its place", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.json": '{ "model": "alpha/one",\n  "plugin": ["opencode-understudy"\n',
    "understudy.jsonc": '{ "fallback_models": ["beta/two"] }',
  })
  const where = `${join(home.config, "opencode.json")}:3:1`
  const { exitCode, report } = await doctor(home)
  expect(exitCode).toBe(1)
  expect(report.findings.map(({ code, where: at }) => [code, at])).toEqual([["unreadable-file", where]])
})
