import { Glob } from "bun"
import { expect, test } from "bun:test"
import { dirname, join } from "node:path"

const root = join(import.meta.dir, "../../..")

/** The table of CONTRIBUTING.md, from the top: folders of one line stand side by side. */
async function folderOrder(): Promise<readonly (readonly string[])[]> {
  const lines = (await Bun.file(join(root, "CONTRIBUTING.md")).text()).split("\n")
  const rows = lines.filter((line) => line.startsWith("| `src/"))
  return rows.map((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(src\/[^`]+)`/g)].map(([, folder]) => folder ?? ""),
  )
}

/** Each import of one file of ours by another. */
async function imports(): Promise<readonly (readonly [from: string, to: string])[]> {
  const found: (readonly [string, string])[] = []
  for (const file of new Glob("src/**/*.{ts,tsx}").scanSync(root)) {
    const source = await Bun.file(join(root, file)).text()
    for (const [, path] of source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g))
      found.push([file, join(dirname(file), path ?? "")])
  }
  return found
}

test("imports run only downwards, as CONTRIBUTING.md lists the folders", async () => {
  const order = await folderOrder()
  // A folder may lie within another: the innermost counts.
  const folders = order.flat().toSorted((a, b) => b.length - a.length)
  const folderOf = (file: string): string => folders.find((folder) => file.startsWith(folder)) ?? ""
  const levelOf = (file: string): number => order.findIndex((row) => row.includes(folderOf(file)))
  const all = await imports()
  expect(all.length).toBeGreaterThan(500)
  expect(all.flat().filter((file) => file.startsWith("src/") && folderOf(file) === "")).toEqual([])
  const wrong = all.filter(
    ([from, to]) => to.startsWith("src/") && folderOf(from) !== folderOf(to) && levelOf(from) >= levelOf(to),
  )
  expect(wrong.map(([from, to]) => `${from} imports ${to}`)).toEqual([])
})
