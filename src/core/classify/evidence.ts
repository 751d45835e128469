import { clipText } from "./clip-text.ts"
import type { Failure } from "../verdict.ts"
import { parseEmbeddedJson, parseJson } from "./parse-json.ts"

/** What a failure says, taken out of all its wrappers. */
export type Evidence = {
  /** Codes, types, reasons and names in lower case, outermost first. Includes numbers that are no HTTP status. */
  readonly codes: ReadonlySet<string>
  /** Those of {@link codes} that stand in fields, not in running text. */
  readonly fieldCodes: ReadonlySet<string>
  /** HTTP statuses that stand in fields of the body, outermost first. */
  readonly statuses: readonly number[]
  /** Clipped texts as received. */
  readonly texts: ReadonlySet<string>
  /** Headers in lower case: the transport's own and those that stand in the body. */
  readonly headers: Readonly<Record<string, string>>
  /** Every JSON value found, in bodies and inside their strings. */
  readonly roots: readonly object[]
}

type Draft = {
  readonly codes: Set<string>
  readonly fieldCodes: Set<string>
  readonly statuses: number[]
  readonly texts: Set<string>
  readonly headers: Record<string, string>
  readonly roots: object[]
  nodesLeft: number
  parsesLeft: number
}

const maxDepth = 14
const maxNodes = 2000
const maxParses = 12
const maxTexts = 32
const maxCodeChars = 160

const codeKeys = new Set(
  "code type status reason error name title kind error_code errorcode err_code error_type errortype statuscode status_code statustext http_status httpstatus http_code raw_status_code __type exception exceptiontype blockreason finishreason finish_reason error_name quotaid".split(
    " ",
  ),
)

/** Fields whose three digits are an HTTP status. */
const statusKeys = new Set(
  "code status statuscode status_code http_status httpstatus http_code raw_status_code error_code errorcode err_code".split(
    " ",
  ),
)

/** `limit` and its kin are not texts: `metadata` and `details` are walked for what they hold. */
const textKeys = new Set(
  "message msg error error_msg errormessage error_message err_msg detail details title description statustext status_msg reason raw responsebody body text value cause lasterror error_description quotaid quotametric limitname uimessage response data errors".split(
    " ",
  ),
)

/** What the request said is no evidence: validators echo it. A stack names files and lines. */
const skippedKeys = new Set(
  "input messages prompt content request requestbody requestbodyvalues stack tools param loc ctx url request_id requestid".split(
    " ",
  ),
)

function addHeaders(draft: Draft, headers: object): void {
  for (const [name, value] of Object.entries(headers).slice(0, 100)) {
    const key = name.toLowerCase()
    if (typeof value === "string" || typeof value === "number") draft.headers[key] ??= String(value)
  }
}

function addCode(draft: Draft, key: string, value: string | number): void {
  const code = String(value).trim().toLowerCase()
  if (code === "" || code.length > maxCodeChars) return
  if (/^[45]\d\d$/.test(code)) {
    if (statusKeys.has(key)) draft.statuses.push(Number(code))
  } else {
    draft.codes.add(code)
    draft.fieldCodes.add(code)
  }
  // Huawei writes `InferHub.ModelArts.81101.429`: the status is the last part.
  const dotted = /\.([45]\d\d)$/.exec(code)?.[1]
  if (dotted !== undefined) draft.statuses.push(Number(dotted))
}

