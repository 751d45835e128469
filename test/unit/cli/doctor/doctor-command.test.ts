import { expect, test } from "bun:test"
import { scratch } from "../scratch-terminal.ts"

type Report = {
  readonly chains: readonly unknown[]
  readonly findings: readonly { readonly code: string; readonly advice: string }[]
}

async function doctor(files: Readonly<Record<string, string>>, ...args: readonly string[]) {
  let stdout = ""
  await using home = await scratch(files, { write: (text) => void (stdout += text) })
  const { exitCode } = await home.run("doctor", "--json", ...args)
  return { exitCode, ...(JSON.parse(stdout) as Report) }
}

test("without OpenCode it says so, and still checks the files", async () => {
  const { exitCode, findings, chains } = await doctor({
    "opencode.json": '{ "model": "alpha/one", "plugin": ["opencode-understudy"] }',
    "understudy.jsonc": '{ "fallback_models": ["beta/two"], "nonsense": 1 }',
  })
  expect(exitCode).toBe(1)
  expect(findings.map(({ code }) => code)).toEqual(["opencode-not-found", "key-does-nothing", "not-pinned"])
  expect(chains[0]).toMatchObject({
    name: "build",
    model: { model: "alpha/one" },
    fallbacks: [{ model: "beta/two" }],
  })
})

test("another fallback plugin is named with the way to stop it", async () => {
  const plugins = ["opencode-understudy", "oh-my-opencode@4.19.4", "@azumag/opencode-rate-limit-fallback"]
  const files = {
    "opencode.json": JSON.stringify({ plugin: plugins }),
    "understudy.jsonc": '{ "fallback_models": ["beta/two"] }',
    "~/.omo/omo.jsonc": '{ "[opencode]": { "runtime_fallback": { "enabled": true } } }',
  }
  const { exitCode, findings } = await doctor(files, "--offline")
  expect(exitCode).toBe(1)
  expect(findings.flatMap(({ code, advice }) => (code === "other-plugin" ? [advice] : []))).toEqual([
    expect.stringContaining('"runtime_fallback": false'),
    expect.stringContaining("understudy init --remove-others"),
  ])
})
