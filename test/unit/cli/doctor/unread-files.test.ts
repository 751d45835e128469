import { afterAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findMissingConfig, findStrayFiles } from "../../../../src/cli/doctor/unread-files.ts"
import { placesIn } from "../../config/places-in.ts"

const folder = mkdtempSync(join(tmpdir(), "understudy-stray-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const expected = join(folder, ".opencode/understudy.jsonc")
const path = join(folder, "understudy.jsonc")

test("a project's settings beside its .opencode are found, unless the folder is the user's own", () => {
  expect(findStrayFiles({ ...placesIn([], []), projectFiles: [expected], userFiles: [] })).toEqual([])
  writeFileSync(path, "{}")
  expect(findStrayFiles({ ...placesIn([], []), projectFiles: [expected], userFiles: [] })).toEqual([
    { path, expected },
  ])
  expect(findStrayFiles({ ...placesIn([], []), projectFiles: [expected], userFiles: [path] })).toEqual([])
})

test("a file that OPENCODE_CONFIG names is missed where it is not there, and only then", () => {
  const missing = (OPENCODE_CONFIG?: string) =>
    findMissingConfig({ directory: folder, env: OPENCODE_CONFIG === undefined ? {} : { OPENCODE_CONFIG } })
  writeFileSync(join(folder, "there.json"), "{}")
  for (const typo of ["typo.json", "there.json/typo.json"]) expect(missing(typo)).toBe(join(folder, typo))
  for (const named of [undefined, "", "there.json", join(folder, "there.json"), folder])
    expect(missing(named)).toBeUndefined()
})
