const dayMs = 86_400_000
/** From Sunday on: English, German, French, Spanish and Portuguese, Italian, Russian; Chinese, Japanese and Korean. */
const weekdays = [
  ["sun(?:day)?|sonntag|dimanche|domingo|domenica|воскресень\\p{L}", "日天"],
  ["mon(?:day)?|montag|lundi|lunes|segunda-feira|lunedi|понедельник\\p{L}?", "一月월"],
  ["tue(?:s(?:day)?)?|dienstag|mardi|martes|terca-feira|martedi|вторник\\p{L}?", "二火화"],
  ["wed(?:nesday)?|mittwoch|mercredi|miercoles|quarta-feira|mercoledi|сред[аыу]", "三水수"],
  ["thu(?:r(?:s(?:day)?)?)?|donnerstag|jeudi|jueves|quinta-feira|giovedi|четверг\\p{L}?", "四木목"],
  ["fri(?:day)?|freitag|vendredi|viernes|sexta-feira|venerdi|пятниц\\p{L}", "五金금"],
  ["sat(?:urday)?|samstag|samedi|sabado|sabato|суббот\\p{L}", "六土토"],
] as const
const weekday = new RegExp(
  weekdays
    .map(
      ([names, signs]) =>
        `((?<!\\p{L})(?:${names})(?!\\p{L})|(?:周|週|星期|礼拜)[${signs}]|[${signs}](?:曜|요일))`,
    )
    .join("|"),
  "u",
)
const tomorrow =
  /(?<!\p{L})(?:tomorrow|demain|manana|amanha|domani|morgen|завтра|jutro)(?!\p{L})|明[天日]|次日|翌日|내일/u
const midnight = /\b(?:midnight|end of (?:the )?day)\b|零[点點时時]|今[晚夜]|자정/
const noon = /\bnoon\b/
/** Where a month begins or this one ends; "on the 1st" names no other month. */
const monthStart =
  /\b(?:1st|first|start|beginning)(?: day)? of (?:the |each |every |next |new |following )*month\b|\b(?:on|at|until) the (?:1st|first)(?= at\b|[,.;)]|$)|\bend of (?:the |this )?month\b|\bnext month\b|下个?月|次月|来月|翌月|每月1[日号]|다음 ?달|\b(?:nachste[nr]? monat|mois prochain|proximo mes|prossimo mese)|следующ\p{L}* месяц/u
/** `00:00`, `9 uhr`, `9h`, `9h30`, `8点`: times of day next to the name of a day, spans or numbers elsewhere. */
const clock = /(?<![\d:])(\d{1,2})(?::(\d{2})(?!\d)| ?(?:uhr|h(?![a-z])|点|點|時|시)(?:(\d{2})(?!\d))?)/

/** Where a sentence ends that names the day. */
const sentence = /^(?:[^!?;\n。.]|\.(?! |$))*/

/** Whether a lower-case text names a day or a time of day by a word. */
export function namesDay(text: string): boolean {
  return [weekday, tomorrow, midnight, noon, monthStart].some((pattern) => pattern.test(text))
}

/** When the next month begins, where the text's first sentence names that. @param offset as {@link onNamedDay}'s */
export function startOfMonth(
  text: string,
  { offset, now }: { offset: number; now: number },
): number | undefined {
  if (!monthStart.test(sentence.exec(text)?.[0] ?? "")) return undefined
  const local = new Date(now + offset)
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1) - offset
}

/** The time of day that words name: `noon`, `midnight`, and the beginning of a day that is named without a time. */
export function namedTime(text: string): readonly number[] | undefined {
  const [first] = sentence.exec(text) ?? [""]
  if (noon.test(first)) return [12]
  if (!namesDay(first)) return undefined
  const [, hours, minutes, more] = clock.exec(first) ?? []
  return [Number(hours ?? 0), Number(minutes ?? more ?? 0)]
}

/**
 * Moves the next time of day on to the day that the same sentence names: "Monday 9am", "tomorrow at 15:00".
 *
 * @param at milliseconds since 1970, the next time that it is so late
 * @param offset how far ahead of UTC the text's zone is
 */
export function onNamedDay(
  text: string,
  at: number,
  { offset, now }: { offset: number; now: number },
): number {
  const [first] = sentence.exec(text) ?? [""]
  const dayOf = (moment: number): number => Math.floor((moment + offset) / dayMs)
  const found = weekday.exec(first)
  if (found === null) return tomorrow.test(first) && dayOf(at) === dayOf(now) ? at + dayMs : at
  const index = found.slice(1).findIndex((name) => name !== undefined)
  // 1970 began on a Thursday.
  return at + ((index - ((dayOf(at) + 4) % 7) + 7) % 7) * dayMs
}
