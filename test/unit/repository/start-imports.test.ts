import { expect, test } from "bun:test"
import { dirname, join } from "node:path"

const source = join(import.meta.dir, "../../../src")
const transpiler = new Bun.Transpiler({ loader: "ts" })

/** Everything that is loaded with a file before anything is asked of it; types are gone by then. */
async function loadedWith(file: string, seen = new Set<string>()): Promise<ReadonlySet<string>> {
  if (seen.has(file)) return seen
  seen.add(file)
  if (!file.startsWith("/")) return seen
  for (const { path, kind } of transpiler.scanImports(await Bun.file(file).text()))
    if (kind === "import-statement")
      await loadedWith(path.startsWith(".") ? join(dirname(file), path) : path, seen)
  return seen
}

test("OpenCode's start waits for a handful of small files: neither for the schema nor for a library", async () => {
  const loaded = [...(await loadedWith(join(source, "index.ts")))]
  const files = loaded.filter((file) => file.startsWith("/"))
  expect(loaded.filter((file) => !files.includes(file) && !file.startsWith("node:"))).toEqual([])
  const sizes = files.map((file) => Bun.file(file).size)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100 * 1024)
})

test("the terminal waits for no more: the store, its settings and their schema are read for an open sidebar", async () => {
  const loaded = [...(await loadedWith(join(source, "tui/index.ts")))]
  const packages = loaded.filter((file) => !file.startsWith("/") && !file.startsWith("node:"))
  expect(packages.toSorted()).toEqual(["@opentui/solid", "solid-js"])
})
