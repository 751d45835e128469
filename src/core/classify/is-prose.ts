import { reason } from "./status-in-text.ts"

/** What people write about limits and keys; errors state them. */
const topic =
  "(?:rate[- ]?limit\\w*|quotas?|429|402|503|529|overload\\w*|billing|context (?:overflow|window|length|limit)|time-?outs?|credits?|balance|payments?|api keys?|auth\\w*|usage limits?|(?:http )?errors?)"

/**
 * A clause that begins with talk of a subject: "when the rate limit is exceeded", "tests for the quota",
 * "we're debugging context overflow issues". The bounds keep it to the first clause: what follows a full stop or
 * a colon may be advice after a real error.
 */
const aboutTopic = new RegExp(
  `^[^.!?:;,\\n]{0,80}\\b(?:when|whenever|if|once|handl(?:e|es|ed|ing)|tests?|about|how|why|investigat\\w+|debug\\w*|implement\\w*|explain\\w*|describ\\w+|review\\w*|refactor\\w*|document(?:s|ed|ing)|mentions?|contains? the words?|simulat\\w+|(?:i|we|let's|will|should) (?:add|fix|update|write|create|change|check)(?:ed|ing|s)?)\\b(?: [\\w'-]{1,30}){0,5}? ${topic}\\b`,
)
/** Fixed words of real errors that the clause above would take for talk. */
const stated =
  /\b(?:error occurred|an error|failed (?:to|with|after|while)|please|exception|unable to|could not|you (?:have|'ve)|you've|your?|has been|have been)\b/
const question =
  /^(?:how|what|why|where|when|which|can|could|should|would|is|are|do|does|did) [^\n]{1,300}\?$|\b(?:can|could|would|should) (?:you|we|i)\b[^\n?]{0,200}\?$|[吗么呢][?？]$|为什么|^帮我|^(?:[-*] )?(?:¿|(?:скажи|подскажи|как|какой|что|почему|зачем|когда|бывает|wie|warum|wieso|welche[rs]?|wann|comment|pourquoi|quel(?:le)?s?|quand|como|que|qual|quando|por que|perche)[ ,])[^\n]{1,300}\?$/

const note =
  /\n#{1,6} \w|^(?:(?:please )?(?:translate|summari[sz]e|explain|rename|rewrite|refactor|write an?|draft|describe) |- \[[ x]\] |请?把|(?:todo|fixme|note to self)\b|#{1,6} |\| |(?:fix|feat|chore|docs|test|refactor|perf|style|ci|build)(?:\([^)]{1,40}\))?!?: |[\w./@-]{1,120}\.[a-z]{1,4}:\d+:|(?:throw new|raise) \w+\(|(?:export |public |private |static )*(?:const|let|var|val|final) [\w$]+(?: ?: ?[\w<>[\]]+)? ?=|insert into \w|(?:export )?(?:async )?(?:function|class|def|fn|func) \w+ ?[({:])/
/** Who weighs what a failure may be has none: "a 429 can be a rate limit or a spent quota". */
const weighed = new RegExp(
  `^(?:an? |the |this |that )?(?:${topic} ?){1,3}(?:can|may|might|could) (?:also )?(?:be|mean|indicate)\\b[^.!?\\n]{0,60}\\bor\\b`,
)
/** "当余额不足时，…": what is done in a case. 当前 is "now". */
const inCase = /(?:^|[，。\s])当(?!前)[^，。\n]{1,30}(?:时|的时候)[，,]/
/** Who tells: "having the same issue", "user reported that …", "…, so I added a retry", "the cap usually resets" (but "overloaded — usually for a moment"). A provider says "we" at most. */
const teller =
  /^(?:also |still |i am |i'm )?(?:having|seeing|getting|facing|hitting) (?:this|the same) (?:issue|problem|error)\b|^same (?:here|issue|problem)\b|^(?:the |an? |some |many )?(?:users?|customers?|people|someone|testers?) (?:(?:report|sa(?:y|id)|complain|mention|notice)\w*|quot(?:e[sd]?|ing))\b|^(?:(?! - )[^.!?:;,\n(|–—]){0,60}\b(?:always|usually|typically|generally|normally|sometimes)\b|\beven though (?:i|the|my|it|there|we)\b|\bi(?:'ve| have)? (?:looked|checked|added|fixed|wrote|changed|updated|implemented|handled|tested|removed|noticed)\b/
/** Node's codes of the file system and what git, npm, docker and databases print: the user's own tools, never a provider. */
const ownTools =
  /^\w{1,20}: (?:cannot \w+ )?['"`]?(?!\/(?:v\d|api)\b)(?:\.{0,2}|~)\/[^:\n]{1,200}: (?:permission denied|operation not permitted|no such file or directory|(?:is a|not a) directory|directory not empty|file exists|file too large|read-only file system|no space left on device|disk quota exceeded|text file busy|device or resource busy|too many (?:open files|levels of symbolic links)|cannot execute)|^(?:[\w-]{1,20}: )?(?:(?:eacces|eperm|enoent|enospc|edquot|emfile|enfile|erofs|eisdir|enotdir|eexist|e2big): |file not found\b|no such file|fatal: |remote: |npm (?:err!|error)(?=\s|$)|(?:gh|docker|psql|kubectl|stdin|stdout|(?:ba|da|fi|z)?sh): |assert |(?:type|reference)error: (?:cannot read propert|\S{1,60} is not (?:a function|defined|iterable))|error \d{4} \([\da-z]{5}\))/

/** A call that ends a statement, a comment in front of a line, a function's head; a fence, a table, a program's options. */
const sourceCode =
  /^[45]\d\d => ["'`][^"'`\n]*["'`][,.]|(?:[a-z_]|! ?)\([^()\n]{0,60}\) ?;|^\/\/ |\n\/\/ |; \/\/ |\b(?:fn|func|def|function) \w+ ?[(<]|\bclass \w+ (?:extends|implements) |\bselect .{1,80} from \w+ where\b|^(?:diff --git |@@ -\d|```)|\n\|[ :]?---|\n-\w, --\w/

/** Whether a text is a part of a program or of its manual, whatever its names and comments speak of. @param text as {@link isProse}'s */
export function isSourceCode(text: string): boolean {
  return ["(", "// ", "--", "```", "=>"].some((sign) => text.includes(sign)) && sourceCode.test(text)
}

/**
 * Whether a text without any structure talks about failures instead of reporting one: a prompt, a note, a
 * tool's output. The caller asks only when neither a status nor a code came with the text.
 *
 * @param text lower case, white space collapsed
 */
export function isProse(text: string): boolean {
  if ([question, note, teller, weighed, ownTools, inCase, sourceCode].some((pattern) => pattern.test(text)))
    return true
  const clause = aboutTopic.exec(text)?.[0]
  return clause !== undefined && !stated.test(clause)
}

/** Who lists statuses speaks of none of them: "429/503", "402, 403 or 429", one a line with more than its name. */
const listed = new RegExp(
  String.raw`^[-*] (?:http )?[45]\d\d\b(?!:? ${reason}\n)[^\n]*\n[-*] (?:http )?[45]\d\d\b|(?<![\w.,-])[45]\d\d(?: ?[/,|、] ?| (?:or|and|und|et|y|или|и) |[和或])[45](?:\d\d|xx)(?![\w-]|\.\d)|[(（][45]\d\d[)）][、,，/・][^()（）\d]{1,12}[(（][45]\d\d[)）]`,
  "i",
)
/** "reports it as a 429", "all HTTP 429 responses", "these 429s" (but "in 503s"), "返回 429 时": what statuses are used for. */
const told =
  /(?<!\b(?:in|after|for|wait|took|of|than|is|was) |[=:.,] ?)\b[45]\d[1-9]s\b|\b(?:all|any|every|each) (?:http )?[45]\d\d\b|^[45]\d\d = |^(?:an? |the )?(?:http )?[45]\d\d(?: errors?| responses?)? (?:can|may|might|could) (?:also )?(?:be|mean|indicate)\b|\bas (?:an? |the |http ){0,2}[45]\d\d\b|(?:返回|遇到|出现|收到) ?(?:http ?)?[45]\d\d ?(?:时|的时候|后|则|就)/i
/** An error names its status in its first words. */
const statusLimit = 1_000

/** Whether a text, as it stood, tells what statuses are used for or asks about them, instead of naming its own. */
export function talksOfStatuses(text: string): boolean {
  const start = text.slice(0, statusLimit)
  return listed.test(start) || told.test(start) || question.test(start.toLowerCase())
}
