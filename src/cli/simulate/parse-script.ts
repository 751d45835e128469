import type { Failure } from "../../core/verdict.ts"
import { parseSpan } from "../terminal/parse-span.ts"
import type { Result } from "../terminal/result.ts"

export type FailureStep = {
  readonly type: "failure"
  /** A model, or a provider id: then any of its models. */
  readonly target: string
  /** How many requests in a row fail so. */
  readonly times: number
  readonly failure: Omit<Failure, "provider">
  readonly text: string
}

/** One step of a script, with the text it was written as. */
export type ScriptStep =
  | FailureStep
  /** The turn ends; after `ms` the user sends the next prompt. */
  | { readonly type: "next"; readonly ms: number; readonly text: string }

/** Most failures in a row; no chain is as long. */
const mostTimes = 100

/** Reads `alpha/one: 429 retry-after 60; beta: 401; +90s`. Steps are divided by `;` or line feeds; one that starts with `#` is a comment. */
export function parseScript(text: string): Result<readonly ScriptStep[]> {
  const steps: ScriptStep[] = []
  for (const part of partsOf(text)) {
    const step = parseStep(part)
    if (typeof step === "string") return { ok: false, why: `${JSON.stringify(part)}: ${step}` }
    steps.push(step)
  }
  return { ok: true, value: steps }
}

/** Divided at `;` and line feeds outside of quotes. */
function partsOf(text: string): readonly string[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|[^;\n"]|")+/g) ?? []
  return parts.map((part) => part.trim()).filter((part) => part !== "" && !part.startsWith("#"))
}

function parseStep(text: string): ScriptStep | string {
  if (text === "next") return { type: "next", ms: 0, text }
  if (text.startsWith("+")) {
    const ms = parseSpan(text.slice(1))
    return ms === undefined ? "not a span of time; write +90s, +15m or +2h" : { type: "next", ms, text }
  }
  const [, target, rest] = /^([^\s"]+?):\s+(.+)$/s.exec(text) ?? []
  if (target === undefined || rest === undefined)
    return 'write MODEL: FAILURE with a space after the colon, such as "alpha/one: 429"; or +90s, or next'
  return parseFailure(target, rest, text)
}

function parseFailure(target: string, rest: string, text: string): ScriptStep | string {
  const tokens = rest.match(/"(?:[^"\\]|\\.)*"|retry-after(?:-ms)?(?:\s+\S+)?|\S+/g) ?? []
  let times = 1
  let failure: FailureStep["failure"] = {}
  for (const token of tokens) {
    const count = /^x(\d{1,3})$/.exec(token)?.[1]
    const part = count === undefined ? readToken(token) : {}
    if (typeof part === "string") return part
    if (count !== undefined) times = Math.min(Math.max(Number(count), 1), mostTimes)
    failure = { ...failure, ...part, headers: { ...failure.headers, ...part.headers } }
  }
  const { headers: _, ...told } = failure
  if (Object.keys(told).length === 0) return "no failure named: give a status, a word or a text in quotes"
  return { type: "failure", target, times, failure, text }
}

/** @returns in words what is wrong with the token */
function readToken(token: string): FailureStep["failure"] | string {
  const [, header, value] = /^([a-z][a-z0-9-]*)(?:=|\s+)(\S+)$/i.exec(token) ?? []
  if (/^\d{3}$/.test(token)) {
    const status = Number(token)
    if (status >= 400 && status <= 599) return { status }
    return `${token} is not the status of a failure (400 to 599)`
  }
  if (token.startsWith('"')) return { body: bodyOf(unquoted(token)) }
  if (Object.hasOwn(thrown, token)) return { ...thrown[token] }
  if (header !== undefined && value !== undefined) return { headers: { [header.toLowerCase()]: value } }
  if (/^[a-z]+(?:_[a-z]+)+$/i.test(token))
    return { body: JSON.stringify({ type: "error", error: { type: token, code: token, message: token } }) }
  return `${token} is not understood; write a status, retry-after N, xN, a text in quotes, name=value for a header, an error type such as overloaded_error, and ${Object.keys(thrown).join(", ")}`
}

/** A text that is an error body already is taken as it is; any other becomes a message in one. */
function bodyOf(text: string): string {
  return text.trimStart().startsWith("{") ? text : JSON.stringify({ error: { message: text } })
}

function unquoted(token: string): string {
  return token.replace(/^"|"$/g, "").replaceAll(/\\(.)/g, "$1")
}

/** What `fetch` throws, in the words of Bun 1.3 (the one inside OpenCode). */
const thrown: Readonly<Record<string, Pick<Failure, "name" | "code" | "message">>> = {
  refused: {
    name: "Error",
    code: "ConnectionRefused",
    message: "Unable to connect. Is the computer able to access the url?",
  },
  reset: { name: "Error", code: "ECONNRESET", message: "The socket connection was closed unexpectedly." },
  dns: { name: "Error", code: "ENOTFOUND", message: "getaddrinfo ENOTFOUND" },
  timeout: { name: "TimeoutError", message: "The operation timed out." },
  silence: { name: "TimeoutError", message: "request timed out: no token within 30 s" },
  abort: { name: "AbortError", message: "The operation was aborted." },
}
