/** Longer than this is no message. */
export const maxChars = 65_536

const entities: Readonly<Record<string, string>> = {
  quot: '"',
  "#34": '"',
  "#39": "'",
  "#x27": "'",
  amp: "&",
  lt: "<",
  gt: ">",
}
const entity = /&(quot|#34|#39|#x27|amp|lt|gt);/g

export function withoutEntities(text: string): string {
  return text.replaceAll(entity, (_, name: string) => entities[name] ?? "")
}

/** How a line of a stack ends: with a place in a file, a place without one, or a method with its arguments. */
const place = [
  String.raw`(?:\.\w{1,5}|[/\\][\w-]{1,80}|node:\w{1,40}|native|<anonymous>):(?:line )?\d{1,7}(?::\d{1,7})?\)?`,
  String.raw`\((?:native(?: code)?|<anonymous>|index \d{1,4}|Native Method|Unknown Source)\)`,
  String.raw`\w\.[\w$<>]{1,80}\([^()\n]{0,200}\)`,
].join("|")

/** All that `^` and `$` take for the end of a line. */
const lineEnds = /\r\n?|[\u2028\u2029]/g

/** Where a program failed: lines of JavaScript, Java and C# (`at …`), and Python's with the code that they show. */
const frames = new RegExp(
  String.raw`^[^\S\n]*at [^\n]{1,400}(?<=${place})$\n?|^.{0,40}Traceback \(most recent call last\):\n|^[^\S\n]*File "[^"\n]{1,300}", line \d+, in [^\n]*\n(?:[^\S\n]+(?!File ")[^\n]*\n){0,4}`,
  "gm",
)

/** Colours of a terminal, and what no reader sees. */
const unseen = new RegExp(
  String.raw`\u001B?\[\d{1,3}(?:;\d{1,3}){0,5}m(?!\])|\u001B\[[\d;]{0,20}[A-Za-z]|[\u00AD\u200B\u2060\uFEFF]`,
  "g",
)

/** Markdown around the whole of a message; words in a fence are a program's or a manual's. */
const fence = /^```\w{0,20}\n(\{.*\})\n```$/s
const codeSpan = /^`([^`]+)`$/
const strong = /^\*\*(.*)\*\*$/s
const cited = /^> ?/gm

/** Bullets, boxes and pictures of a terminal. */
const ornament =
  /^(?:[\p{So}\p{Cf}\uFE0F\u2022\u203A\u2500-\u257F\u2717]\s*)+|(?<![\s\u2500-\u257F])\s*[\u2500-\u257F]+$/gu

const level = "(?:ERROR|WARN|WARNING|FATAL|CRITICAL)"
/** A line of a log: `2026-11-25T18:00:00Z ERROR …`, `[2026-11-25 18:00:00,123] [ERROR] provider.py:88 - …`; whom a gateway asked: `[openai/gpt-5.2] …`. */
const logged = new RegExp(
  String.raw`^(?:[[(]?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z| ?[+-]\d\d:?\d\d)?[\])]?\s+[[(]?${level}\b[\])]?|[[(]${level}[\])]|${level}(?= \|))[\s:|-]*(?:[[(]?[\w./:-]{1,80}[\])]?:? - )?|^\[[\w.-]{1,40}/[\w./:@-]{1,80}\] (?=[^[\s])`,
)

/** "API error", "Upstream request failed". */
const failed =
  "(?:(?:api|llm|model|provider|upstream|http|client|server|unexpected|chat) )?(?:error(?: occurred)?|(?:request|call) (?:error|failed|failure)|failed|failure)"
/** "Failed to call the model", "An error occurred while generating a response". */
const failedTo =
  "(?:(?:failed|unable) to|could not|error(?: occurred)? (?:while|when|during)|error(?= calling| invoking)) (?:call|invok|quer|run|runn|process|generat|complet|get|gett|send|execut|creat|mak)(?:e|y|ing)?(?: (?:an?|the|your|to|from|of|for|with|in|response|completion|chat|message|request|model|llm|ai|api|provider|upstream|answer|reply|text|content|stream|inference|endpoint|call)){0,6}"
/** What says no more than that something follows; of an abort it says whose it was. */
const heading = new RegExp(
  String.raw`^(?!.{0,80}\b(?:upstream|provider|server|stream) [^:]{0,40}: .{0,60}\b(?:abort|cancel))(?:(?:an? |the )?(?:${failed}|${failedTo}): +){1,4}(?=\S)(?![a-z]+$)(\d?)`,
  "i",
)

/** For who looks into it. */
const requestId = /(?:(?<!\s)\s*\(|[.,;!|]\s+)(?:request|trace|req)[ _-]?id:? ?[\w.-]{6,80}\)?$/i

/** What the AI SDK missed in an answer: that is no refused request. */
const missed =
  /^((?:AI_\w+: )?(?:Type validation failed: Value|JSON parsing failed: Text): .*?)\.\nError message: .*$/s

/** `"…"`, `'…'` and Python's `b'…'`: a text that was printed as a string once more. */
const literal = /^b?(["'])(.+)\1$/s

function withoutEscapes(text: string): string {
  return text.replaceAll(/\\(["'\\n])/g, (_, char: string) => (char === "n" ? "\n" : char))
}

/** Python's bytes behind something: `Error code: 500 - b'…'`. */
const bytesBehind = /(?<=[:-] )b(["'])/

function withoutQuotes(text: string): string {
  const [, quote = "", inner = ""] = literal.exec(text) ?? []
  const bytes = quote === "" ? bytesBehind.exec(text) : null
  if (bytes !== null && text.endsWith(bytes[1] ?? ""))
    return text.slice(0, bytes.index) + withoutEscapes(text.slice(bytes.index + 2, -1))
  const isOne = quote !== "" && !inner.replaceAll(`\\${quote}`, "").includes(quote)
  return isOne ? withoutEscapes(inner) : text
}

/** Line ends that were printed as they are written; what is said twice, as by a cause, is said once. An object's lines may be alike. */
function withOwnLines(text: string): string {
  if (text.includes("{")) return text.replace(/\\n$/, "")
  const lines = text.replaceAll(/(?:\\r)?\\n/g, "\n").split("\n")
  const said = new Set<string>()
  return lines.filter((line) => line.trim() === "" || said.size !== said.add(line).size).join("\n")
}

/** A terminal's or an editor's line ends where the sentence goes on. */
const wrapped = /(?<=[\p{L}\p{N},])[^\S\n]*\n[^\S\n]*(?=\p{Ll})/gu

/**
 * A message without what clients, logs and terminals put around it: stack traces, ornaments, a log's date and level,
 * quotes, colours, Markdown, headings, HTML's escapes, the blanks and the ends of lines that a column needs.
 */
export function unwrapText(text: string): string {
  if (text.length > maxChars) return text.trim()
  const plain = withoutEntities(text.replaceAll(unseen, "")).replaceAll(lineEnds, "\n").replaceAll(frames, "")
  const bare = plain
    .trim()
    .replace(fence, "$1")
    .replace(codeSpan, "$1")
    .replace(strong, "$1")
    .replaceAll(cited, "")
  const said = bare.replaceAll(ornament, "").replace(logged, "").replace(requestId, "").replace(missed, "$1")
  return withOwnLines(withoutQuotes(said))
    .replace(/(?<![.!…])[.!…]{1,9}$/, "")
    .replaceAll(wrapped, " ")
    .replaceAll(/[^\S\n]{2,}/g, " ")
    .replace(heading, (_, digit: string) => (digit === "" ? "" : `Error: ${digit}`))
    .trim()
}
