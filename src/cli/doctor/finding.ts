import type { LoadedSettings } from "../../config/load-settings.ts"
import { pathText, type ProblemSource, type SettingsPath, sourceText } from "../../config/settings-problem.ts"
import { withoutControls } from "../../config/without-controls.ts"

export type Finding = {
  /** `error`: fallback does not work as written. `warning`: probably not meant. `info`: good to know. */
  readonly severity: "error" | "warning" | "info"
  /** Stable, for programs and for the documentation: `unknown-model`, `other-plugin`. */
  readonly code: string
  /** A file with line and column, as far as there is one; a setting, or an agent. */
  readonly where: string
  readonly what: string
  /** What the person does about it. */
  readonly advice: string
}

/** What it is about, whose place in the files is still to be looked up: a setting, or with `by` a key of OpenCode's. */
type Written = { readonly path: SettingsPath; readonly by?: ProblemSource }

export type Found = Finding & { readonly at?: Written | undefined }

/** The place of a setting, or with `by` of what this source has written under that name. */
export function placeOfSetting(path: SettingsPath, by?: ProblemSource): Pick<Found, "where" | "at"> {
  return { where: pathText(path), at: { path, ...(by && { by }) } }
}

/** Puts the file, line and column in front of where each finding is, if they are known. */
export async function placed(
  findings: readonly Found[],
  { origins, find }: Pick<LoadedSettings, "origins" | "find">,
): Promise<readonly Finding[]> {
  return Promise.all(
    findings.map(async ({ at, ...finding }) => {
      const place = at && (at.by ? await find(at.by, at.path) : (await origins([at.path]))[0])
      const parts = place === undefined ? [finding.where] : [placeOf(place), finding.where]
      // Of an agent that is in no file there is nothing to be said but its name.
      return { ...finding, where: [...new Set(parts)].join(", ") }
    }),
  )
}

/** Where something was written: file and line, or who says it. */
export function placeOf(source: ProblemSource): string {
  if (source.from === "file") return sourceText(source)
  return source.from === "agent" ? `agent ${withoutControls(source.agent)}` : source.from
}

/** Of findings that come one by one, several together or not at all, those that there are. */
export function all(...found: readonly (Found | undefined | readonly Found[])[]): readonly Found[] {
  return found.flat().filter((finding) => finding !== undefined)
}

const ranks = { error: 0, warning: 1, info: 2 } as const

/** Errors first; otherwise in the order in which they were found. Each only once. */
export function sortFindings(findings: readonly Found[]): readonly Found[] {
  const unique = findings.filter(
    (finding, index) =>
      findings.findIndex(
        (other) =>
          other.code === finding.code && other.where === finding.where && other.what === finding.what,
      ) === index,
  )
  return unique.toSorted((a, b) => ranks[a.severity] - ranks[b.severity])
}
