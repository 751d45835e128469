import { expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import packageJson from "../../../package.json"

const contributing = readFileSync(join(import.meta.dir, "../../../CONTRIBUTING.md"), "utf8")

test.each(Object.keys(packageJson.scripts))("CONTRIBUTING.md says what npm run %s is for", (name) => {
  expect(contributing).toContain(`\`${name}\``)
})

test("CONTRIBUTING.md names no script that is not there", () => {
  const named = [...contributing.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name)
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((name) => name === undefined || !(name in packageJson.scripts))).toEqual([])
})
