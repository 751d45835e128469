import { parseMoment } from "./parse-moment.ts"

/** Words of a name that speak of when it goes on. */
const about = new Set(
  "retry retrying reset resets resetting wait cooldown backoff renew renews renewal refresh unlock unblock unblocked available recovery clears".split(
    " ",
  ),
)
/** Most names hold none of them. */
const mayBeAbout = new RegExp(["estimated_time", ...about].join("|"), "i")
/** Words that make it a number of something else, or a switch. */
const other = new Set(
  "count counts max maximum attempt attempts retries policy should able enabled limit limits number budget queue total used remaining left size credits type reason window token tokens id url strategy mode percent".split(
    " ",
  ),
)
/** Of those, what may be reset: `window_resets_at`, `limit_reset_in_seconds`. */
const whose = new Set(["limit", "window"])
/** What a bare number under such a name counts; without one its size tells. */
const units: Readonly<Record<string, number>> = {
  ms: 1,
  msec: 1,
  millis: 1,
  milliseconds: 1,
  s: 1000,
  sec: 1000,
  secs: 1000,
  seconds: 1000,
  min: 60_000,
  mins: 60_000,
  minutes: 60_000,
  hours: 3_600_000,
  days: 86_400_000,
}
/** Words that name a time or a span without saying in what. */
const times = new Set("at in after time timestamp until date delay next on for ts epoch".split(" "))

function wordsOfName(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .flatMap((word) =>
      word === "retryafter" ? ["retry", "after"] : word === "resettime" ? ["reset", "time"] : [word],
    )
}

/**
 * Reads a field or header by what its name means: `retryInSeconds`, `waitMs`, `next_reset_at`, `retry-after`,
 * `seconds_until_reset`. A bare small number counts only where the name says that it is a time.
 *
 * @returns milliseconds since 1970, in the future, or `undefined` for a field that speaks of something else
 */
export function momentOfField(name: string, value: string | number, now: number): number | undefined {
  if (!mayBeAbout.test(name)) return undefined
  // Hugging Face's time to load a model.
  const words = name === "estimated_time" ? ["wait", "seconds"] : wordsOfName(name)
  const first = words.findIndex((word) => about.has(word))
  if (first < 0 || words.some((word, place) => other.has(word) && !(place < first && whose.has(word))))
    return undefined
  const unit = words.map((word) => units[word]).find((factor) => factor !== undefined)
  const isBare = /^\d{1,9}(?:\.\d*)?$/.test(String(value).trim())
  if (isBare && unit === undefined && !words.some((word) => times.has(word))) return undefined
  const at = isBare && unit !== undefined ? now + Number(value) * unit : parseMoment(value, now)
  return at !== undefined && at > now ? at : undefined
}
