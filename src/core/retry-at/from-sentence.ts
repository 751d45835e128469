import { namesDay } from "./named-day.ts"
import { parseClock } from "./parse-clock.ts"
import { parseDuration } from "./parse-duration.ts"
import { parseMoment } from "./parse-moment.ts"

/** "Retrying in 5 seconds…", unless advised: so far a client decides by itself when it asks again; longer pauses are the provider's. */
const ownPauseMs = 60_000
const ownPause = /(?<!\b(?:consider|recommend|try) )retrying (?:[^\s\d]\S{0,80} ){0,3}in /y

/** Bounds the time that a long text takes. */
const mostAnnouncements = 20

/** After these words a text may say how long, or until when; "total retry wait time: 95 s" is over. */
const announcement =
  /(?<!\p{L})(?:resets?|resetting|(?<!_)retry(?:ing)?|try again|try(?= after\b)|wait|available again|again(?<=\b(?:can|may|will|able to|please)\b[^.!?\n]{0,40})(?= (?:at|in|after|on) )|regain access|refresh(?:es|ed)?|renews?|replenish(?:es|ed)?|refill(?:s|ed)?|lifted|restored|unlock(?:s|ed)?|allowed(?= (?:again )?in )|(?:next|another) (?:request|message|prompt|call)(?= in )|requests?(?<=\b(?:can|may)\b[^.!?\n\d]{0,40})(?= after )|rolls? over|(?:window|period) (?:opens|starts|begins)|available|come back|cool(?:ing)?[- ]?down|back-?off(?: time)?|blocked|(?:locked|banned|suspended)(?= for (?:about )?\d(?!\d* ?[a-z]{1,9} of\b))|warten sie|versuch\p{L}* sie(?: es)?|erneut|wieder|zuruckgesetzt|reessaye[rz]?|reessaie|attend(?:ez|re)|attente|patient(?:ez|er)|reinitialis\p{L}*|renouvel\p{L}*|restablec\p{L}*|restabelec\p{L}*|redefin\p{L}*|reinici\p{L}*|renueva\p{L}*|renova\p{L}*|rinnov\p{L}*|reimpost\p{L}*|espere|reintent\p{L}*|intent\p{L}*|vuelva a|aguarde|tente|riprova\p{L}*|attendi|подожд\p{L}*|повтор\p{L}*|попроб\p{L}*|сброс\p{L}*|обнов\p{L}*|\p{L}{2,20}(?= until (?:\d|tomorrow|midnight|noon|(?:mon|tues|wednes|thurs|fri|satur|sun)day)))(?!\p{L})(?<!\btotal (?:retry|(?:retry )?wait))/gu
/** Words that only a wait begins with, in languages where "in 30 seconds" is said so: "dans 30 secondes". */
const within =
  /(?<!\p{L})(?:dans|dentro de|через|fra|za|(?<=\b(?:lai|moi) )sau|(?<=\b(?:lagi|ulang|kembali|tunggu) )dalam|om(?! [\d.:]{1,5} uur)|over(?= \d+ (?:seconden|minuten|uur|dagen)(?!\p{L}))) (?=\d)/gu
/** "in 30 Sekunden erneut", "15 Minuten warten", "20 saniye sonra". */
const beforeAgain =
  /(?<![\p{L}\d])(\d{1,9} \p{L}{1,12}) (?:warten|sonra(?= (?:tekrar|yeniden))|(?<=\bin \d{1,9} \p{L}{1,12} )(?:erneut|wieder|noch|zuruckgesetzt))/u
