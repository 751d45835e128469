import { namedTime, onNamedDay, startOfMonth } from "./named-day.ts"

const months = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ")
/** As the clients of other languages shorten them, without accents: `10 de jul. de 2026`, `3. Okt. 2026`, `1 aout 2026`. */
const monthsAbroad: Readonly<Record<string, string>> = {
  ene: "jan",
  fev: "feb",
  abr: "apr",
  avr: "apr",
  mai: "may",
  juin: "jun",
  juil: "jul",
  ago: "aug",
  aou: "aug",
  set: "sep",
  okt: "oct",
  out: "oct",
  dez: "dec",
  dic: "dec",
}

const isoLike =
  /(\d{4})[-年](\d{1,2})[-月](\d{1,2})日?(?:(?:t| at | )?(\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?)?(?: ?\(?(z\b|(?:utc|gmt)(?: ?[+-]\d{1,2}(?::?\d{2})?(?!\d))?|[+-]\d{2}:?\d{2}))?/
const monthName =
  /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.? (\d{1,2})(?!\d)(?:st|nd|rd|th)?(?:,? (\d{4}))?(?:,? (?:at )?(\d{1,2})(?::(\d{2}))? ?(am|pm)?)?/
/** DashScope's plans: `08-27 15:33:00 UTC`; `8月27日 15:33`. */
const monthDay =
  /(?<![\d-])(0?[1-9]|1[0-2])(?:-(?=\d\d )|月)(0?[1-9]|[12]\d|3[01])(?:日? ?(上午|下午)? ?(\d{1,2})(?::(\d{2})(?::(\d{2}))?|[点點时時])|日)/
/** As clients print it for Americans: `8/17/2025`, and where that is no month `17/8/2025`. */
const slashed = /(?<![\d/])(\d{1,2})\/(\d{1,2})\/(\d{4})(?![\d/])/
/** Without a year only whole names count: "5 separate requests", "2 may be sent", "2 out of 3". */
const wholeNames =
  "jan(?:uary?|uar|eiro|vier)?|feb(?:ruary?|ruar|rero|braio)?|mar(?:ch|co|s|zo)?|apr(?:il|ile)?|jun(?:[ei]|io|ho)?|jul(?:[yi]|io|ho)?|aug(?:ust)?|sep(?:t|tember|tiembre|tembre)?|oct(?:ober|ubre|obre)?|nov(?:ember|iembre|embre|embro)?|ene(?:ro)?|fev(?:ereiro|rier)?|marz?|abr(?:il)?|avr(?:il)?|mai|juin|juil(?:let)?|agosto|aout|set(?:embro|tembre)|okt(?:ober)?|outubro|dez(?:ember|embro)?|dic(?:iembre|embre)?|dec(?:ember|embre)?"
/** `10 May 2026 12:01:00 GMT`, as RFC 9110 writes a date; `1st of June`. */
const dayFirst = new RegExp(
  `\\b(\\d{1,2})(?:st|nd|rd|th|\\.)?(?: de| of)? (${[...months, ...Object.keys(monthsAbroad)].join("|")})\\p{L}{0,6}(?!\\p{L})(?:\\.?,?(?: de)? (\\d{4})|(?<= (?:${wholeNames})))(?:,? (?:at |a |um )?(\\d{1,2}):(\\d{2})(?::\\d{2})? ?(am|pm)?)?`,
  "u",
)
const clockOnly =
  /\b(\d{1,2})(?::(\d{2})(?::(\d{2}))?)? ?(am|pm)\b|(?:\b(?:at|until) )?(?<![\d:])(\d{1,2}):(\d{2})(?::(\d{2}))?(?!\d|:| ?[ap]m\b)(?: ?(?:utc|gmt)\b|(?<=(?:\b(?:at|until) |[于在至] ?)[\d:]{4,8}))/
/** `UTC+8`, `GMT-3`; `(america/new_york)`, `(etc/gmt+5)`; `midnight pacific time`, `12:00 am ist`. */
const anyZone =
  /(?<![\w/])(utc|gmt)(?: ?([+-]\d{1,2}(?::?\d{2})?))?(?!\w)|\(([a-z]{2,20}\/[a-z_/+\d-]{2,30})\)|(?:\d|[ap]m|midnight) \(?([ip]st|pdt|pt|pacific|est|edt|et|eastern|jst|kst|cest|cet)\b(?!\/)/
/** CST is left out: it is China's as much as Chicago's. */
const placesOfZones: readonly (readonly [zones: string, place: string])[] = [
  ["pst pdt pt pacific", "america/los_angeles"],
  ["est edt et eastern", "america/new_york"],
  ["ist", "asia/kolkata"],
  ["jst kst", "asia/tokyo"],
  ["cet cest", "europe/berlin"],
]

type ClockOptions = {
  /** Milliseconds since 1970. */
  readonly now: number
  /** How far ahead of UTC times are that name no zone. Milliseconds. */
  readonly offset: number
}

function offsetMs(zone: string): number {
  const match = /([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(zone)
  if (match === null) return 0
  const size = (Number(match[2]) * 60 + Number(match[3] ?? 0)) * 60_000
  return match[1] === "-" ? -size : size
}

/** How far a named zone is ahead of UTC at `at`; 0 for a name that the engine does not know. */
function zoneOffsetMs(name: string, at: number): number {
  try {
    const text = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" }).format(at)
    return offsetMs(/GMT([+-]\d{2}:\d{2})/.exec(text)?.[1] ?? "utc")
  } catch {
    // An unknown zone: hours off is still nearer than no opinion.
    return 0
  }
}

function hour24(hour: string | undefined, half: string | undefined): number {
  const value = Number(hour ?? 0)
  if (half === undefined) return value
  return (value % 12) + (half === "pm" ? 12 : 0)
}

/** A moment that has just passed is now: clocks differ, and the answer took its time. */
const justPassedMs = 60_000

/** How far ahead of UTC the zone is that a text names first. */
function offsetIn(text: string, now: number): number | undefined {
  const [, utc, ahead, place, short] = anyZone.exec(text) ?? []
  if (utc !== undefined) return offsetMs(ahead ?? utc)
  const name =
    place ?? placesOfZones.find(([zones]) => short !== undefined && zones.split(" ").includes(short))?.[1]
  return name === undefined ? undefined : zoneOffsetMs(name, now)
}

function nextTimeOfDay(
  [hours = 0, minutes = 0, seconds = 0]: readonly number[],
  offset: number,
  now: number,
): number {
  const day = 86_400_000
  const local = now + offset
  const at = local - (local % day) + ((hours * 60 + minutes) * 60 + seconds) * 1000
  if (at > local) return at - offset
  return local - at < justPassedMs ? now + 1000 : at + day - offset
}

function timeIn(text: string): readonly number[] | undefined {
  const clock = clockOnly.exec(text)
  if (clock === null) return namedTime(text)
  const [, hour, minute, second, half, hours, minutes, seconds] = clock
  return [hour24(hour ?? hours, half), Number(minute ?? minutes ?? 0), Number(second ?? seconds ?? 0)]
}

/** `3pm`, `5:00 pm`, `10:00 utc`, `at 17:30`, "monday 9am", "at midnight" and "tomorrow". */
function fromTimeOfDay(text: string, offset: number, now: number): number | undefined {
  const time = timeIn(text)
  return time && onNamedDay(text, nextTimeOfDay(time, offset, now), { offset, now })
}

/** `2026-06-25 02:06:16 +0800` */
function fromIso(text: string, assumed: number): number | undefined {
  const found = isoLike.exec(text)
  if (found === null) return undefined
  const [, year, month, day, hours, minutes, seconds, zone] = found
  const at = Date.UTC(
    Number(year),
    Number(month) - 1,
    Number(day),
    Number(hours ?? 0),
    Number(minutes ?? 0),
    Number(seconds ?? 0),
  )
  return at - (zone === undefined ? assumed : offsetMs(zone))
}

/** A month and a day without a year. */
function fromMonthDay(text: string, offset: number, now: number): number | undefined {
  const found = monthDay.exec(text)
  if (found === null) return undefined
  const [, month, day, half, hours, minutes, seconds] = found
  const hour = hour24(hours, half && (half === "下午" ? "pm" : "am"))
  return inYearOf(undefined, now, (year) => {
    const date = [year, Number(month) - 1, Number(day)] as const
    return Date.UTC(...date, hour, Number(minutes ?? 0), Number(seconds ?? 0)) - offset
  })
}

function spelled(text: string): string {
  return text.replace(slashed, (_, first: string, second: string, year: string) => {
    const [month, day] = Number(first) > 12 ? [second, first] : [first, second]
    return `${day} ${months[Number(month) - 1] ?? ""} ${year}`
  })
}

function fromDayFirst(text: string, offset: number, now: number): number | undefined {
  const found = dayFirst.exec(spelled(text))
  if (found === null) return undefined
  const [, day, name = "", year, hours, minutes, half] = found
  return inYearOf(year, now, (value) => {
    const date = [value, months.indexOf(monthsAbroad[name] ?? name), Number(day)] as const
    return Date.UTC(...date, hour24(hours, half), Number(minutes ?? 0)) - offset
  })
}

/** `april 20, 2026 at 2:00 am`, also without the year */
function fromMonthName(text: string, offset: number, now: number): number | undefined {
  const found = monthName.exec(text)
  if (found === null) return undefined
  const [, month, day, year, hours, minutes, half] = found
  return inYearOf(
    year,
    now,
    (value) =>
      Date.UTC(value, months.indexOf(month ?? ""), Number(day), hour24(hours, half), Number(minutes ?? 0)) -
      offset,
  )
}

/** In the year that is named; without one, the next time that it is so late. What began within the last day is past. */
function inYearOf(named: string | undefined, now: number, inYear: (year: number) => number): number {
  if (named !== undefined) return inYear(Number(named))
  const year = new Date(now).getUTCFullYear()
  return inYear(year) > now - 86_400_000 ? inYear(year) : inYear(year + 1)
}

/**
 * Finds a point in time in a lower-case text: `2026-06-25 02:06:16 +0800`, `april 20, 2026 at 2:00 am`,
 * `3pm (america/new_york)`.
 *
 * @returns milliseconds since 1970 (it may be past), or `undefined`
 */
export function parseClock(text: string, options: ClockOptions): number | undefined {
  const { now } = options
  const named = offsetIn(text, now)
  const offset = named ?? options.offset
  return (
    fromIso(text, options.offset) ??
    fromMonthDay(text, offset, now) ??
    // In words, a vendor's time is not its own: it writes for the world.
    fromDayFirst(text, named ?? 0, now) ??
    fromMonthName(text, named ?? 0, now) ??
    startOfMonth(text, { offset, now }) ??
    fromTimeOfDay(text, offset, now)
  )
}
