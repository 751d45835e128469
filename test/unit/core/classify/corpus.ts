import { readFileSync } from "node:fs"
import type { Failure } from "../../../../src/core/verdict.ts"

export type CorpusRow = {
  readonly provider: string
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>> | null
  readonly body: string | null
  readonly name?: string
  readonly code?: string
  readonly message?: string
  readonly class: string
  readonly fallback: boolean
  readonly scope: string
  readonly source: string
}

const path = new URL("../../../fixtures/errors.jsonl", import.meta.url)
export const corpusLines = readFileSync(path, "utf8").trim().split("\n")
export const corpus = corpusLines.map((line) => JSON.parse(line) as CorpusRow)

export function onTheWire({ provider, status, headers, body, name, code, message }: CorpusRow): Failure {
  return {
    provider,
    status: status ?? undefined,
    headers: headers ?? undefined,
    body: body ?? undefined,
    name,
    code,
    message,
  }
}

export function titleOf(row: CorpusRow): string {
  const text = row.body ?? row.message ?? ""
  return `${row.provider} ${row.status ?? "-"} ${text.slice(0, 70).replaceAll(/\s+/g, " ")}`
}

function errorMessageOf(body: string): string {
  try {
    const value = JSON.parse(body) as { message?: unknown; error?: { message?: unknown } | string | null }
    const error = value.error
    const inner = typeof error === "object" ? error?.message : error
    const message = inner ?? value.message
    return typeof message === "string" ? message : body
  } catch {
    return body
  }
}

/** The error object as OpenCode 1.18.33 makes it (`session.error`, the assistant message's `error`). */
export function openCodeError(row: CorpusRow): unknown {
  const body = row.body ?? row.message ?? ""
  if (row.status === null) return { name: row.name ?? "UnknownError", data: { message: body } }
  if (row.status === 413) {
    return { name: "ContextOverflowError", data: { message: errorMessageOf(body), responseBody: body } }
  }
  return {
    name: "APIError",
    data: {
      message: errorMessageOf(body),
      statusCode: row.status,
      isRetryable: row.status >= 500 || row.status === 429,
      ...(row.headers !== null && { responseHeaders: row.headers }),
      responseBody: body,
    },
  }
}

/** Whether OpenCode 1.18.33 announces that it will ask the same model again (session/retry.ts). */
export function isAnnounced({ status, body, message }: CorpusRow): boolean {
  if (status !== null && (status >= 500 || [408, 409, 429].includes(status))) return true
  return /429|50[0234]|524|rate[- _]limit|overloaded|server error|service unavailable|try again later/i.test(
    `${body ?? ""} ${message ?? ""}`,
  )
}

/** The text of `session.status` as OpenCode 1.18.33 writes it (session/retry.ts). */
export function statusText(row: CorpusRow): string {
  const body = row.body ?? row.message ?? ""
  if (body.includes("FreeUsageLimitError")) return "Free usage exceeded, subscribe to Go"
  const message = errorMessageOf(body)
  return message.includes("Overloaded") ? "Provider is overloaded" : message
}

/** As the AI SDK throws: the answer's error inside a retry error. */
export function thrownBy(row: CorpusRow): Error {
  const lastError = Object.assign(new Error(statusText(row)), {
    name: row.name ?? "AI_APICallError",
    code: row.code,
    statusCode: row.status ?? undefined,
    responseHeaders: row.headers ?? undefined,
    responseBody: row.body ?? undefined,
  })
  return Object.assign(new Error("Failed after 3 attempts."), { name: "AI_RetryError", lastError })
}

/** An error frame in a stream. */
export function frameOf(row: CorpusRow): string {
  const hasStatus = row.status !== null && row.status >= 400
  const error = { message: row.body ?? row.message, ...(hasStatus && { code: row.status }) }
  return `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`
}

/** Of what LiteLLM passes on it takes the headers away. */
export function isWrapped({ status, body, headers }: CorpusRow): boolean {
  return status !== null && status >= 400 && body !== null && headers === null
}

/** What a LiteLLM in between makes of it. */
export function throughLiteLlm(row: CorpusRow): Failure {
  const message = `litellm.APIError: APIError: OpenAIException - ${row.body}. Received Model Group=a\nAvailable Model Group Fallbacks=None`
  const body = JSON.stringify({ error: { message, type: null, param: null, code: String(row.status) } })
  return { provider: "litellm", status: row.status ?? undefined, body }
}

/** How programs show a provider's answer: its status stands in the text and nowhere else. */
export const shownBy = {
  "Claude Code": (status, body) => `API Error (${status} ${body}) · Retrying in 5 seconds… (attempt 4/10)`,
  "OpenCode 2": (status, body) => `Provider request failed with HTTP ${status}: ${body}`,
  Hermes: (status, body) =>
    `API call failed (attempt 1/3): APIError [HTTP ${status}]\n📋 Details: ${body}\n⏱️ Elapsed: 4.62s  Context: 2 msgs, ~7,225 tokens`,
  "a client in Lua": (status, body) => `Error: "API request failed with status ${status}. Body: '${body}'"`,
  "a client in Python": (status, body) => `openai.APIStatusError: Error code: ${status} - ${body}`,
  "a client in Rust": (status, body) => `HttpError: Invalid status code ${status} with message: ${body}`,
  "a client in C#": (status, body) =>
    `Response status code does not indicate success: ${status} (Service Unavailable).\n${body}`,
} as const satisfies Readonly<Record<string, (status: number, body: string) => string>>

export function shown({ provider, status, body }: CorpusRow, by: keyof typeof shownBy): Failure {
  return { provider, message: shownBy[by](status ?? 0, body ?? "") }
}
