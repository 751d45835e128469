import { parseClock } from "./parse-clock.ts"
import { parseMoment } from "./parse-moment.ts"
import { parseDuration } from "./parse-duration.ts"

/** Bounds the time that a long text takes. */
const mostAnnouncements = 20

/** After these words a text may say how long, or until when; "total retry wait time: 95 s" is over. */
const announcement =
  /(?<!\p{L})(?:resets?|resetting|retry|retrying|try again|try(?= after\b)|wait|available again|regain access|refresh(?:es|ed)?|renews?|replenish(?:es|ed)?|rolls? over|available|come back|cool(?:ing)?[- ]?down|back-?off(?: time)?|blocked|warten sie|erneut|wieder|zurückgesetzt|réessaye[rz]?|réessaie|attend(?:ez|re)|attente|patientez|réinitialis\p{L}*|espere|reintent\p{L}*|int[eé]nt\p{L}*|vuelva a|aguarde|tente|riprova\p{L}*|attendi|подожд\p{L}*|повтор\p{L}*|попроб\p{L}*|сброс\p{L}*|\p{L}{2,20}(?= until (?:\d|tomorrow)))(?!\p{L})(?<!\btotal (?:retry|(?:retry )?wait))/gu
/** Words that only a wait begins with, in languages where "in 30 seconds" is said so: "dans 30 secondes". */
const within = /(?<!\p{L})(?:dans|dentro de|через|fra|za) (?=\d)/gu
/** "in 30 Sekunden erneut". */
const beforeAgain = /(?<!\p{L})in (\d{1,9} \p{L}{1,12}) (?:erneut|wieder|noch)/u
/** Between the announcement and its number: no digit, no end of sentence. */
const filler = /^[^\d.!?\n]{0,40}/
/** `Retry-After: 17`, `retryAfterMs=42694000`, `retry_after_seconds: 3`. */
const assignment =
  /retry[-_ ]?after(?:[-_ ]?(ms|seconds|secs|s))?["']? ?[=:] ?["']?(\d{1,15}(?:\.\d{1,9})?)(?![\d:-])( ?ms\b)?/
/** Claude Code: `usage limit reached|1749924000`. */
const pipedEpoch = /reached\|(\d{10})\b/
const chineseDate = /((?:\d{4}[-年]\d{1,2}[-月]|\d{1,2}月)\d{1,2}[^\n]{0,20}?)\s?(?:重置|恢复|刷新|后重试)/
const spacelessSpan =
  /(?<![\d.])((?:\d{1,9}(?:\.\d{1,9})?\s?(?:毫秒|秒钟|秒|초|分钟|分間|分|분|个?小时|時間|시간|天|日|일|周|주)\s?){1,3})(?:之?[后後]|待|후|뒤|이후)|(?:等待|等候|稍等|待機) ?(\d{1,9}(?:\.\d{1,9})?\s?(?:毫秒|秒钟|秒|分钟|分|个?小时|時間|天|日))/
/** Python's and Go's print of a body: `'resets_at': 1778500000`, `reset_in_seconds=90`. */
const printed = /resets?_(?:(at)|in|in_seconds|after_seconds)["']? ?[:=] ?["']?(\d{1,13})(?![\d.-])/
const oneUnit =
  /^[^\d.!?\n]{0,30}(?<!\p{L})(?:an?|one|une?|uno|uma?|eine[rm]?|одну|минуту) (second|minute|hour|day|week|seconde|heure|jour|minuto|hora|día|dia|sekunde|stunde|tag|минуту)(?!\p{L})/u
const colonSpan = /^(\d{1,3}):(\d{2}):(\d{2})\b/

function fromSpaceless(text: string, now: number): number | undefined {
  const date = chineseDate.exec(text)?.[1]
  if (date !== undefined) return parseClock(date, { now, assume: "china" })
  const found = spacelessSpan.exec(text)
  return now + spanOf(found?.[1] ?? found?.[2] ?? "")
}

/** 0 for what is no span. Milliseconds. */
function spanOf(text: string): number {
  return parseDuration(text) ?? 0
}

function fromAnnouncement(rest: string, now: number, assume: "utc" | "china"): number | undefined {
  const lead = filler.exec(rest)?.[0] ?? ""
  const after = rest.slice(lead.length)
  if (/\bless than a minute/.test(lead)) return now + 60_000
  const unit = oneUnit.exec(rest)?.[1]
  if (unit !== undefined) return now + spanOf(`1 ${unit}`) / (/\bhalf an? /.test(rest) ? 2 : 1)
  const epoch = /^(\d{10}|\d{13})(?!\d)/.exec(after)?.[1]
  if (epoch !== undefined) return parseMoment(epoch, now)
  const [colons, hours, minutes, seconds] = /\bin\b/.test(lead) ? (colonSpan.exec(after) ?? []) : []
  if (colons !== undefined)
    return now + ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  const span = parseDuration(after)
  // `3pm` and `2026-…` are no spans, `20, 2026` after a month's name is none either.
  if (span !== undefined && !/\b(?:at|on)\b[^\d]*$/.test(lead)) return now + span
  const isClock =
    /\b(?:at|on|until|to)\b/.test(lead) ||
    /\b(?:midnight|tomorrow)\b/.test(lead) ||
    /^\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}\.?,? \d{4}/.test(after) ||
    /^\d{1,2}(?::\d\d)? ?[ap]m\b|^\d{4}-\d\d/.test(after)
  if (!isClock && !/[a-z]{3,9}\.? $/.test(lead)) return undefined
  return parseClock(rest.slice(0, 90), { now, assume })
}

/**
 * When a provider's sentence says that it will be well again: "reset after 19h 24m 10s", "Resets in 6 days",
 * "try again at 4:33 PM", "将在 2026-08-19 02:14:39 重置".
 *
 * @param text lower case, lines of normalised white space
 * @param assume the zone of times that name none
 * @returns milliseconds since 1970, in the future, or `undefined`
 */
export function fromSentence(text: string, now: number, assume: "utc" | "china"): number | undefined {
  for (const at of momentsIn(text, now, assume)) if (at !== undefined && at > now) return at
  return undefined
}

/** From the surest to the vaguest; what names no time is `undefined` or not in the future. */
function* momentsIn(text: string, now: number, assume: "utc" | "china"): Iterable<number | undefined> {
  const assigned = assignment.exec(text)
  yield now + Number(assigned?.[2] ?? 0) * ((assigned?.[3] ?? assigned?.[1])?.trim() === "ms" ? 1 : 1000)
  yield Number(pipedEpoch.exec(text)?.[1] ?? 0) * 1000
  const reset = printed.exec(text)
  yield reset?.[1] === "at" ? parseMoment(reset[2] ?? "", now) : now + Number(reset?.[2] ?? 0) * 1000
  yield now + spanOf(beforeAgain.exec(text)?.[1] ?? "")
  for (const match of [...text.matchAll(announcement)].slice(0, mostAnnouncements)) {
    const start = match.index + match[0].length
    yield fromAnnouncement(text.slice(start, start + 130), now, assume)
  }
  for (const match of text.matchAll(within))
    yield now + spanOf(text.slice(match.index + match[0].length, match.index + 60))
  yield fromSpaceless(text, now)
}
