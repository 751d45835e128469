import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { scratch } from "../cli/scratch-terminal.ts"
import { documents, root } from "./marked-snippets.ts"

const read = (document: string): string => readFileSync(join(root, document), "utf8")

/** The first column of the table behind these words. */
function firstColumn(document: string, before: string): readonly string[] {
  const text = read(document)
  const [table = ""] = /^\|.*\n(?:\|.*\n)+/m.exec(text.slice(text.indexOf(before))) ?? []
  return table.split("\n").map((row) => row.split("|")[1]?.trim() ?? "")
}

const help = async (...command: readonly string[]): Promise<string> => {
  await using home = await scratch({}, { columns: 200 })
  return (await home.run(...command, "--help")).said
}

test("docs/cli.md lists the commands that there are", async () => {
  const [, listed = ""] = (await help()).split("Commands:\n")
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)]
    .map(([, name = ""]) => name)
    .filter((name) => name !== "help")
  const written = firstColumn("docs/cli.md", "| command").flatMap(
    (cell) => /`understudy ([a-z]+)/.exec(cell)?.[1] ?? [],
  )
  expect(new Set(written)).toEqual(new Set(names))
})

/** `understudy COMMAND … --option`, in one piece of code of a document. */
const uses = documents()
  .filter((document) => document !== "CHANGELOG.md")
  .flatMap((document) =>
    [...read(document).matchAll(/\bunderstudy(?:@latest)? ([a-z]+)\b([^`\n#]*)/g)].flatMap(
      ([, command = "", rest = ""]) =>
        [...rest.matchAll(/--[a-z-]+/g)].map(([option]) => ({ document, command, option })),
    ),
  )

test.each(uses)("understudy $command takes $option, as $document says", async ({ command, option }) => {
  expect(await help(command)).toContain(option)
})

test("the documents name options", () => {
  expect(uses.length).toBeGreaterThan(5)
})

test("README lists what /understudy understands", async () => {
  const written = firstColumn("README.md", "| in a session").flatMap((cell) =>
    [...cell.matchAll(/`(?:\/understudy )?([a-z]+)/g)].flatMap(([, word]) => word ?? []),
  )
  const [, verbs = ""] = /const verbs = \[(.*)\]/.exec(read("src/command/parse-command.ts")) ?? []
  // The first says nothing but `/understudy`, the last what this table says.
  const known = [...verbs.matchAll(/"([a-z]+)"/g)].map(([, verb = ""]) => verb)
  expect(new Set(["status", ...written, "help"])).toEqual(new Set(known))
})

test("README's defaults are those of docs/settings.md", () => {
  const cells = (document: string): ReadonlyMap<string, string> =>
    new Map(
      [...read(document).matchAll(/^\| `([\w.*]+)` *\| ([^|]*?) *\|/gm)].map(([, key = "", value = ""]) => [
        key,
        value,
      ]),
    )
  const all = cells("docs/settings.md")
  const own = [...cells("README.md")].map(([key, value]) => [
    key.replace(/\.(build|openrouter)\./, ".*."),
    value,
  ])
  expect(own.length).toBeGreaterThan(3)
  for (const [key = "", value = ""] of own) expect(`${key} ${all.get(key)}`).toStartWith(`${key} ${value}`)
})
