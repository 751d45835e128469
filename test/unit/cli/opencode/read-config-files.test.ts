import { expect, test } from "bun:test"
import { findPlainKeys } from "../../../../src/cli/doctor/plain-keys.ts"
import { loadOwnSettings } from "../../../../src/cli/installation/load-own-settings.ts"
import { scratch } from "../scratch-terminal.ts"

test("a store and keys that OpenCode fills in are the settings', and no key is said to stand in a file", async () => {
  const options = {
    runtime_fallback: { store: "{env:STORE}" },
    providers: { alpha: { keys: ["{env:KEY}", "written-out", ""] } },
  }
  await using home = await scratch(
    { "opencode.json": JSON.stringify({ plugin: [["opencode-understudy", options]] }) },
    { env: { STORE: "redis://me:hunter2@127.0.0.1:1/0", KEY: "filled-in" } },
  )
  const own = await loadOwnSettings(home.terminal)
  expect(own.problems.map(({ path }) => path)).toEqual(["providers.alpha.keys[2]"])
  expect(own.settings.runtime_fallback.store).toBe("redis://me:hunter2@127.0.0.1:1/0")
  expect(own.settings.providers["alpha"]?.keys).toEqual(["filled-in", "written-out", ""])
  expect(await findPlainKeys(own)).toEqual([["providers", "alpha", "keys", 1]])
})

test.each([
  [
    '{\n  "model": "a/b",\n  "plugin": ["{file:nowhere.txt}"]\n}',
    "opencode.json",
    "{file:nowhere.txt} is not there",
  ],
  ['{\n  "a": "{env:SECRET}"\n}', "opencode.json:2:13", "found what {env:…} or {file:…} gives there"],
  ['{\n  "a": "{env:SECRET}"\n  "b": 1\n}', "opencode.json:3:3", 'found "b" (a comma is missing)'],
])("what cannot be read after that is named, without what was filled in: %j", async (text, place, why) => {
  await using home = await scratch({ "opencode.json": text }, { env: { SECRET: 'hun"ter2' } })
  const { broken } = await loadOwnSettings(home.terminal)
  expect(broken).toEqual([{ where: home.path(place), why }])
})
