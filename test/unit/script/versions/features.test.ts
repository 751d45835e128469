import { expect, test } from "bun:test"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { features } from "../../../../script/versions/features.ts"

const root = join(import.meta.dir, "../../../e2e")

// A run of the matrix leaves out what it does not find, and a feature of several files passes without one of them.
test.each(features.flatMap(({ name, v1, v2 }) => [...new Set([...v1, ...v2])].map((file) => [name, file])))(
  "%s: %s is a file of the end-to-end tests",
  (_, file) => {
    const isThere = [".test.ts", ".scenarios.ts"].some((ending) => existsSync(join(root, `${file}${ending}`)))
    expect(isThere).toBe(true)
  },
)
