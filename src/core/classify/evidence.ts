import type { Failure } from "../verdict.ts"
import { clipText } from "./clip-text.ts"
import { codesInText, spellingsOf } from "./codes-in-text.ts"
import { innerKeys, isCodeKey, isTextKey, sameLevelKeys, skippedKeys, statusKey } from "./field-names.ts"
import { findObjects } from "./find-objects.ts"
import { refusesRequest } from "./http-statuses.ts"
import { quotesRequest } from "./is-validation.ts"
import { type Level, statusOf } from "./level.ts"
import { foldText, normalizeText, withoutTags } from "./normalize-text.ts"
import { parseJson } from "./parse-json.ts"
import { parseXml } from "./parse-xml.ts"
import { splitByStatus, withoutQuotedStatus } from "./status-in-text.ts"
import { unwrapText } from "./unwrap-text.ts"

/** What a failure says, taken out of all its wrappers in one pass. */
export type Evidence = {
  /** In the order of reading; see {@link Level.depth}. */
  readonly levels: readonly Level[]
  /** All texts, normalised, one per line or more. */
  readonly text: string
  /** Headers in lower case: the transport's own and those that stand in the body. */
  readonly headers: Readonly<Record<string, string>>
  /** Every object found, in bodies and inside their strings. */
  readonly roots: readonly object[]
}

type Draft = {
  readonly levels: Level[]
  readonly headers: Record<string, string>
  readonly roots: object[]
  nodesLeft: number
  textsLeft: number
  readonly seen: Set<string>
  /** What stands under a heading further down: a prompt, a page or a report. It tells a time at most. */
  readonly asides: string[]
}

const maxDepth = 14
const maxNodes = 2000
const maxTexts = 32
const maxCodeChars = 160

function newLevel(draft: Draft, outer: Level | undefined): Level {
  const level: Level = {
    depth: outer === undefined ? 0 : outer.depth + 1,
    fieldStatus: undefined,
    namedStatus: undefined,
    around: outer && (statusOf(outer) ?? outer.around),
    codes: [],
    textCodes: [],
    namesField: false,
    texts: [],
  }
  draft.levels.push(level)
  return level
}

function addHeaders(draft: Draft, headers: object): void {
  for (const [name, value] of Object.entries(headers).slice(0, 100)) {
    const key = name.toLowerCase()
    if (typeof value === "string" || typeof value === "number") draft.headers[key] ??= String(value)
  }
}

function addCode(level: Level, key: string, value: string | number): void {
  const code = String(value).trim()
  if (code === "" || code.length > maxCodeChars) return
  const status = /^(?:http[_-]?)?([45]\d\d)$/i.exec(code)?.[1]
  if (status !== undefined && statusKey.test(key)) level.fieldStatus ??= Number(status)
  // A sentence is no code.
  if (status === undefined && !(/\s/.test(code) && isTextKey(key))) level.codes.push(...spellingsOf(code))
  // Huawei writes `InferHub.ModelArts.81101.429`: the status is the last part.
  const dotted = /\.([45]\d\d)$/.exec(code)?.[1]
  if (dotted !== undefined) level.fieldStatus ??= Number(dotted)
}

const heading = /\n#{1,6} (?=\w)/
/** What ends so leaves it to what stands under the next heading to say what is wrong. */
const announces = /(?:^|\n)(?!.*valid)[^\n]{0,80}(?::|error|failed|failure|occurred)[.!]?$/i

/** One text of a level: its objects are levels further in, and so is what follows a status that it names. */
function addText(draft: Draft, level: Level, text: string): void {
  if (draft.textsLeft <= 0 || level.depth > maxDepth) return
  const trimmed = text.trim()
  const whole = parseJson(trimmed) ?? parseXml(trimmed)
  if (whole !== undefined) return addRoot(draft, whole, level)
  const message = unwrapText(text)
  const unwrapped = parseJson(message)
  if (unwrapped !== undefined) return addRoot(draft, unwrapped, level)
  if (message === "") return
  const clipped = foldText(clipText(message))
  if (draft.seen.has(clipped)) return
  draft.seen.add(clipped)
  draft.textsLeft -= 1
  const end = clipped.search(heading)
  const [first, below] = end === -1 ? [clipped, ""] : [clipped.slice(0, end).trimEnd(), clipped.slice(end)]
  const { objects, rest } = findObjects(withoutTags(first))
  const status = statusOf(level) ?? level.around
  const parts = splitByStatus(refusesRequest(status) ? withoutQuotedStatus(rest) : rest, status !== undefined)
  if (objects.length + parts.length > 1 && quotesRequest(status, parts[0]?.text ?? ""))
    return void level.texts.push(normalizeText(parts[0]?.text ?? ""))
  let inner = level
  for (const [index, part] of parts.entries()) {
    if (index > 0) inner = newLevel(draft, inner)
    if (part.status !== undefined) inner.namedStatus ??= part.status
    for (const code of codesInText(part.text)) inner.textCodes.push(code)
    const normal = normalizeText(part.text)
    if (normal !== "") inner.texts.push(normal)
  }
  for (const object of objects) addRoot(draft, object, inner)
  if (below === "") return
  if (announces.test(first)) addText(draft, newLevel(draft, inner), below)
  else draft.asides.push(normalizeText(below))
}

