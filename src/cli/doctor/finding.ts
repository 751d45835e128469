import { type ProblemSource, sourceText } from "../../config/settings-problem.ts"

export type Finding = {
  /** `error`: fallback does not work as written. `warning`: probably not meant. `info`: good to know. */
  readonly severity: "error" | "warning" | "info"
  /** Stable, for programs and for the documentation: `unknown-model`, `other-plugin`. */
  readonly code: string
  /** A file with line and column, a setting, or an agent. */
  readonly where: string
  readonly what: string
  /** What the person does about it. */
  readonly advice: string
}

/** Where something was written: file and line, or who says it. */
export function placeOf(source: ProblemSource): string {
  if (source.from === "file") return sourceText(source)
  return source.from === "agent" ? `agent ${source.agent}` : source.from
}

/** Of findings that come one by one, several together or not at all, those that there are. */
export function all(...found: readonly (Finding | undefined | readonly Finding[])[]): readonly Finding[] {
  return found.flat().filter((finding) => finding !== undefined)
}

const ranks = { error: 0, warning: 1, info: 2 } as const

/** Errors first; otherwise in the order in which they were found. Each only once. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  const unique = findings.filter(
    (finding, index) =>
      findings.findIndex(
        (other) =>
          other.code === finding.code && other.where === finding.where && other.what === finding.what,
      ) === index,
  )
  return unique.toSorted((a, b) => ranks[a.severity] - ranks[b.severity])
}
