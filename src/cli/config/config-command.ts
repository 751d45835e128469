import { parseJsonDocument } from "../../config/json-document.ts"
import { formatProblem, sourceText } from "../../config/format-problem.ts"
import { pathText, type ProblemSource, type SettingsPath } from "../../config/settings-problem.ts"
import { type ExitCode, exitCodes } from "../exit-code.ts"
import { loadOwnSettings, noteBrokenFiles, type OwnSettings } from "../load-own-settings.ts"
import { askConfig } from "../opencode/ask-opencode.ts"
import { findOpenCode } from "../opencode/find-opencode.ts"
import { type PluginListFile, pluginListFiles } from "../opencode/plugin-lists.ts"
import { writeJson } from "../terminal/json.ts"
import { table } from "../terminal/table.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type SettingsRow, settingsRows, valueText } from "./settings-rows.ts"

export type ConfigOptions = {
  readonly set: boolean
  readonly json: boolean
  readonly offline: boolean
  readonly opencode?: string
}

/** `understudy config`: every value that is in force, and where it was written. */
export async function configCommand(terminal: Terminal, options: ConfigOptions): Promise<ExitCode> {
  const openCode = options.offline ? undefined : await findOpenCode(terminal, options.opencode)
  const asked = openCode && (await askConfig(openCode, terminal))
  const own = await loadOwnSettings(terminal, asked?.ok ? asked.value : undefined)
  noteBrokenFiles(terminal, own)
  for (const problem of own.problems) terminal.note(formatProblem(problem))
  const lists = await pluginListFiles(own.places, terminal.directory)
  const rows = await Promise.all(
    settingsRows(own.settings).map(async (row) => ({ row, from: await placeOf(row, own, lists) })),
  )
  const shown = options.set ? rows.filter(({ from }) => from !== undefined) : rows
  const drawn = shown.filter(({ row, from }) => from !== undefined || !isPlainZero(row))
  if (options.json) writeJson(terminal, { settings: shown.map(({ row, from }) => rowJson(row, from)) })
  else terminal.write(table(drawn.map(({ row, from }) => drawnRow(row, from, terminal))))
  return exitCodes.fine
}

async function placeOf(
  { path }: SettingsRow,
  own: OwnSettings,
  lists: readonly PluginListFile[],
): Promise<ProblemSource | undefined> {
  const origin = await own.origin(path)
  return origin?.from === "plugin options" ? (optionPosition(path, lists) ?? origin) : origin
}

/** The plugin's options stand behind its name in OpenCode's list of plugins. */
function optionPosition(path: SettingsPath, lists: readonly PluginListFile[]): ProblemSource | undefined {
  for (const { path: file, text, ours } of lists) {
    const document = parseJsonDocument(text)
    if (!document.ok) continue
    for (const { optionsPath } of ours) {
      const at = document.locate([...optionsPath, ...path], "value")
      if (at !== undefined) return { from: "file", file, ...at }
    }
  }
  return undefined
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
  return [key, sourceText(from).replace(home, "~"), colors.bold(valueText(row))]
}

function rowJson(row: SettingsRow, from: ProblemSource | undefined): Readonly<Record<string, unknown>> {
  return { key: pathText(row.path), value: row.value, from: from ?? { from: "default" } }
}
