import type { ReadYaml } from "../../config/agent-files.ts"
import type { Catalog } from "../../core/catalog.ts"
import { isObject, type JsonObject, parseJsonText, text } from "../../core/json-object.ts"
import type { Result } from "../terminal/result.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { askLists } from "./ask-lists.ts"
import { readModelsOutput } from "./read-models-output.ts"
import { readYaml } from "./read-yaml.ts"
import { runProgram } from "./run-program.ts"

/**
 * A first start may install its plugins from npm (6 s measured), and waits a minute for the lock of an OpenCode that
 * went away meanwhile (1.18.33).
 */
const timeoutMs = 120_000
/** After this long a person wants to know what is being waited for. */
const silentMs = 1_000

/**
 * The merged configuration as it is before any plugin has changed it. OpenCode 2 does not merge it for others: its
 * files are to be read, with what reads the front matter of agents in Markdown.
 */
export type AskedConfig = Result<JsonObject> | { readonly ok: "in files"; readonly readYaml: ReadYaml }

export type OpenCodeAnswers = Awaited<ReturnType<typeof askVersion>> & {
  readonly config: AskedConfig
  readonly models: Result<Catalog>
  /** What OpenCode 2 says of its agents, as it came; version 1 says it in its configuration. */
  readonly agents?: readonly unknown[]
}

type Place = Pick<Terminal, "env" | "directory" | "isInteractive" | "note">

/**
 * Asks an OpenCode in short runs of its own; none of them talks to a model. The configuration is asked for
 * without plugins (`--pure`), because ours takes its keys out of it; the models are asked for with them,
 * because some providers are connected by a plugin.
 */
export function askOpenCode(openCode: string, place: Place): Promise<OpenCodeAnswers> {
  return announced(place, "Asking OpenCode for its settings and models …", async () => {
    // One after the other: two that start at once in a fresh home meet on OpenCode's database, and one of them fails.
    const version = await askVersion(openCode, place)
    if (version.isVersion2) {
      const lists = await askLists(openCode, place)
      const config = inFiles(openCode, place)
      if (!lists.ok) return { ...version, config, models: lists }
      const { models, agents } = lists.value
      return { ...version, config, models: { ok: true, value: models }, agents }
    }
    // The models first: this start waits for the packages that OpenCode installs into a fresh home. `--pure` leaves in
    // the middle of that, and its lock then costs the next start a minute (1.18.33).
    const listed = await ask(openCode, place, ["models", "--verbose"], (value) => ({ ok: true, value }))
    const config = await ask(openCode, place, ...configQuestion)
    const compaction = config.ok ? config.value["compaction"] : undefined
    return { ...version, models: listed.ok ? readModels(listed.value, compaction) : listed, config }
  })
}

/** The merged configuration alone. */
export function askConfig(openCode: string, place: Place): Promise<AskedConfig> {
  return announced(place, "Asking OpenCode for its settings …", async () => {
    const { isVersion2 } = await askVersion(openCode, place)
    return isVersion2 ? inFiles(openCode, place) : ask(openCode, place, ...configQuestion)
  })
}

function inFiles(openCode: string, place: Place): AskedConfig {
  return { ok: "in files", readYaml: (sources) => readYaml(openCode, sources, place) }
}

/** The names of all agents, those that plugins add included. */
export function askAgents(openCode: string, place: Place): Promise<Result<readonly string[]>> {
  return announced(place, "Asking OpenCode for its agents …", async () => {
    const { isVersion2 } = await askVersion(openCode, place)
    if (!isVersion2) return ask(openCode, place, ["agent", "list"], readAgents)
    const lists = await askLists(openCode, place)
    if (!lists.ok) return lists
    return { ok: true, value: lists.value.agents.flatMap((agent) => text(agent, "id") ?? []) }
  })
}

/** Of one that names no release (a build from a branch is 0.0.0-…) what it can do tells which of the two it is. */
async function askVersion(openCode: string, place: Place) {
  const version = await ask(openCode, place, ["--version"], (output): Result<string> => {
    const found = /\d+\.\d+\.\d+\S*/.exec(output)?.[0]
    return found === undefined ? { ok: false, why: "it names no version" } : { ok: true, value: found }
  })
  const major = version.ok ? Number.parseInt(version.value, 10) : 0
  if (major > 0) return { version, isVersion2: major >= 2 }
  const help = await runProgram(openCode, ["serve", "--help"], { ...place, timeoutMs })
  return { version, isVersion2: help.ok && help.output.includes("--stdio") }
}

async function ask<Value>(
  openCode: string,
  { directory, env }: Place,
  args: readonly string[],
  read: (output: string) => Result<Value>,
): Promise<Result<Value>> {
  const result = await runProgram(openCode, args, { directory, env, timeoutMs })
  return result.ok ? read(result.output) : result
}

function readConfig(output: string): Result<JsonObject> {
  const value = parseJsonText(output.slice(Math.max(0, output.indexOf("{"))))
  return isObject(value) ? { ok: true, value } : { ok: false, why: "its answer is no whole configuration" }
}

const configQuestion = [["--pure", "debug", "config"], readConfig] as const

function readModels(output: string, compaction: unknown): Result<Catalog> {
  const value = readModelsOutput(output, compaction)
  if (value === "cut") return { ok: false, why: "its list of models is cut" }
  return value.known ? { ok: true, value } : { ok: false, why: "it names no model" }
}

/** `build (primary)`, then the agent's permissions. */
function readAgents(output: string): Result<readonly string[]> {
  const names = [...output.matchAll(/^(\S.*?) \((?:primary|subagent|all)\)\r?$/gm)].flatMap(
    ([, name]) => name ?? [],
  )
  return names.length === 0 ? { ok: false, why: "it names no agent" } : { ok: true, value: names }
}

async function announced<Value>(
  { isInteractive, note }: Pick<Terminal, "isInteractive" | "note">,
  text: string,
  run: () => Promise<Value>,
): Promise<Value> {
  const timer = isInteractive ? setTimeout(() => note(text), silentMs) : undefined
  try {
    return await run()
  } finally {
    clearTimeout(timer)
  }
}
