const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  msec: 1,
  msecs: 1,
  millisecond: 1,
  milliseconds: 1,
  毫秒: 1,
  s: second,
  sec: second,
  secs: second,
  second: second,
  seconds: second,
  秒: second,
  秒钟: second,
  m: minute,
  min: minute,
  mins: minute,
  minute: minute,
  minutes: minute,
  分: minute,
  分钟: minute,
  分間: minute,
  h: hour,
  hr: hour,
  hrs: hour,
  hour: hour,
  hours: hour,
  小时: hour,
  時間: hour,
  个小时: hour,
  d: day,
  day: day,
  days: day,
  天: day,
  日: day,
  w: 7 * day,
  week: 7 * day,
  weeks: 7 * day,
  周: 7 * day,
  month: 30 * day,
  months: 30 * day,
  个月: 30 * day,
}

const part =
  /^[\s,]{0,3}(?:and )?(\d{1,15}(?:\.\d{1,15})?)\s?([a-z]{1,12}|毫秒|秒钟|秒|分钟|分間|分|个?小时|時間|天|日|周|个月)/

/**
 * Reads a span such as `6m0s`, `19h 24m 10s`, `4hr 59min`, `2 days 8 hours`, `915ms`, `5 小时` from the start
 * of a lower-case text and ignores what follows.
 *
 * @returns milliseconds, or `undefined` when the text does not start with a number and a known unit
 */
export function parseDuration(text: string): number | undefined {
  let rest = text.slice(0, 120)
  let total: number | undefined
  for (let parts = 0; parts < 7; parts += 1) {
    const match = part.exec(rest)
    const factor = unitMs[match?.[2] ?? ""]
    if (match === null || factor === undefined) break
    total = (total ?? 0) + Number(match[1]) * factor
    rest = rest.slice(match[0].length)
  }
  return total
}
