/** Statuses that a text may carry. Others (1429, 34026) never match: the digits must stand alone. */
const status = "(40[0-9]|41[0-9]|42[0-9]|43[0-9]|451|49[0-9]|50[0-9]|52[0-9]|530|598|599)"
/** Not part of a decimal, a date, a range or an identifier, and not talked about ("error code 403 was returned"). */
const alone =
  "(?![\\w%]|[.,:/-]\\d| (?:was|were|is|are|has|have|had|means|items|records|lines|pages|files|tests)\\b)"

/**
 * What may follow digits at the start of a text. A number followed by any other word counts things:
 * "402 items found", "429 tests passed".
 */
const startWords =
  "too many|payment required|unauthorized|forbidden|(?:page )?not found|request (?:timeout|timed|entity|too|failed)|provider returned|api (?:error|is|key)|service (?:unavailable|temporarily|overloaded)|internal|bad (?:gateway|request)|gateway time|server (?:error|overloaded|is|had)|error|rate.?limit|insufficient|overloaded|upstream|origin|web server|client error|status code|quota exceeded|unknown error|invalid |litellm|please|you|your|no|the|this|that|there|an|it|we|our|all|access|authentication|billing|custom|cannot|could not|failed|exceeded|not |\\(no body\\)"

const anchored = [
  new RegExp(`^(?:error: )?${status}${alone}(?=$| ?[:;,<{[("'-]| (?:${startWords}))`, "m"),
  new RegExp(
    `\\b(?:http|https?/\\d(?:\\.\\d)?|status|status[ _-]?code|(?<!zip |area |postal |country |promo |discount |dial )code|\\w{0,40}error|exception|(?:\\w{1,40}\\.){1,6}\\w{1,40}(?=: ))["']? ?[:=]? ?["']?${status}${alone}`,
  ),
  new RegExp(
    `\\b(?:returned|responded with|responded|got|received)(?: an?)? ${status}${alone}(?=$| ?[:;,.)(]| (?:${startWords}))`,
  ),
  new RegExp(`(?<![\\w.\\])#])[[(](?:http |status |code |error )?${status}[\\])]`),
]

const relayed = new RegExp(
  `\\b(?:failed with|returned|responded with|answered with|replied with)(?: an?)? (?:http |http status |status |status code |error code |error )?(?:code )?:? ?${status}${alone}`,
)

/**
 * The supplier's status that a gateway quotes under a status of its own: "Request failed with status code 429",
 * "Upstream provider NIM returned HTTP 404".
 *
 * @param text lower case, white space collapsed
 */
export function relayedStatusInText(text: string): number | undefined {
  const digits = relayed.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/**
 * An HTTP status that a text names as one: at its start, right after HTTP, status, code or error, or in
 * brackets. Digits anywhere else (`1429`, `line 503`, ids, prices, dates) never count.
 *
 * @param text lower case, white space collapsed
 */
export function statusInText(text: string): number | undefined {
  for (const pattern of anchored) {
    const digits = pattern.exec(text)?.[1]
    if (digits !== undefined) return Number(digits)
  }
  return undefined
}
