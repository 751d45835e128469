import { expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { eventually } from "../../eventually.ts"

const harness = join(import.meta.dir, "../../e2e/harness")
const program = `
  const { startChild } = await import("${harness}/child-process.ts")
  const { makeHome } = await import("${harness}/home.ts")
  const { path } = await makeHome()
  const { pid } = startChild(["sleep", "600"], { cwd: path, environment: process.env })
  console.log(JSON.stringify({ path, pid }))`

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    // Nobody has this number any more.
    return false
  }
}

test("a test that is killed leaves neither what it has started nor its home", async () => {
  const killed = Bun.spawn([process.execPath, "-e", program], { stdout: "pipe" })
  const { value } = await killed.stdout.getReader().read()
  const { path, pid } = JSON.parse(new TextDecoder().decode(value)) as { path: string; pid: number }
  expect([existsSync(path), runs(pid)]).toEqual([true, true])
  killed.kill("SIGKILL")
  await eventually(() => !existsSync(path) && !runs(pid))
})
