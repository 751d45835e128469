import { withoutEchoes } from "./words/mark-clauses.ts"

/** Statuses that a text may carry. Others (1429, 34026) never match: the digits must stand alone. */
const status = "(40[0-9]|41[0-9]|42[0-9]|43[0-9]|446|451|49[0-9]|50[0-9]|52[0-9]|530|598|599)"
/** Not part of a decimal, a date, a range or an identifier, and not talked about ("error code 403 was returned"). */
const alone =
  "(?![\\w%@]|[.,:/-]\\d| (?:was|were|is|are|has|have|had|means|items|records|lines|pages|files|tests)\\b)"

/** RFC 9110's phrases and what servers write in their place: a number in front of one is a status anywhere. */
export const reason =
  "(?:too many requests|payment required|unauthori[sz]ed|forbidden|method not allowed|(?:page )?not found|request time-?out|(?:request entity|payload|content) too large|service (?:temporarily )?unavailable|internal server error|bad gateway|bad request|gateway time-?out|unprocessable (?:entity|content)|site is overloaded|web server is)"

/** Numbers followed by any other word count things: "402 items found", "429 tests passed". */
const startWords = `${reason}|provider returned|api (?:error|is|key)|service overloaded|server (?:error|overloaded|is|had)|request (?:timed|failed|too)|error|internal|rate.?limit|insufficient|overloaded|upstream|origin|client error|status code|quota exceeded|unknown error|invalid |litellm|please|your?\\b|(?:no|the|this|that|there|an|it|we|our|all)\\b|access|authentication|billing|custom\\b|cannot|could not|failed|exceeded|not |requests to |\\(no body\\)|[^\\x00-\\x7f]`

/** "Error", "code" and "status" where digits follow them, as providers and gateways write them. */
const names =
  "(?:https?/\\d(?:\\.\\d)?|\\w{0,40}status(?:[ _-]?code)?|(?<!zip |area |postal |country |promo |discount |dial |exit )code|\\w{0,40}(?:error|exception)|\\w{0,20}fehler(?:code)?|\\w{0,20}fout(?:code)?|erreur|codigo|errore?|kod|bład|hata|код|ошибк[аи]|статус|(?:\\w{1,40}\\.){1,6}\\w{1,40}(?=: ))"
const cjkNames =
  "(?:状态码?|错误码?|錯誤碼?|狀態碼?|返回码?|代码|报错|エラー(?:コード)?|ステータス(?:コード)?|コード|오류(?: ?코드)?|에러|상태 ?코드|코드)"

const relayVerbs =
  "(?:failed with|failed:?|returned|responded with|answered(?: with)?|replied with|responded|received|got|antwortet mit|返回了?)"

/** Where digits are a status whatever is known already: a gateway says so of its supplier. */
const strong = [
  `^(?:error: )?[[(]?${status}[\\])]?${alone}(?=$| ?[:;,<{["'\`·-]| (?:${startWords}))`,
  `\\b${relayVerbs}(?: (?:an?|with))? ?(?:http )?(?:error |status )?(?:code )?:? ?${status}${alone}(?=$| ?[:;,.)({[-]| (?:${startWords}|while \\w+ing|for (?=\\S{0,60}\\d)[\\w./:@-]{3,60}(?:[,;)]|$)))`,
  `\\bhttp(?: status| error)?[ _]?[:=]? ?${status}${alone}(?=[:,]| [-–—({[]| from (?!(?:the|my|our|an?) )[\\w -]{2,40}:|[.]?$)`,
  `(?<![\\w.#])\\[${status}\\](?=:)`,
  `[[(](?:http |status(?: code)?:? )${status}[\\])]`,
  `(?<![\\w.,/#-])${status}(?= [("“]?(?:${reason}|status code)\\b|, message=)`,
]
/** What a client fetches for a request, or as its answer; a token that is refused with 400 says more than the status. */
const fetched =
  "^failed to (?:get|fetch|refresh|exchange|obtain|load|list) (?:[a-z-]+ ){0,4}(?:tokens?|keys?|credentials|session|models?|model list|completions?|response)"
