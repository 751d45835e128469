/** A Markdown changelog with one `## ` section for each release, the newest first, above them `## Unreleased`. */
export const unreleased = "## Unreleased"

/**
 * The changelog with what stood under "Unreleased" as a release of its own.
 *
 * @throws Error when there is no such section, or nothing in it
 */
export function withRelease(changelog: string, version: string, date: string): string {
  const at = changelog.indexOf(`\n${unreleased}\n`)
  if (at < 0) throw new Error(`CHANGELOG.md has no section "${unreleased}".`)
  const start = at + unreleased.length + 2
  const end = nextSection(changelog, start)
  const lines = changelog.slice(start, end).trim()
  if (lines === "") throw new Error(`Nothing stands under "${unreleased}": there is nothing to release.`)
  const head = changelog.slice(0, at)
  return `${head}\n${unreleased}\n\n## ${version} (${date})\n\n${lines}\n${rest(changelog, end)}`
}

/** The lines of one release, for the page of the release. `undefined` when it has no section. */
export function releaseNotes(changelog: string, version: string): string | undefined {
  const heading = new RegExp(`^## ${RegExp.escape(version)}(?: \\([^)\\n]*\\))?$`, "m").exec(changelog)
  if (!heading) return undefined
  const start = heading.index + heading[0].length
  return changelog.slice(start, nextSection(changelog, start)).trim()
}

function nextSection(changelog: string, from: number): number {
  const at = changelog.indexOf("\n## ", from)
  return at < 0 ? changelog.length : at
}

function rest(changelog: string, from: number): string {
  const text = changelog.slice(from).trim()
  return text === "" ? "" : `\n${text}\n`
}
