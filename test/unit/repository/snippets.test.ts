import { describe, expect, test } from "bun:test"
import { parse, type ParseError } from "jsonc-parser"
import { loadSettings } from "../../../src/config/load-settings.ts"
import { formatProblem } from "../../../src/config/settings-problem.ts"
import { takeAgentSettings } from "../../../src/config/take-agent-settings.ts"
import { isRecord } from "../../simulator/protocol/json.ts"
import { placesIn } from "../config/places-in.ts"
import { documents, type Snippet, snippetsOf } from "./marked-snippets.ts"

const snippets = documents().flatMap(snippetsOf)
const named = (...files: readonly string[]) =>
  snippets
    .filter(({ file }) => file !== undefined && files.includes(file))
    .map((snippet) => ({ title: `${snippet.document}:${snippet.line}`, snippet }))

test("every jsonc block of the documents says in its first line which file it is", () => {
  expect(
    snippets.filter(({ file }) => file === undefined).map(({ document, line }) => `${document}:${line}`),
  ).toEqual([])
})

describe("a block of understudy.jsonc has nothing to find fault with", () => {
  test.each(named("understudy.jsonc", "understudy.json"))("$title", async ({ snippet }) => {
    expect(await problems({ file: snippet.text })).toEqual([])
  })
})

describe("a block of opencode.json has nothing to find fault with", () => {
  test.each(named("opencode.json", "opencode.jsonc"))("$title", async ({ snippet }) => {
    expect(await problems(openCodeParts(snippet))).toEqual([])
  })
})

test("a wrong key, value or agent setting would be found", async () => {
  const block = (text: string): Snippet => ({ document: "", line: 0, file: "opencode.json", text })
  const wrongAgent = block('{ "agent": { "build": { "fallback_models": ["gpt-5.2"] } } }')
  const wrongOption = block('{ "plugin": [["opencode-understudy", { "fallback_model": [] }]] }')
  expect(await problems({ file: '{ "runtime_fallback": { "store": "postgres" } }' })).toHaveLength(1)
  expect(await problems(openCodeParts(wrongAgent))).toHaveLength(1)
  expect(await problems(openCodeParts(wrongOption))).toHaveLength(1)
})

test("a list of kinds that adds to the default one leaves none of it out", async () => {
  const lists = named("understudy.jsonc").flatMap(({ snippet }) => {
    const settings: unknown = parse(snippet.text)
    const runtime = isRecord(settings) ? settings["runtime_fallback"] : undefined
    const kinds: unknown = isRecord(runtime) ? runtime["fallback_on"] : undefined
    return Array.isArray(kinds) ? [kinds as readonly unknown[]] : []
  })
  const { settings } = await loadSettings({
    places: placesIn([], []),
    readFile: () => Promise.resolve(undefined),
  })
  expect(lists).not.toEqual([])
  for (const kinds of lists)
    expect(kinds).toEqual(expect.arrayContaining([...settings.runtime_fallback.fallback_on]))
})

type Parts = {
  readonly file?: string
  readonly agentSettings?: ReturnType<typeof takeAgentSettings>
  readonly pluginOptions?: unknown
}

/** What of an opencode.json is ours; OpenCode itself fills in `{env:NAME}` before we see it. */
function openCodeParts({ text }: Snippet): Parts {
  const errors: ParseError[] = []
  const filled = text.replaceAll(/\{env:\w*REDIS\w*\}/g, "rediss://localhost:6379")
  const config: unknown = parse(filled, errors, { allowTrailingComma: true })
  expect(errors).toEqual([])
  const plugins = isRecord(config) && Array.isArray(config["plugin"]) ? (config["plugin"] as unknown[]) : []
  const entry = plugins.find((plugin) => Array.isArray(plugin) && plugin[0] === "opencode-understudy")
  return {
    agentSettings: takeAgentSettings(config),
    ...(Array.isArray(entry) && { pluginOptions: entry[1] as unknown }),
  }
}

async function problems({ file, ...parts }: Parts): Promise<readonly string[]> {
  const loaded = await loadSettings({
    ...parts,
    places: placesIn(["/config"], []),
    readFile: (path) => Promise.resolve(path === "/config/understudy.jsonc" ? file : undefined),
  })
  return loaded.problems.map(formatProblem)
}
