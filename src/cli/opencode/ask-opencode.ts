import { isObject, type JsonObject } from "../../config/prune-invalid.ts"
import type { Terminal } from "../terminal/terminal.ts"
import type { FoundOpenCode } from "./find-opencode.ts"
import { type ListedModels, readModelsOutput } from "./read-models-output.ts"
import { runProgram } from "./run-program.ts"

/** A first start may install its plugins from npm (6 s measured), and machines are slower than ours. */
const timeoutMs = 60_000

/** An answer of OpenCode, or why there is none. */
export type Asked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly why: string }

export type OpenCodeAnswers = {
  readonly version: Asked<string>
  /** The merged configuration as it is before any plugin has changed it. */
  readonly config: Asked<JsonObject>
  readonly models: Asked<ListedModels>
}

/**
 * Asks an OpenCode in short runs of its own; none of them talks to a model. The configuration is asked for
 * without plugins (`--pure`), because ours takes its keys out of it; the models are asked for with them,
 * because some providers are connected by a plugin.
 */
export async function askOpenCode(
  { path }: FoundOpenCode,
  terminal: Pick<Terminal, "env" | "directory">,
): Promise<OpenCodeAnswers> {
  const options = { directory: terminal.directory, env: terminal.env, timeoutMs }
  // One after the other: two that start at once in a fresh home meet on OpenCode's database, and one of them fails.
  const version = await runProgram(path, ["--version"], options)
  const config = await runProgram(path, ["--pure", "debug", "config"], options)
  const models = await runProgram(path, ["models", "--verbose"], options)
  return {
    version: version.ok ? readVersion(version.output) : version,
    config: config.ok ? readConfig(config.output) : config,
    models: models.ok ? readModels(models.output) : models,
  }
}

function readVersion(output: string): Asked<string> {
  const version = /\d+\.\d+\.\d+\S*/.exec(output)?.[0]
  return version === undefined ? { ok: false, why: "it names no version" } : { ok: true, value: version }
}

function readConfig(output: string): Asked<JsonObject> {
  try {
    const value: unknown = JSON.parse(output.slice(Math.max(0, output.indexOf("{"))))
    return isObject(value) ? { ok: true, value } : { ok: false, why: "its configuration is no object" }
  } catch (error) {
    return { ok: false, why: `its configuration cannot be read: ${String(error)}` }
  }
}

function readModels(output: string): Asked<ListedModels> {
  const value = readModelsOutput(output)
  return value.catalog.known ? { ok: true, value } : { ok: false, why: "it names no model" }
}
