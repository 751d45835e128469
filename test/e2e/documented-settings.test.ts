/** The settings that the documents print, word for word, on a real OpenCode of each version. */
import { describe, expect, test } from "bun:test"
import { parse } from "jsonc-parser"
import { status, text } from "../simulator/index.ts"
import { record } from "../simulator/protocol/json.ts"
import { snippetsOf, type Snippet } from "../unit/repository/marked-snippets.ts"
import { type AnyHost, type HostOptions, startHost } from "./harness/index.ts"
import { hasOpenCode2, startHost2 } from "./harness/opencode2/index.ts"

type Json = Readonly<Record<string, unknown>>

const own = "anthropic/claude-opus-4-5"

const providers: NonNullable<HostOptions["providers"]> = {
  anthropic: ["anthropic", "claude-opus-4-5"],
  openai: ["responses", "gpt-5.2", "gpt-5-mini"],
  google: ["gemini", "gemini-3.1-pro-preview", "gemini-3-flash-preview"],
  "github-copilot": ["chat", "claude-sonnet-4.6", "claude-opus-4.5"],
  openrouter: ["chat", "anthropic/claude-opus-4.5"],
}

/** What an entry of a list stands for, where it is no model's name. */
const standsFor: Readonly<Record<string, string>> = {
  "github-copilot/*": "github-copilot/claude-opus-4.5",
  "openrouter/*": "openrouter/anthropic/claude-opus-4.5",
}

const environment = { ANTHROPIC_KEY_WORK: "the-second-key" }

const snippets = ["README.md", "docs/recipes.md", "docs/keys.md"]
  .flatMap(snippetsOf)
  .filter(({ file }) => file === "opencode.json" || file === "understudy.jsonc")
  // What has no list and no keys promises nothing that a turn could show; a unit test reads every block.
  .filter(({ text: block }) => /"(?:fallback_models|keys)"/.test(block))

/** What is ours in a block of OpenCode's file, and the rest of it. */
function partsOf({ file, text }: Snippet): HostOptions {
  if (file === "understudy.jsonc") return { understudy: text }
  const { plugin, ...opencode } = record(parse(text, [], { allowTrailingComma: true }))
  const entry: unknown = Array.isArray(plugin) ? plugin[0] : undefined
  return {
    understudy: "{}",
    opencode,
    ...(Array.isArray(entry) && { pluginOptions: record(entry[1]) }),
  }
}

/** An agent of the block with a list, and the first model of that list. */
function promiseOf(parts: HostOptions): readonly [agent: string, fallback: string] | undefined {
  const written = typeof parts.understudy === "string" ? parse(parts.understudy) : undefined
  const settings: Json = { ...record(written), ...parts.pluginOptions }
  const agents = { ...record(settings["agents"]), ...record(parts.opencode?.["agent"]) }
  for (const [agent, given] of Object.entries(agents)) {
    const { fallback_models } = record(given)
    if (Array.isArray(fallback_models)) return [agent, nameOf(fallback_models[0])]
  }
  const list = record(record(settings["models"])[own])["fallback_models"] ?? settings["fallback_models"]
  return Array.isArray(list) ? ["build", nameOf(list[0])] : undefined
}

function nameOf(entry: unknown): string {
  const name = typeof entry === "string" ? entry : String(record(entry)["model"])
  return standsFor[name] ?? name
}

async function keepsItsPromise(
  start: (options: HostOptions) => Promise<AnyHost>,
  snippet: Snippet,
): Promise<void> {
  const parts = partsOf(snippet)
  await using host = await start({
    ...parts,
    providers,
    environment,
    // `~/.secrets/anthropic-2`, seen from the config folder.
    configFiles: { "../../.secrets/anthropic-2": "the-third-key\n" },
    agentMode: "all",
    opencode: { model: own, ...parts.opencode },
  })
  const [agent = "build", fallback = own] = promiseOf(parts) ?? []
  const hasKeys = snippet.document === "docs/keys.md"
  if (fallback !== own || hasKeys)
    host.simulator.always(own, (request) =>
      hasKeys && request.headers["x-api-key"] === environment.ANTHROPIC_KEY_WORK
        ? text(`${own} says hello`)
        : status(429, { headers: { "retry-after": "3600" } }),
    )
  const session = await host.session()
  const reply = await session.prompt("hello", { agent })
  expect(reply).toMatchObject({ model: fallback, text: `${fallback} says hello` })
  expect(host.toasts("settings")).toEqual([])
}

const opencode1 = ["OpenCode 1", startHost] as const
const opencode2 = ["OpenCode 2", startHost2] as const
type Host = typeof opencode1 | typeof opencode2

/**
 * A start costs much, and that of version 2 less: README's block is tried on both, then one with keys and one whose entries
 * stand for other models. A unit test reads every block.
 */
function hostsFor({ document, text: block }: Snippet, index: number): readonly Host[] {
  if (index === 0) return hasOpenCode2 ? [opencode1, opencode2] : [opencode1]
  const isFirst = snippets.findIndex((other) => other.document === document) === index
  if (!(isFirst && document === "docs/keys.md") && !block.includes("/*")) return []
  return [hasOpenCode2 ? opencode2 : opencode1]
}

const rows = snippets.flatMap((snippet, index) =>
  hostsFor(snippet, index).map(
    ([version, start]) => [`${snippet.document}:${snippet.line}, ${version}`, start, snippet] as const,
  ),
)

describe("OpenCode does what the documents' settings promise", () => {
  test.each(rows)("%s", (_title, start, snippet) => keepsItsPromise(start, snippet))
})
