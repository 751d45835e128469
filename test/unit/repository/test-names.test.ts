import { Glob } from "bun"
import { expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"

const root = join(import.meta.dir, "../../..")

/** What several files do together, or one file in more ways than fit into one test of it. */
const ofSeveral: readonly string[] = [
  "core/classify/clauses",
  "core/classify/corpus",
  "core/classify/properties",
  "core/classify/words",
  "failover/walk",
  "opencode/v1/hostile-input",
  "opencode/v1/in-flight/any-turns",
  "opencode/v1/in-flight/in-flight-requests",
  "opencode/v1/reactive/any-turns",
  "opencode/v2/any-turns",
  "script/bench/bench-engines",
  "script/soak/plans",
  "simulator/faults",
  "simulator/reading",
  "simulator/wire",
  "transport/wire/provider-endings",
  "transport/wire/reader-steps",
]

function isMirror(path: string): boolean {
  const sources = [`src/${path}.ts`, `src/${path}.tsx`, `${path}.ts`, `${path}.mjs`, `test/${path}.ts`]
  return sources.some((source) => existsSync(join(root, source)))
}

test("a unit test stands where the file stands that it tests, and bears its name", () => {
  const paths = [...new Glob("**/*.test.ts").scanSync(join(root, "test/unit"))]
    .map((file) => file.slice(0, -".test.ts".length))
    .filter((path) => !path.startsWith("repository/"))
  expect(paths.length).toBeGreaterThan(100)
  expect(paths.filter((path) => !isMirror(path)).toSorted()).toEqual([...ofSeveral])
})
