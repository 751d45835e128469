import { describe, expect, spyOn, test } from "bun:test"
import { PassThrough } from "node:stream"
import picocolors from "picocolors"
import { askYesNo, processTerminal, wantsColours } from "../../../../src/cli/terminal/terminal.ts"

describe("wantsColours", () => {
  test.each([
    ["on a terminal", {}, true, true],
    ["not in a pipe", {}, undefined, false],
    ["not in a pipe of a CI run", { CI: "true" }, undefined, false],
    ["not with NO_COLOR", { NO_COLOR: "1" }, true, false],
    ["an empty NO_COLOR does not count", { NO_COLOR: "" }, true, true],
    ["NO_COLOR outranks FORCE_COLOR", { NO_COLOR: "1", FORCE_COLOR: "1" }, true, false],
    ["in a pipe with FORCE_COLOR", { FORCE_COLOR: "1" }, undefined, true],
    ["not on a dumb terminal", { TERM: "dumb" }, true, false],
  ])("%s", (_title, env, isTTY, wanted) => {
    expect(wantsColours(env, isTTY)).toBe(wanted)
  })
})

test.each([
  ["a result", "stdout", "write", ""],
  ["prose", "stderr", "note", "\n"],
] as const)("%s holds no control character that a name has brought along", (_title, stream, say, end) => {
  using written = spyOn(process[stream], "write").mockReturnValue(true)
  using _ = errorsGoTo("a terminal")
  processTerminal()[say]("\u001B[1ma\u009B2J\u007F\u001B[22m\n")
  expect(written.mock.calls.flat()).toEqual([`\u001B[1m${String.raw`a\u009b2J\u007f`}\u001B[22m\n${end}`])
})

test("prose that goes into a file is plain, whatever the results go to", () => {
  using written = spyOn(process.stderr, "write").mockReturnValue(true)
  for (const place of ["a terminal", "a file"] as const) {
    using _ = errorsGoTo(place)
    processTerminal().note(picocolors.createColors(true).red("wrong"))
  }
  expect(written.mock.calls.flat()).toEqual(["\u001B[31mwrong\u001B[39m\n", "wrong\n"])
})

function errorsGoTo(place: "a terminal" | "a file") {
  const { isTTY } = process.stderr
  const { NO_COLOR = "", FORCE_COLOR = "", TERM = "" } = process.env
  process.stderr.isTTY = place === "a terminal"
  Object.assign(process.env, { NO_COLOR: "", FORCE_COLOR: "", TERM: "xterm" })
  return {
    [Symbol.dispose]: () => {
      process.stderr.isTTY = isTTY
      Object.assign(process.env, { NO_COLOR, FORCE_COLOR, TERM })
    },
  }
}

describe("askYesNo", () => {
  test.each([
    ["y\r", true],
    ["YES\r", true],
    ["n\r", false],
    ["\r", false],
    ["yesterday\r", false],
    // Ctrl-C, Ctrl-D
    ["\u0003", false],
    ["\u0004", false],
  ])("%j is %j", async (typed, answer) => {
    const input = new PassThrough()
    const answered = askYesNo("Write this?", input, Object.assign(new PassThrough(), { isTTY: true }))
    input.write(typed)
    expect(await answered).toBe(answer)
  })

  test("the end of the input is a no", async () => {
    const input = new PassThrough()
    const answered = askYesNo("Write this?", input, new PassThrough())
    input.end()
    expect(await answered).toBe(false)
  })
})