/** Between the announcement and its number: no digit, no end of sentence. */
const filler = /^[^\d.!?\n]{0,40}/
/** `Retry-After: 17`, `retryAfterMs=42694000`, `retry_after_seconds: 3`. */
const assignment =
  /retry[-_ ]?after(?:[-_ ]?(ms|seconds|secs|s))?["']? ?[=:] ?["']?(\d{1,15}(?:\.\d{1,9})?)(?![\d:-])( ?ms\b)?/
/** Claude Code: `usage limit reached|1749924000`. */
const pipedEpoch = /reached\|(\d{10})\b/
/** What an announcement is in scripts without spaces, and "zurückgesetzt", behind the moment. */
const dateAhead =
  /((?:(?:\d{4}[-年]\d{1,2}[-月]|\d{1,2}月)\d{1,2}|明[天日]|[次翌]日|下个?月|[次来翌]月|每月1[日号]|다음 ?달|今[晚夜]|零[点點]|(?:周|週|星期|礼拜)[一二三四五六日天]|[日月火水木金土]曜|[일월화수목금토]요일|[于在至] ?\d{1,2}:\d{2}|내일|(?<!\p{L})(?:morgen um |am \p{L}{3,8}(?:tag|woch)(?!\p{L})))[^\n。]{0,20}?)\s?(?:重置|恢[复復]|刷新|更新|[后後]?重试|[后後]?再试|再試|再度|リセット|回復|다시|초기화|zuruckgesetzt|erneut|wieder)/u
const dateBehind =
  /(?:重置|恢[复復]|リセット)[^\n。\d]{0,12}((?:\d{4}[-年]\d{1,2}[-月]\d|\d{1,2}月\d|明[天日]|[次翌]日|下个?月|[次来翌]月)[^\n。]{0,20})/
const units = "毫秒|秒钟|秒|초|分钟|分間|分|분|个?小时|時間|시간|天|日|일|周|주"
const span = String.raw`((?:\d{1,9}(?:\.\d{1,9})?\s?(?:${units})\s?){1,3})`
const spacelessSpan = new RegExp(
  String.raw`(?<![\d.])${span}(?:ほど)?(?:之?[后後]|お?待|후|뒤|이후)|(?:等待|等候|稍等|待機|(?:重置|恢[复復]|リセット)(?:还有|还需|まで)) ?${span}`,
)
/** Python's and Go's print of a body: `'resets_at': 1778500000`, `reset_in_seconds=90`. */
const printed = /resets?_(?:(at)|in|in_seconds|after_seconds)["']? ?[:=] ?["']?(\d{1,13})(?![\d.-])/
/** Counts in words, as far as spans have them; every other article is one. */
const counts: Readonly<Record<string, number>> = {
  "half an": 0.5,
  "half a": 0.5,
  "a couple of": 2,
  "a few": 3,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  ten: 10,
  fifteen: 15,
  thirty: 30,
}
const oneUnit =
  /^[^\d.!?\n]{0,30}?(?<!\p{L})(half an?|a couple of|a few|two|three|four|five|ten|fifteen|thirty|an?|one|une?|uno|uma?|eine[rm]?|одну|минуту) (second|minute|hour|day|week|seconde|heure|jour|minuto|hora|dia|sekunde|stunde|tag|минуту)s?(?!\p{L})/u
/** "15 seconds left": of a longer span, a trial or a plan may be what is left. */
const left =
  /(?<![\d.])(\d{1,5}(?:\.\d)? ?(?:s|secs?|seconds?|min|mins|minutes?|h|hours?)) (?:left|remaining)\b|(?:剩余|剩餘|还剩|残り) ?(\d{1,5} ?(?:秒|分|小时|時間))/
/** `02:12:41`, and as .NET prints it with days: `22.14:18:12`. */
const colonSpan = /^(?:(\d{1,3})\.)?(\d{1,3}):(\d{2}):(\d{2})\b/

/** What the patterns of spaceless scripts cannot do without; most texts hold none of it. */
const spaceless = /[\u0080-\uFFFF]|morgen um |\bam \w{3,8}(?:tag|woch)\b/

function fromSpaceless(text: string, now: number, offset: number): number | undefined {
  if (!spaceless.test(text)) return undefined
  const date = dateAhead.exec(text)?.[1] ?? dateBehind.exec(text)?.[1]
  if (date !== undefined) return parseClock(date, { now, offset })
  const found = spacelessSpan.exec(text)
  return now + spanOf(found?.[1] ?? found?.[2] ?? "")
}

/** 0 for what is no span. Milliseconds. */
function spanOf(text: string): number {
  return parseDuration(text) ?? 0
}

function fromAnnouncement(rest: string, now: number, offset: number): number | undefined {
  const lead = filler.exec(rest)?.[0] ?? ""
  const after = rest.slice(lead.length)
  if (/\bless than a minute/.test(lead)) return now + 60_000
  // Hours begin at the same time in nearly every zone.
  const whole = spanOf(`1 ${/\btop of (?:the|each|every) (?:next )?(hour|minute)\b/.exec(lead)?.[1] ?? ""}`)
  if (whole > 0) return now - (now % whole) + whole
  const [, count = "", unit] = oneUnit.exec(rest) ?? []
  if (unit !== undefined) return now + spanOf(`1 ${unit}`) * (counts[count] ?? 1)
  const epoch = /^(\d{10}|\d{13})(?!\d)/.exec(after)?.[1]
  if (epoch !== undefined) return parseMoment(epoch, now)
  const [colons, days = 0, hours, minutes, seconds] = /\bin\b/.test(lead) ? (colonSpan.exec(after) ?? []) : []
  if (colons !== undefined)
    return now + (((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  const span = parseDuration(after)
  // `3pm` and `2026-…` are no spans, `20, 2026` after a month's name is none either.
  const isDay = namesDay(lead) && !/\bin (?:about )?$/.test(lead)
  if (span !== undefined && !isDay && !/\b(?:at(?! least)|on)\b[^\d]*$/.test(lead)) return now + span
  const isClock =
    /\b(?:at|on|until|to|um)\b|@/.test(lead) ||
    isDay ||
    /^\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9}\.?,? \d{4}/.test(after) ||
    /^\d{1,2}(?::\d\d)? ?[ap]m\b|^\d{4}-\d\d|^\d{1,2}\/\d{1,2}\/\d{4}/.test(after)
  if (!isClock && !/[a-z]{3,9}\.? $/.test(lead)) return undefined
  return parseClock(rest.slice(0, 90), { now, offset })
}

/**
 * When a provider's sentence says that it will be well again: "reset after 19h 24m 10s", "Resets in 6 days",
 * "try again at 4:33 PM", "将在 2026-08-19 02:14:39 重置".
 *
 * @param text lower case, lines of normalised white space
 * @param offset how far ahead of UTC times are that name no zone
 * @returns milliseconds since 1970, in the future, or `undefined`
 */
export function fromSentence(text: string, now: number, offset: number): number | undefined {
  for (const at of momentsIn(text, now, offset)) if (at !== undefined && at > now) return at
  return undefined
}

/** From the surest to the vaguest; what names no time is `undefined` or not in the future. */
function* momentsIn(text: string, now: number, offset: number): Iterable<number | undefined> {
  const assigned = assignment.exec(text)
  yield now + Number(assigned?.[2] ?? 0) * ((assigned?.[3] ?? assigned?.[1])?.trim() === "ms" ? 1 : 1000)
  yield Number(pipedEpoch.exec(text)?.[1] ?? 0) * 1000
  const reset = printed.exec(text)
  yield reset?.[1] === "at" ? parseMoment(reset[2] ?? "", now) : now + Number(reset?.[2] ?? 0) * 1000
  yield now + spanOf(beforeAgain.exec(text)?.[1] ?? "")
  for (const match of [...text.matchAll(announcement)].slice(0, mostAnnouncements)) {
    const start = match.index + match[0].length
    const at = fromAnnouncement(text.slice(start, start + 130), now, offset)
    ownPause.lastIndex = match.index
    yield (at ?? now) - now < ownPauseMs && ownPause.test(text) ? undefined : at
  }
  for (const match of text.matchAll(within))
    yield now + spanOf(text.slice(match.index + match[0].length, match.index + 60))
  yield fromSpaceless(text, now, offset)
  const [, rest = "", spacelessRest = ""] = left.exec(text) ?? []
  yield now + spanOf(rest || spacelessRest)
}
