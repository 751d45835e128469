const secondMs = 1_000
const minuteMs = 60 * secondMs
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** A time span as people say it: `about 12 seconds`, `about a minute`, `about 20 minutes`, `about 3 days`. */
export function roughDuration(ms: number): string {
  if (ms < 1.5 * secondMs) return "about a second"
  if (ms < 55 * secondMs) return `about ${Math.round(ms / secondMs)} seconds`
  if (ms < 1.5 * minuteMs) return "about a minute"
  if (ms < 55 * minuteMs) return `about ${Math.round(ms / minuteMs)} minutes`
  if (ms < 1.5 * hourMs) return "about an hour"
  if (ms < 1.5 * dayMs) return `about ${Math.round(ms / hourMs)} hours`
  return `about ${Math.round(ms / dayMs)} days`
}
