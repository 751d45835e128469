/** What `npm run versions` found on one version of OpenCode. */
export type HostResult = { readonly version: string; readonly passed: number; readonly failed: number }

/** One line per version and feature, as `npm run versions` prints it; colours and other lines do not matter. */
const line = /^(\d+\.\d+\.\d+\S*) {2}(.+): (?:pass (\d+)|FAIL (\d+) of (\d+))/

/** The figures of the printed matrix, added up for each version; oldest first, as they were tried. */
export function readHostMatrix(printed: string): readonly HostResult[] {
  const results = new Map<string, HostResult>()
  for (const text of printed.split(/\r?\n/)) {
    const [, version, , passing, failing, whole] = line.exec(text) ?? []
    if (version === undefined) continue
    const before = results.get(version) ?? { version, passed: 0, failed: 0 }
    const failed = Number(failing ?? 0)
    const passed = passing === undefined ? Number(whole) - failed : Number(passing)
    results.set(version, { version, passed: before.passed + passed, failed: before.failed + failed })
  }
  return [...results.values()]
}

/** One paragraph for the README. `range` is `engines.opencode` of package.json. */
export function hostsText(range: string, date: string, results: readonly HostResult[]): string {
  const all = results.filter((result) => result.failed === 0).map((result) => result.version)
  const some = results
    .filter((result) => result.failed > 0)
    .map(({ version, passed, failed }) => `${version} (${failed} of ${passed + failed} fail)`)
  const tried = [
    ...(all.length > 0 ? [`The end-to-end tests pass on ${all.join(", ")}.`] : []),
    ...(some.length > 0 ? [`Not all of them pass on ${some.join(", ")}.`] : []),
  ]
  const when = tried.length > 0 ? ` ${tried.join(" ")} Last run: ${date}.` : ""
  const versions = range
    .split(" || ")
    .flatMap((part) => /\d[\d.]*/.exec(part) ?? [])
    .map((version) => `OpenCode ${version.split(".", 1)[0]} from ${version}`)
  return `Supported: ${versions.join(", ")}.${when}`
}
