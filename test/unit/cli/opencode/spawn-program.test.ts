import { expect, test } from "bun:test"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { runProgram } from "../../../../src/cli/opencode/run-program.ts"
import { needsShell, shellLine } from "../../../../src/cli/opencode/spawn-program.ts"

test("what a shell is given holds together, whatever blanks are in it", () => {
  const words = [String.raw`C:\Users\Ada Lovelace\npm\opencode.cmd`, "run", "--agent", 'the "best" & last']
  expect(shellLine(words)).toBe(
    String.raw`"C:\Users\Ada Lovelace\npm\opencode.cmd" "run" "--agent" "the ""best"" & last"`,
  )
})

test.each([
  ["/usr/bin/opencode", false],
  [String.raw`C:\npm\opencode.exe`, false],
  [String.raw`C:\npm\opencode.cmd`, true],
  [String.raw`C:\NPM\OPENCODE.CMD`, true],
])("%s needs a shell: %p", (file, needed) => {
  expect(needsShell(file)).toBe(needed)
})

test.skipIf(process.platform !== "win32")("a program of npm's runs in a folder with a blank", async () => {
  const folder = await mkdtemp(join(tmpdir(), "a blank-"))
  try {
    const program = join(folder, "opencode.cmd")
    await Bun.write(program, "@echo %2\r\n")
    const options = { directory: folder, env: process.env, timeoutMs: 30_000 }
    const result = await runProgram(program, ["one", "two & three"], options)
    expect(result).toEqual({ ok: true, output: '"two & three"\r\n', notes: "" })
  } finally {
    await rm(folder, { recursive: true })
  }
})