function addRoot(draft: Draft, root: object, outer: Level): void {
  const level = newLevel(draft, outer)
  const { textsLeft } = draft
  draft.roots.push(root)
  walk(draft, level, root)
  // Beside an error it is said of the account.
  if ("info" in root && typeof root.info === "string" && draft.textsLeft === textsLeft)
    addText(draft, level, root.info)
}

function walkLeaf(draft: Draft, level: Level, key: string, value: string | number): void {
  if (key === "param") {
    if (typeof value === "string" && value.trim() !== "") {
      // one-api: `bad_response_status_code` with the supplier's status as `param`.
      if (/^[45]\d\d$/.test(value)) level.fieldStatus = Number(value)
      else if (!"null".startsWith(value.toLowerCase()) && value.toLowerCase() !== "model")
        level.namesField = true
    }
    return
  }
  if (innerKeys.has(key) && typeof value === "string") return addText(draft, newLevel(draft, level), value)
  if (isCodeKey(key)) addCode(level, key, value)
  if (typeof value === "string" && isTextKey(key)) addText(draft, level, value)
}

function walkItem(draft: Draft, level: Level, key: string, value: unknown): void {
  if (draft.nodesLeft <= 0 || level.depth > maxDepth) return
  draft.nodesLeft -= 1
  if (typeof value === "string" || typeof value === "number") return walkLeaf(draft, level, key, value)
  if (typeof value !== "object" || value === null) return
  if (key === "param" || key === "loc") {
    // Vercel: `{ "modelId": … }`; FastAPI: `["body", "model"]`
    const names: readonly unknown[] = Object.entries(value).flat()
    if (!names.some((name) => typeof name === "string" && name.startsWith("model"))) level.namesField = true
    return
  }
  if (Array.isArray(value)) {
    for (const item of value.slice(0, 50)) walkItem(draft, level, key, item)
    return
  }
  if (key === "headers" || key === "responseheaders") return addHeaders(draft, value)
  walk(draft, sameLevelKeys.has(key) ? level : newLevel(draft, level), value)
}

function walk(draft: Draft, level: Level, object: object): void {
  const fields = Object.entries(object)
    .slice(0, 200)
    .map(([name, item]): [string, unknown] => [name.toLowerCase(), item])
    .filter(([key]) => !skippedKeys.has(key))
  // Its status first: what its texts name is then told apart from it.
  for (const isStatus of [true, false]) {
    for (const [key, item] of fields) {
      if ((statusKey.test(key) || key === "param") === isStatus) walkItem(draft, level, key, item)
    }
  }
}

/** AWS names its exceptions in headers, `Exception:http://internal…` or bare, and calls them types elsewhere. */
function addHeaderCodes(draft: Draft, level: Level): void {
  for (const name of ["x-amzn-errortype", ":exception-type", "x-ms-error-code", "x-error-code"]) {
    const value = draft.headers[name]
    if (value !== undefined) addCode(level, "", value.split(":", 1)[0] ?? "")
  }
}

function gather(failure: Failure): Evidence {
  const draft: Draft = {
    levels: [],
    headers: {},
    roots: [],
    nodesLeft: maxNodes,
    textsLeft: maxTexts,
    seen: new Set(),
    asides: [],
  }
  const outer = newLevel(draft, undefined)
  if (failure.status !== undefined && failure.status >= 300) outer.fieldStatus = failure.status
  if (failure.headers !== undefined) addHeaders(draft, failure.headers)
  if (failure.code !== undefined) addCode(outer, "code", failure.code)
  if (failure.name !== undefined) addCode(outer, "name", failure.name)
  if (failure.body !== undefined) addText(draft, outer, failure.body)
  if (failure.message !== undefined) addText(draft, outer, failure.message)
  addHeaderCodes(draft, outer)
  const { levels, headers, roots, asides } = draft
  return { levels, text: [...levels.flatMap(({ texts }) => texts), ...asides].join("\n"), headers, roots }
}

let latest: { readonly failure: Failure; readonly evidence: Evidence } | undefined

/** Reads a failure once: who asks again right after, as `fallsBack` does after `classify`, is given the same evidence. */
export function gatherEvidence(failure: Failure): Evidence {
  if (latest?.failure !== failure) latest = { failure, evidence: gather(failure) }
  return latest.evidence
}
