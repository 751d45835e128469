const unitsMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** More than any cooldown and any journal: ten years. */
const longestMs = 10 * 365 * 86_400_000

/** `90s`, `1h30m`, `1.5 h`, or a bare number of seconds, as milliseconds; `undefined` for anything else. */
export function parseSpan(text: string): number | undefined {
  const compact = text.replaceAll(/\s/g, "").toLowerCase()
  if (/^\d{1,10}(\.\d{1,6})?$/.test(compact)) return bounded(Number(compact) * 1_000)
  if (!/^(\d{1,10}(\.\d{1,6})?(ms|min|s|m|h|d|w))+$/.test(compact)) return undefined
  let sum = 0
  for (const [, count, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d|w)/g))
    sum += Number(count) * (unitsMs[unit ?? ""] ?? 0)
  return bounded(sum)
}

function bounded(ms: number): number | undefined {
  return ms <= longestMs ? Math.round(ms) : undefined
}
