/** What is said of words that no command knows, and of none: all of it in this process, as every runtime has it. */
import { expect, test } from "bun:test"
import { version } from "../../../package.json"
import { scratch } from "./scratch-terminal.ts"

/** What stands on standard output, and what on standard error. */
async function ran(...args: readonly string[]) {
  let stdout = ""
  await using home = await scratch({}, { write: (text) => void (stdout += text) })
  const { exitCode, said } = await home.run(...args)
  return { exitCode, stdout, stderr: said }
}

test.each([
  [["status", "--sinse", "7d"], /unknown option '--sinse'/],
  [["status", "--since", "soon"], /Give a span such as/],
  [["status", "--watch"], /--watch draws on a terminal/],
  [["status", "--watch", "--json"], /'--watch' cannot be used with option '--json'/],
  [["status", "--limit", "few"], /Give a whole number, 1 or more/],
  [["status", "--limit", "0"], /Give a whole number, 1 or more/],
  [["simulate"], /Nothing to simulate/],
  [["simulate", "--assume-connected", "alpha: 429"], /name one with --model/],
  [["simulate", "--model", "alpha", "--assume-connected", "alpha/one: 429"], /write provider\/model/],
  [["simulate", "alpha/one:429"], /a space after the colon/],
  [["simulate", "--scenario", "nope"], /No scenario is named nope\. There are: rate-limit, /],
  [["classify", "/nowhere.jsonl"], /cannot be read: it does not exist/],
  [["classify", "/tmp"], /is a folder/],
])("%j is refused with exit code 2 and a reason", async (args, reason) => {
  const { exitCode, stdout, stderr } = await ran(...args)
  expect(stderr).toMatch(reason)
  expect(stdout).toBe("")
  expect(exitCode).toBe(2)
})

test.each([
  [["--version"], 0, `${version}\n`],
  [["--help"], 0, /doctor[^]+simulate[^]+status[^]+init[^]+classify[^]+Exit codes/],
  [["simulate", "--help"], 0, /retry-after 60/],
  [[], 2, /Usage/],
] as const)("%j ends with %d", async (args, exitCode, output) => {
  const result = await ran(...args)
  expect(result.stdout).toMatch(output)
  expect(result.exitCode).toBe(exitCode)
})

test("a dry run as JSON has the documented shape", async () => {
  const args = ["--assume-connected", "--json", "--model", "alpha/one", "--chain", "beta/two"]
  const { exitCode, stdout } = await ran("simulate", ...args, "alpha: 429 retry-after 60")
  expect(exitCode).toBe(0)
  const { agent, model, events } = JSON.parse(stdout) as {
    readonly agent: string
    readonly model: string
    readonly events: readonly { readonly at: number; readonly event: string }[]
  }
  expect([agent, model]).toEqual(["build", "alpha/one"])
  const happened = ["prompt", "failed", "rests", "switched", "toast", "answered"]
  expect(events.map(({ event }) => event)).toEqual(happened)
  expect(events.every(({ at }) => at >= 0)).toBeTrue()
})

test("a broken row is said in its place, the others keep theirs, and the exit code is 1", async () => {
  let stdout = ""
  const rows = { "rows.jsonl": '{"status":429}\n{bad\n\n{"status":401,"body":"x"}\n' }
  await using home = await scratch(rows, { write: (text) => void (stdout += text) })
  expect((await home.run("classify", home.path("rows.jsonl"))).exitCode).toBe(1)
  const verdicts = stdout.trim().split("\n")
  const read = verdicts.map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
  expect(read.map((row) => row["class"] ?? row["line"])).toEqual(["rate_limit", 2, "auth"])
})

test.each(["status", "simulate --assume-connected --model alpha/one +1s"])(
  "a file of OpenCode's that cannot be read is named by %s, in words",
  async (line) => {
    await using home = await scratch({
      "opencode.json": '{ "model": "alpha/one",\n  "plugin": ["opencode-understudy"\n',
      "understudy.jsonc": '{ "fallback_models": ["beta/two"] }',
    })
    const where = `${home.path("opencode.json")}:3:1`
    expect((await home.run(...line.split(" "))).said).toContain(
      `${where}: OpenCode cannot read it: found the end of the file (a \`]\` is missing).`,
    )
  },
)