/** Pairs in text that only resembles JSON: Python dictionaries, cut bodies, bytes. */
const loosePair =
  /["'](code|type|status|status_code|statusCode|reason|error_code|error_type|:?exception-type|__type)["']\s{0,4}:\s{0,4}["']?([\w.:#/-]{1,120})/g

/** Four or five digits where a vendor puts its own code: `insufficient balance (1008)`, `[1302]`, `code: 1113`. */
const businessCode = /(?:(?<!\w)[[(]|\bcode["']? ?[:=]? ?["']?|错误码 ?[:：]? ?)(\d{4,5})(?![\w.,-]\d|\w)/g

/**
 * Words that can only be identifiers: `snake_case`, `CamelCase`, `dotted.Codes`, `ECONNREFUSED`. In quotes within
 * a sentence they are what a validator echoes: "Invalid value: 'rate_limit_error'".
 */
const identifier =
  /(?<!\s['`])(?:\b[A-Za-z][A-Za-z0-9]{0,60}[_.][\w.]{1,100}|\b[A-Za-z][a-z]{1,60}[A-Z]\w{1,100}|\bE[A-Z]{3,16}\b)/g

function addRoot(draft: Draft, root: object, depth: number): void {
  draft.roots.push(root)
  walk(draft, root, "", depth + 1)
}

function addText(draft: Draft, text: string, depth: number): void {
  const trimmed = text.trim()
  if (trimmed === "" || draft.texts.size >= maxTexts) return
  if (draft.parsesLeft > 0 && trimmed.includes("{")) {
    draft.parsesLeft -= 1
    const whole = parseJson(trimmed)
    if (whole !== undefined) return addRoot(draft, whole, depth)
    const part = parseEmbeddedJson(trimmed)
    if (part !== undefined) addRoot(draft, part, depth)
  }
  const clipped = clipText(trimmed)
  if (draft.texts.has(clipped)) return
  draft.texts.add(clipped)
  if (clipped.includes('"') || clipped.includes("'")) {
    for (const match of clipped.matchAll(loosePair))
      addCode(draft, (match[1] ?? "").toLowerCase(), match[2] ?? "")
  }
  for (const match of clipped.matchAll(businessCode)) draft.codes.add(match[1] ?? "")
  for (const match of clipped.matchAll(identifier)) draft.codes.add(match[0].toLowerCase().replace(/\.$/, ""))
}

function walkLeaf(draft: Draft, value: string | number, key: string, depth: number): void {
  if (codeKeys.has(key)) addCode(draft, key, value)
  if (typeof value === "string" && (key === "" || textKeys.has(key))) addText(draft, value, depth)
}

function walk(draft: Draft, value: unknown, key: string, depth: number): void {
  if (draft.nodesLeft <= 0 || depth > maxDepth) return
  draft.nodesLeft -= 1
  if (typeof value === "string" || typeof value === "number") return walkLeaf(draft, value, key, depth)
  if (typeof value !== "object" || value === null) return
  if (Array.isArray(value)) {
    for (const item of value.slice(0, 50)) walk(draft, item, key, depth + 1)
    return
  }
  if (key === "headers" || key === "responseheaders") addHeaders(draft, value)
  for (const [name, item] of Object.entries(value).slice(0, 200)) {
    const lower = name.toLowerCase()
    if (!skippedKeys.has(lower)) walk(draft, item, lower, depth + 1)
  }
}

/** AWS names its exceptions in headers, `Exception:http://internal…` or bare, and calls them types elsewhere. */
function addHeaderCodes(draft: Draft): void {
  for (const name of ["x-amzn-errortype", ":exception-type", "x-ms-error-code", "x-error-code"]) {
    const value = draft.headers[name]
    if (value !== undefined) addCode(draft, "", value.split(":", 1)[0] ?? "")
  }
}

export function gatherEvidence(failure: Failure): Evidence {
  const draft: Draft = {
    codes: new Set(),
    fieldCodes: new Set(),
    statuses: [],
    texts: new Set(),
    headers: {},
    roots: [],
    nodesLeft: maxNodes,
    parsesLeft: maxParses,
  }
  if (failure.headers !== undefined) addHeaders(draft, failure.headers)
  if (failure.code !== undefined) addCode(draft, "code", failure.code)
  if (failure.name !== undefined) addCode(draft, "name", failure.name)
  if (failure.body !== undefined) addText(draft, failure.body, 0)
  if (failure.message !== undefined) addText(draft, failure.message, 0)
  addHeaderCodes(draft)
  return draft
}
