import { expect, test } from "bun:test"
import { readdir } from "node:fs/promises"

const source = new URL("../../../src/", import.meta.url).pathname

/** The codes that stand in a file, of findings or as members of `ProblemCode`. */
async function codesIn(file: string): Promise<readonly string[]> {
  const text = await Bun.file(source + file).text()
  const lines = text.split("\n").filter((line) => /\bcode: |^ {2}\| "/.test(line))
  return lines.flatMap((line) => line.match(/(?<=")[a-z]+(?:-[a-z]+)*(?=")/g) ?? [])
}

test("docs/cli.md explains each code of a finding, and none that doctor never gives", async () => {
  const folder = "cli/doctor/findings/"
  const files = (await readdir(source + folder)).map((name) => folder + name)
  const given = await Promise.all([...files, "config/settings-problem.ts"].map(codesIn))
  const page = await Bun.file(new URL("../../../docs/cli.md", import.meta.url)).text()
  const [, table = ""] = /\n\| code  .*\n((?:\|.*\n)+)/.exec(page.slice(page.indexOf("## doctor"))) ?? []
  const explained = table
    .split("\n")
    .flatMap((row) => (row.split("|")[1] ?? "").match(/[a-z]+(?:-[a-z]+)*/g) ?? [])
  expect(new Set(explained)).toEqual(new Set(given.flat()))
})
