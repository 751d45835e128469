import { dirname, join } from "node:path"

/** For each file the tests that load it, directly or through others. */
export async function testsOf(
  root: string,
  tests: readonly string[],
): Promise<(file: string) => readonly string[]> {
  const imports = new Map<string, readonly string[]>()
  const importsOf = async (file: string): Promise<readonly string[]> => {
    const known = imports.get(file)
    if (known) return known
    const source = await Bun.file(join(root, file)).text()
    const relative = [...source.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+\.ts)"/g)]
    const found = relative.map(([, path]) => join(dirname(file), path ?? ""))
    imports.set(file, found)
    return found
  }
  const loaded = new Map<string, ReadonlySet<string>>()
  for (const test of tests) {
    const seen = new Set([test])
    for (const file of seen) for (const next of await importsOf(file)) seen.add(next)
    loaded.set(test, seen)
  }
  return (file) => tests.filter((test) => loaded.get(test)?.has(file))
}
