import { readFileSync } from "node:fs"
import type { Failure } from "../../../../src/core/verdict.ts"

export type CorpusRow = {
  readonly provider: string
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>> | null
  readonly body: string
  readonly class: string
  readonly fallback: boolean
  readonly scope: string
}

function readRows(file: string): readonly CorpusRow[] {
  const path = new URL(`../../../fixtures/${file}`, import.meta.url)
  return readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CorpusRow)
}

export const corpus = readRows("errors.jsonl")

/** Gathered later from public issues and documents, each labelled before the classifier saw it. */
export const furtherCorpus = readRows("errors-more.jsonl")

export function onTheWire(row: CorpusRow): Failure {
  return {
    provider: row.provider,
    status: row.status ?? undefined,
    headers: row.headers ?? undefined,
    body: row.body,
  }
}

export function titleOf(row: CorpusRow): string {
  return `${row.provider} ${row.status ?? "-"} ${row.body.slice(0, 70).replaceAll(/\s+/g, " ")}`
}

function errorMessageOf(body: string): string {
  try {
    const value = JSON.parse(body) as { message?: unknown; error?: { message?: unknown } | string }
    const error = value.error
    const inner = typeof error === "object" ? error.message : error
    const message = inner ?? value.message
    return typeof message === "string" ? message : body
  } catch {
    return body
  }
}

/** The error object as OpenCode 1.18.33 makes it (`session.error`, the assistant message's `error`). */
export function openCodeError(row: CorpusRow): unknown {
  if (row.status === null) return { name: "UnknownError", data: { message: row.body } }
  if (row.status === 413) {
    return {
      name: "ContextOverflowError",
      data: { message: errorMessageOf(row.body), responseBody: row.body },
    }
  }
  return {
    name: "APIError",
    data: {
      message: errorMessageOf(row.body),
      statusCode: row.status,
      isRetryable: row.status >= 500 || row.status === 429,
      ...(row.headers !== null && { responseHeaders: row.headers }),
      responseBody: row.body,
    },
  }
}

/** The text of `session.status` as OpenCode 1.18.33 writes it (session/retry.ts). */
export function statusText(row: CorpusRow): string {
  if (row.body.includes("FreeUsageLimitError")) return "Free usage exceeded, subscribe to Go"
  const message = errorMessageOf(row.body)
  return message.includes("Overloaded") ? "Provider is overloaded" : message
}
