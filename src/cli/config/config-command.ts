import { formatProblem, sourceText, withTilde } from "../../config/format-problem.ts"
import { pathText, type ProblemSource } from "../../config/settings-problem.ts"
import { type ExitCode, exitCodes } from "../exit-code.ts"
import { loadOwnSettings, noteBrokenFiles } from "../load-own-settings.ts"
import { askConfig } from "../opencode/ask-opencode.ts"
import { findOpenCode } from "../opencode/find-opencode.ts"
import { writeJson } from "../terminal/json.ts"
import { table } from "../terminal/table.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type SettingsRow, settingsRows, valueText } from "./settings-rows.ts"
import type { JsonObject } from "../../core/json-object.ts"

type ConfigOptions = {
  readonly set?: boolean
  readonly json?: boolean
  readonly offline?: boolean
  readonly opencode?: string
}

export async function configCommand(terminal: Terminal, options: ConfigOptions): Promise<ExitCode> {
  const openCode = options.offline ? undefined : await findOpenCode(terminal, options.opencode)
  const asked = openCode === undefined ? undefined : await askConfig(openCode, terminal)
  const own = await loadOwnSettings(terminal, asked)
  noteBrokenFiles(terminal, own)
  for (const problem of own.problems) terminal.note(formatProblem(problem))
  const settings = settingsRows(own.settings)
  const origins = await own.origins(settings.map(({ path }) => path))
  const rows = settings.map((row, index) => ({ row, from: origins[index] }))
  const shown = options.set ? rows.filter(({ from }) => from !== undefined) : rows
  const drawn = shown.filter(({ row, from }) => from !== undefined || !isPlainZero(row))
  if (options.json) writeJson(terminal, { settings: shown.map(({ row, from }) => rowJson(row, from)) })
  else
    terminal.write(
      table(
        drawn.map(({ row, from }) => drawnRow(row, from, terminal)),
        terminal.columns,
      ),
    )
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
