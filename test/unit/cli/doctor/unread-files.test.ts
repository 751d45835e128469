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

test("a project's settings beside its .opencode are found, unless the folder is the user's own", async () => {
  expect(await findStrayFiles({ ...placesIn([], []), projectFiles: [expected], userFiles: [] })).toEqual([])
  writeFileSync(path, "{}")
  expect(await findStrayFiles({ ...placesIn([], []), projectFiles: [expected], userFiles: [] })).toEqual([
    { path, expected },
  ])
  expect(await findStrayFiles({ ...placesIn([], []), projectFiles: [expected], userFiles: [path] })).toEqual(
    [],
  )
})

test("a file that OPENCODE_CONFIG names is missed where it is not there, and only then", async () => {
  const missing = (OPENCODE_CONFIG?: string) =>
    findMissingConfig({ directory: folder, env: OPENCODE_CONFIG === undefined ? {} : { OPENCODE_CONFIG } })
  expect(await missing("typo.json")).toBe(join(folder, "typo.json"))
  writeFileSync(join(folder, "there.json"), "{}")
  for (const named of [undefined, "", "there.json", join(folder, "there.json"), folder])
    expect(await missing(named)).toBeUndefined()
})
