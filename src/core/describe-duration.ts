const units = [
  { ms: 86_400_000, short: "d" },
  { ms: 3_600_000, short: "h" },
  { ms: 60_000, short: "min" },
  { ms: 1_000, short: "s" },
] as const

/**
 * A time span for people, in its two largest units, rounded up to whole seconds: `45 s`, `4 min`,
 * `1 h 5 min`, `6 d 2 h`. Nothing and the past are `0 s`.
 */
export function describeDuration(ms: number): string {
  let rest = Math.ceil(Math.max(0, ms) / 1_000) * 1_000
  const parts: string[] = []
  for (const { ms: size, short } of units) {
    const count = Math.floor(rest / size)
    if (count > 0) parts.push(`${count} ${short}`)
    else if (parts.length > 0) break
    rest -= count * size
    if (parts.length === 2) break
  }
  return parts.length === 0 ? "0 s" : parts.join(" ")
}
