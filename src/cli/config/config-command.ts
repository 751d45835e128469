import { agentFiles } from "../../config/agent-files.ts"
import type { Settings } from "../../config/schema.ts"
import {
  pathText,
  type ProblemSource,
  type SettingsPath,
  sourceText,
  withTilde,
} from "../../config/settings-problem.ts"
import { shortValue, withoutSecrets } from "../../config/short-value.ts"
import { isObject, type JsonObject } from "../../core/json-object.ts"
import { type AskOptions, loadOwnSettings, noteProblems } from "../installation/load-own-settings.ts"
import { askConfig } from "../opencode/ask-opencode.ts"
import { findOpenCode } from "../opencode/find-opencode.ts"
import { type ExitCode, exitCodes } from "../terminal/command-error.ts"
import { table } from "../terminal/table.ts"
import { type Terminal, writeJson } from "../terminal/terminal.ts"

type ConfigOptions = AskOptions & { readonly set?: boolean; readonly json?: boolean }

export async function configCommand(terminal: Terminal, options: ConfigOptions): Promise<ExitCode> {
  const openCode = options.offline ? undefined : await findOpenCode(terminal, options.opencode)
  const asked = openCode === undefined ? undefined : await askConfig(openCode, terminal)
  const own = await loadOwnSettings(terminal, asked)
  noteProblems(terminal, own)
  const why = openCode === undefined ? "not found" : asked?.ok === false && `not asked (${asked.why})`
  const advice = openCode === undefined ? " Name it with --opencode PATH." : ""
  if (why && !options.offline && (await agentFiles(own.places)).length > 0)
    terminal.note(`OpenCode was ${why}: what agents in Markdown files set is not known.${advice}`)
  const settings = settingsRows(own.settings)
  const origins = await own.origins(settings.map(({ path }) => path))
  const rows = settings.map((row, index) => ({ row, from: origins[index] }))
  const shown = options.set ? rows.filter(({ from }) => from !== undefined) : rows
  const drawn = shown
    .filter(({ row, from }) => from !== undefined || !isPlainZero(row))
    .map(({ row, from }) => drawnRow(row, from, terminal))
  if (shown.length === 0) terminal.note("Nothing is set: the defaults are in force.")
  if (options.json) writeJson(terminal, { settings: shown.map(({ row, from }) => rowJson(row, from)) })
  else terminal.write(table(drawn, terminal.columns))
  return exitCodes.fine
}

/** One line for each kind of failure would bury the rest; by default most are never asked again. */
function isPlainZero({ path, value }: SettingsRow): boolean {
  return path.includes("same_model_retries") && value === 0
}

function drawnRow(
  row: SettingsRow,
  from: ProblemSource | undefined,
  { colors, home }: Terminal,
): readonly string[] {
  const key = pathText(row.path)
  if (from === undefined) return [key, "default", valueText(row)].map(colors.dim)
  return [key, withTilde(sourceText(from), home), colors.bold(valueText(row))]
}

function rowJson(row: SettingsRow, from: ProblemSource | undefined): JsonObject {
  return { key: pathText(row.path), value: row.value, from: from ?? { from: "default" } }
}

type SettingsRow = {
  readonly path: SettingsPath
  /** As it stands in the settings, without secrets. */
  readonly value: unknown
}

/** Every single value of the settings, in the order of the schema. The schema's address is for the editor alone. */
export function settingsRows(settings: Settings): readonly SettingsRow[] {
  const { $schema: _, ...set } = settings
  return rowsOf(set, [])
}

function rowsOf(value: unknown, path: SettingsPath): readonly SettingsRow[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path, value: shown(value, path) }]
  return Object.entries(value).flatMap(([key, below]) => rowsOf(below, [...path, key]))
}

function shown(value: unknown, path: SettingsPath): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => shown(item, path))
  if (typeof value !== "string") return value
  return path.at(-1) === "keys" ? "***" : withoutSecrets(value)
}

/** The value for people: models by their keys, one after the other. */
export function valueText({ value, path }: SettingsRow): string {
  if (!Array.isArray(value)) return shortValue(value, path)
  return value.length === 0 ? "none" : value.map(itemText).join(", ")
}

function itemText(item: unknown): string {
  if (!isObject(item)) return String(item)
  const { model, variant } = item
  return typeof variant === "string" ? `${String(model)} (${variant})` : String(model)
}
