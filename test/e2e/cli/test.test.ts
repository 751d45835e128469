import { expect, test } from "bun:test"
import { readdir } from "node:fs/promises"
import { tmpdir } from "node:os"
import { pathToFileURL } from "node:url"
import { makeHome } from "../harness/home.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { configure, providers, runCli } from "./run-cli.ts"

const plugin = `"plugin": ["${pathToFileURL(REPOSITORY).href}"]`

const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith("understudy-test-"))

test("one real turn goes on with the user's own fallback model, and nothing is left behind", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.json": `{ ${plugin}, "model": "alpha/one", ${providers} }`,
    "understudy.jsonc": '{ "fallback_models": ["alpha/unknown", "beta/two"] }',
  })
  const before = await leftovers()
  const { exitCode, stdout } = await runCli("node", home, ["test"])
  expect(stdout).toMatch(/alpha\/one +429, rate limit reached\n +\d+ ms +beta\/two +answers/)
  expect(stdout).toMatch(/on standard error:\n {2}understudy: .*two/)
  expect(stdout).toEndWith("\nIt works.\n")
  expect(exitCode).toBe(0)
  expect((await leftovers()).filter((name) => !before.includes(name))).toEqual([])
})

test("without a fallback model that can be used it says why, and tries nothing", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.json": `{ ${plugin}, "model": "alpha/one", ${providers} }`,
    "understudy.jsonc": '{ "fallback_models": ["gamma/three"] }',
  })
  const { exitCode, stderr } = await runCli("node", home, ["test"])
  expect(stderr).toContain("No fallback model of agent build can be used (gamma/three: ")
  expect(exitCode).toBe(1)
})
