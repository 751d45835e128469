import { afterAll, expect, test } from "bun:test"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { findStrayFiles } from "../../../../src/cli/doctor/unread-files.ts"
import { settingsPlaces } from "../../../../src/config/settings-places.ts"

const folder = mkdtempSync(join(tmpdir(), "understudy-stray-"))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const expected = join(folder, ".opencode/understudy.jsonc")
const path = join(folder, "understudy.jsonc")

test("a project's settings beside its .opencode are found, unless the folder is the user's own", async () => {
  expect(
    await findStrayFiles({ ...settingsPlaces([], []), projectFiles: [expected], userFiles: [] }),
  ).toEqual([])
  writeFileSync(path, "{}")
  expect(
    await findStrayFiles({ ...settingsPlaces([], []), projectFiles: [expected], userFiles: [] }),
  ).toEqual([{ path, expected }])
  expect(
    await findStrayFiles({ ...settingsPlaces([], []), projectFiles: [expected], userFiles: [path] }),
  ).toEqual([])
})
