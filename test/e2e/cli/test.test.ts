import { expect, test } from "bun:test"
import { mkdir, readdir } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { makeHome } from "../harness/home.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { configure, providers, runCli, userEnvironment } from "./run-cli.ts"

const plugin = `"plugin": ["${pathToFileURL(REPOSITORY).href}"]`

test("behind a proxy, too, one real turn goes on with the user's own fallback model, and nothing is left behind; where none can be used it says why, and tries nothing", async () => {
  await using home = await makeHome()
  await configure(home, {
    "opencode.json": `{ ${plugin}, "model": "alpha/one", ${providers} }`,
    "understudy.jsonc": `{ "fallback_models": ["alpha/unknown", "beta/two"],
      "agents": { "plan": { "fallback_models": ["gamma/three"] } } }`,
  })
  const temporary = join(home.path, "tmp")
  await mkdir(temporary)
  const asked = await userEnvironment(home, "asked once")
  const environment = { ...asked, TMPDIR: temporary, HTTP_PROXY: "http://127.0.0.1:9" }
  const { exitCode, stdout } = await runCli("node", home, ["test"], environment)
  expect(stdout).toMatch(/alpha\/one +429, rate limit reached\n +\d+ ms +beta\/two +answers/)
  expect(stdout).toMatch(/on standard error:\n {2}understudy: .*two/)
  expect(stdout).toEndWith("\nIt works.\n")
  expect(exitCode).toBe(0)
  const ours = (name: string): boolean => name.includes("understudy")
  expect((await readdir(temporary)).filter(ours)).toEqual([])

  const without = await runCli("node", home, ["test", "--agent", "plan"], environment)
  expect(without.stderr).toContain("No fallback model of agent plan can be used (gamma/three: ")
  expect(without.exitCode).toBe(1)
})
