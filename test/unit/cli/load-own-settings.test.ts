import { expect, test } from "bun:test"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { writtenModels } from "../../../src/cli/doctor/written-models.ts"
import { catalogOf } from "../catalog-of.ts"
import { knownCatalog, loadOwnSettings } from "../../../src/cli/load-own-settings.ts"

test("an opencode.json of 600 KB is read whole: nothing is called broken, and agents' keys have their lines", async () => {
  const home = await mkdtemp(join(tmpdir(), "understudy-own-"))
  await using _ = { [Symbol.asyncDispose]: () => rm(home, { recursive: true }) }
  const file = join(home, ".config/opencode/opencode.json")
  const models = Object.fromEntries(
    Array.from({ length: 6_000 }, (_, index) => [`model-${index}`, { name: "x".repeat(70) }]),
  )
  const config = {
    provider: { alpha: { models } },
    agent: { build: { fallback_models: ["beta/two", 7] } },
  }
  const text = JSON.stringify(config, null, 1)
  expect(text.length).toBeGreaterThan(600_000)
  await mkdir(join(home, ".config/opencode"), { recursive: true })
  await writeFile(file, text)
  const lineOf = (part: string): number => text.slice(0, text.lastIndexOf(part)).split("\n").length

  const own = await loadOwnSettings({ env: {}, home, directory: home })

  expect(own.broken).toEqual([])
  expect(own.problems.map(({ source }) => source)).toEqual([
    { from: "file", file, line: lineOf("7\n"), column: 5 },
  ])
  expect(await writtenModels(own)).toEqual([{ text: "beta/two", where: `${file}:${lineOf('"beta/two"')}:5` }])
})

test("what an OpenCode says is connected counts only if it has read every file of its user's", () => {
  const catalog = catalogOf({ "alpha/one": {} })
  const answers = { models: { ok: true, value: { catalog, models: [] } } } as const
  const broken = [{ where: "/c/opencode.json:1:9", why: "found the end of the file" }]
  expect(knownCatalog(answers, { broken: [] })).toEqual(catalog)
  expect(knownCatalog(answers, { broken })).toEqual({ known: false })
  expect(knownCatalog(undefined, { broken: [] })).toEqual({ known: false })
})
