import { basename } from "node:path"
import { withoutControls } from "./without-controls.ts"

/** Where a problem stands. Lines and columns count from 1. */
export type ProblemSource =
  | { readonly from: "file"; readonly file: string; readonly line: number; readonly column: number }
  | { readonly from: "plugin options" }
  | { readonly from: "agent"; readonly agent: string }
  | { readonly from: "opencode config" }
  | { readonly from: "settings" }

/** What kind of mistake it is; `doctor --json` gives it as the finding's code. */
export type ProblemCode =
  | "unreadable-file"
  | "key-does-nothing"
  | "invalid-setting"
  | "not-for-projects"
  | "more-mistakes"
  | "cycle"
  | "duplicate"
  | "doubtful-setting"

/** Something in the settings that was not used as it was written. The rest of the settings stays in force. */
export type SettingsProblem = {
  readonly code: ProblemCode
  readonly source: ProblemSource
  /** The key, such as `runtime_fallback.cooldown_seconds` or `fallback_models[1]`; empty for a whole file. */
  readonly path: string
  /** The value in short, without secrets. */
  readonly found: string
  /** In sentences of their own: `Allowed: …`, or `Did you mean …?`. */
  readonly allowed: string
  /** What is in force instead. */
  readonly effect: string
}

/** Keys and list positions, from the outside in. */
export type SettingsPath = readonly (string | number)[]

const plainKey = /^[A-Za-z_$][\w$-]{0,63}$/

/** `agents.build.fallback_models[1]`; keys with other characters are quoted, long ones cut. */
export function pathText(path: SettingsPath): string {
  let text = ""
  for (const step of path) {
    if (typeof step === "number") text += `[${step}]`
    else if (plainKey.test(step)) text += text === "" ? step : `.${step}`
    else text += `[${JSON.stringify(step.length > 64 ? `${step.slice(0, 63)}…` : step)}]`
  }
  return text
}

/** Characters of a line in the log: a circle of a thousand models is one as well. */
const lineLimit = 1_000
/** Characters of a toast: some five lines in a terminal of 80 columns. */
const toastLimit = 300

/** One paragraph for the log: where, what was found, what is allowed, what happens now. */
export function formatProblem(problem: SettingsProblem): string {
  const what = problem.path === "" ? "found" : `${problem.path}: found`
  const { source, found, allowed, effect } = problem
  return cut(withoutControls(`${sourceText(source)}: ${what} ${found}. ${allowed} ${effect}`), lineLimit)
}

/** For a toast: the first problem, and how many more the log holds. Empty when there is none. */
export function summarizeProblems(problems: readonly SettingsProblem[]): string {
  const [first, ...others] = problems
  if (first === undefined) return ""
  const { source } = first
  const short = source.from === "file" ? { ...source, file: basename(source.file) } : source
  const text = formatProblem({ ...first, source: short })
  const shown = cut(text, toastLimit)
  return others.length === 0 ? shown : `${shown} And ${others.length} more; see the log.`
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

/** A path as people write it: `~` stands for the home folder. */
export function withTilde(path: string, home: string): string {
  return path.startsWith(home) && /^[\\/]/.test(path.slice(home.length))
    ? `~${path.slice(home.length)}`
    : path
}

export function sourceText(source: ProblemSource): string {
  if (source.from === "file") return `${source.file}:${source.line}:${source.column}`
  if (source.from === "agent") return `Agent ${JSON.stringify(source.agent)} in OpenCode's configuration`
  return {
    "plugin options": "The plugin's options",
    "opencode config": "OpenCode's configuration",
    settings: "Settings",
  }[source.from]
}