/** Where digits are a status as long as none is known. */
const weak = [
  `(?<![\\p{L}\\p{N}])${names}["']?(?: (?:code|status|d'erreur|de error|error|was|of))?["']?[,:=#]?(?: ?[:=#])? ?["'(]?${status}${alone}`,
  // "HTTP 429" stands in prose, too: there the sentence goes on.
  `\\bhttp[ _]?[:=]? ?${status}${alone}(?=$|[:;,.)\\]}"'-]| [-–—({[|·]| ${reason}|(?: [^\\s.]+){1,3}[.]?$)`,
  `\\): ${status}(?= (?:${startWords}))`,
  `${cjkNames} ?[:=は]? ?["']?${status}${alone}`,
  `(?<![\\w.\\])#])[[(](?:(?:http|status|code|error|${cjkNames.slice(3, -1)}|ошибка|fehler|erreur) ?){0,2}:? ?${status}[\\])]`,
  `\\bfailed,? (?:with )?${status}[.]?$|${fetched}: (?!400)${status}[.]?$`,
]

/** Made for the first failure, and not for the first prompt, which would wait 1.5 ms for them. */
let patterns: Readonly<Record<"strong" | "any", RegExp>> | undefined
const patternOf = (ways: readonly string[]): RegExp => new RegExp(ways.join("|"), "gimu")

/** The phrase that belongs to the status says nothing more. */
const phraseAfter = new RegExp(
  `^[\\])]?[ :(-]{0,3}${reason}(?=$|[^\\p{L}\\p{N} ]| [^\\p{L}]| with (?:message|body):)`,
  "iu",
)
/** What belongs to the text before: an exception's name is more than the word "error" (`AccountOverdueError: 403`), and a verb ("token exchange failed: 400"). */
const saidBefore = /^(?:\w+(?:error|exception)(?=\W)|failed)/i
const possible = /(?<!\d)[45]\d\d(?!\d)/

/** A status in a code span is quoted: "fails with `API Error: 529 Overloaded`". */
function isInCodeSpan(text: string, at: number): boolean {
  return text.slice(0, at).split("`").length % 2 === 0
}

export type StatusPart = {
  readonly text: string
  /** The status that the text names in front of this part. */
  readonly status: number | undefined
}

const quotedStatus = /["'][^"']*\b[45]\d\d\b/

/** Without what a text quotes, where that holds a status: a refused request is quoted with what it holds. */
export function withoutQuotedStatus(text: string): string {
  return quotedStatus.test(text) ? withoutEchoes(text) : text
}

/**
 * Splits a text at the HTTP statuses that it names as such: at its start, after HTTP, error, code or status in
 * the languages of providers, in brackets, in front of a reason phrase. Digits anywhere else (`1429`, `line 503`,
 * ids, prices, dates) never count.
 *
 * @param known whether a status stands around the text: then only a relayed one counts
 */
export function splitByStatus(text: string, known: boolean): readonly StatusPart[] {
  if (!possible.test(text)) return [{ text, status: undefined }]
  const parts: StatusPart[] = []
  let from = 0
  let last: number | undefined
  patterns ??= { strong: patternOf(strong), any: patternOf([...strong, ...weak]) }
  for (const match of text.matchAll(known ? patterns.strong : patterns.any)) {
    const digits = match.slice(1).find((group) => group !== undefined)
    if (digits === undefined || isInCodeSpan(text, match.index)) continue
    const named = saidBefore.exec(match[0])?.[0] ?? ""
    const before = text.slice(from, match.index + named.length).trim()
    if (before !== "" || last !== undefined) parts.push({ text: before, status: last })
    last = Number(digits)
    from = match.index + match[0].length
    from += phraseAfter.exec(text.slice(from, from + 60))?.[0].length ?? 0
    if (parts.length >= 6) break
  }
  parts.push({ text: text.slice(from).trim(), status: last })
  return parts
}
