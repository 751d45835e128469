/** The lines of each file that a change has added or altered, read from `git diff --unified=0 --no-prefix`. */
export function changedLines(diff: string): ReadonlyMap<string, ReadonlySet<number>> {
  const changed = new Map<string, Set<number>>()
  let lines = new Set<number>()
  for (const line of diff.split("\n")) {
    const [, file] = /^\+\+\+ (\S+)$/.exec(line) ?? []
    if (file !== undefined) changed.set(file, (lines = new Set()))
    const [, start, count = "1"] = /^@@ \S+ \+(\d+)(?:,(\d+))? @@/.exec(line) ?? []
    const added = start === undefined ? 0 : Number(count)
    for (let offset = 0; offset < added; offset += 1) lines.add(Number(start) + offset)
  }
  return changed
}
