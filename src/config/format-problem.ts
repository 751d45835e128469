import { basename } from "node:path"
import type { ProblemSource, SettingsProblem } from "./settings-problem.ts"

/** One paragraph for the log: where, what was found, what is allowed, what happens now. */
export function formatProblem(problem: SettingsProblem): string {
  const what = problem.path === "" ? "found" : `${problem.path}: found`
  return `${sourceText(problem.source)}: ${what} ${problem.found}. ${problem.allowed} ${problem.effect}`
}

/** Characters of a toast: some five lines in a terminal of 80 columns. */
const toastLimit = 300

/** For a toast: the first problem, and how many more the log holds. Empty when there is none. */
export function summarizeProblems(problems: readonly SettingsProblem[]): string {
  const [first, ...others] = problems
  if (first === undefined) return ""
  const { source } = first
  const short = source.from === "file" ? { ...source, file: basename(source.file) } : source
  const text = formatProblem({ ...first, source: short })
  const cut = text.length > toastLimit ? `${text.slice(0, toastLimit - 1)}…` : text
  return others.length === 0 ? cut : `${cut} And ${others.length} more; see the log.`
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
