import { expect, test } from "bun:test"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { type Found, placed } from "../../../../src/cli/doctor/finding.ts"
import { writtenModels } from "../../../../src/cli/doctor/findings/models.ts"
import { findPlainKeys } from "../../../../src/cli/doctor/plain-keys.ts"
import { agentsOf } from "../../../../src/cli/installation/agent-chains.ts"
import { loadOwnSettings, silenceOf } from "../../../../src/cli/installation/load-own-settings.ts"
import { pathText, type ProblemSource, type SettingsPath } from "../../../../src/config/settings-problem.ts"
import { catalogOf } from "../../catalog-of.ts"
import { scratch } from "../scratch-terminal.ts"

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
  const [written] = writtenModels(own.settings)
  expect(written?.text).toBe("beta/two")
  expect(await own.origins([written?.path ?? []])).toEqual([
    { from: "file", file, line: lineOf('"beta/two"'), column: 5 },
  ])
})

test("what OpenCode 1 loads is listed, also where a project's empty list stands above it", async () => {
  await using home = await scratch({})
  const spec = ["opencode-understudy@0.2.0", { fallback_models: ["a/b"] }]
  const value = { plugin: [], plugin_origins: [{ spec, source: "/c/opencode.json", scope: "global" }] }
  const own = await loadOwnSettings(home.terminal, { ok: true, value })
  expect(own.plugins.map((entry) => entry.spec)).toEqual(["opencode-understudy@0.2.0"])
  expect(own.settings.fallback_models.map(({ model }) => model)).toEqual(["a/b"])
})

test("what an OpenCode says is connected counts only if it has read every file of its user's", () => {
  const catalog = catalogOf({ "alpha/one": {} })
  const answers = { models: { ok: true, value: catalog } } as const
  const broken = [{ where: "/c/opencode.json:1:9", why: "found the end of the file" }]
  expect(silenceOf("/bin/opencode", answers, { broken: [] })).toBeUndefined()
  expect(silenceOf("/bin/opencode", answers, { broken })).toBe("OpenCode cannot read /c/opencode.json:1:9")
})

test("findings name file, line and column, also of what OpenCode hands over without a place", async () => {
  await using home = await scratch({
    "opencode.json": `{
  "model": "alpha/one",
  "agent": { "build": { "model": "alpha/two", "fallback_models": ["alpha/three"] } }
}`,
    "agent/deep.md": "---\nmodel: alpha/four\n---\n",
    "understudy.jsonc": `{
  "agents": { "biuld": {} },
  "providers": { "bta": { "keys": ["{env:NOT_THERE}"] } }
}`,
  })
  const own = await loadOwnSettings(home.terminal)
  const at = (path: SettingsPath, by?: ProblemSource): Found => ({
    severity: "error",
    code: "c",
    where: pathText(path),
    what: "",
    advice: "",
    at: { path, ...(by && { by }) },
  })
  const findings = await placed(
    [
      at(["model"], { from: "opencode config" }),
      at(["small_model"], { from: "opencode config" }),
      at(["agents", "build", "model"], { from: "agent", agent: "build" }),
      at(["agents", "deep", "model"], { from: "agent", agent: "deep" }),
      at(["agents", "build", "fallback_models"]),
      at(["agents", "biuld"]),
      at(["providers", "bta", "keys", 0]),
      at(["runtime_fallback", "store"]),
    ],
    own,
  )
  const [openCode, ours] = [home.path("opencode.json"), home.path("understudy.jsonc")]
  expect(findings.map(({ where }) => where)).toEqual([
    `${openCode}:2:12, model`,
    "opencode config, small_model",
    `${openCode}:3:34, agents.build.model`,
    `${home.path("agent/deep.md")}:2:1, agents.deep.model`,
    `${openCode}:3:66, agents.build.fallback_models`,
    `${ours}:2:24, agents.biuld`,
    `${ours}:3:36, providers.bta.keys[0]`,
    "runtime_fallback.store",
  ])
  expect(findings.some((finding) => "at" in finding)).toBe(false)
})

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

test("for OpenCode 2 the variable says the last word on an agent's model and list, and then its Markdown", async () => {
  const agents = (one: string, two: string, three: string) => ({
    one: { model: one, fallback_models: [one] },
    two: { model: two, fallback_models: [two] },
    three: { model: three, fallback_models: [three] },
  })
  const inMarkdown = (model: string) => `---\nmodel: ${model}\nfallback_models: [${model}]\n---\n`
  // Whichever word stands for agents.
  const { one, three } = agents("content/1", "", "content/3")
  const content = JSON.stringify({ agents: { one }, agent: { three } })
  await using home = await scratch(
    {
      "opencode.json": JSON.stringify({ agents: agents("file/1", "file/2", "file/3") }),
      "agent/one.md": inMarkdown("markdown/1"),
      "agent/two.md": inMarkdown("markdown/2"),
      "agent/three.md": inMarkdown("markdown/3"),
    },
    { env: { OPENCODE_CONFIG_CONTENT: content } },
  )
  const readYaml = async (texts: readonly string[]) => texts.map((text) => Bun.YAML.parse(text))
  const own = await loadOwnSettings(home.terminal, { ok: "in files", readYaml })
  const { settings, config } = own
  const names = ["one", "two", "three"]
  const winners = ["content/1", "markdown/2", "content/3"] as const
  const lists = names.map((name) => settings.agents[name]?.fallback_models?.map(({ model }) => model))
  expect(lists).toEqual(winners.map((model) => [model]))
  expect(names.map((name) => agentsOf(config)[name]?.["model"])).toEqual([...winners])
  const places = await own.origins(names.map((name) => ["agents", name, "fallback_models"]))
  expect(places.map((place) => (place?.from === "file" ? place.file : undefined))).toEqual([
    "OPENCODE_CONFIG_CONTENT",
    home.path("agent/two.md"),
    "OPENCODE_CONFIG_CONTENT",
  ])
})
