/** What a version of OpenCode does wrong by itself: measured without the plugin too. */
const hostFaults: readonly {
  readonly versions: string
  readonly title: RegExp
  readonly why: string
}[] = [
  {
    versions: "1.15.13",
    title: /opencode run/,
    why: "`opencode run` prints no answer when its output is a pipe",
  },
  {
    versions: "<1.17.0",
    title: /opencode run: all fail|opencode run.*exits 1/,
    why: "`opencode run` exits 0 after an error",
  },
]

export function isHostFault(version: string, title: string): boolean {
  return hostFaults.some((fault) => Bun.semver.satisfies(version, fault.versions) && fault.title.test(title))
}
