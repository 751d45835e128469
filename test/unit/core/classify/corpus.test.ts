import { classify } from "../../../../src/core/classify/classify.ts"
import { corpus, furtherCorpus, onTheWire, openCodeError, statusText, titleOf } from "./corpus.ts"
import { defaultFallbackKinds } from "../../../../src/core/classify/default-fallback-kinds.ts"
import { describe, expect, test } from "bun:test"
import {
  failureFromFrame,
  failureFromOpenCodeError,
  failureFromStatusText,
  failureFromThrown,
} from "../../../../src/core/classify/failure-from.ts"
import { fallsBack } from "../../../../src/core/classify/falls-back.ts"
import type { CorpusRow } from "./corpus.ts"
import type { Failure } from "../../../../src/core/verdict.ts"

const now = Date.UTC(2026, 4, 10)

function answer(failure: Failure): string {
  const verdict = classify(failure, now)
  return `${verdict.kind} / ${verdict.scope}`
}

function label(row: CorpusRow): string {
  return `${row.class} / ${row.scope}`
}

function frameOf(row: CorpusRow): string {
  const hasStatus = row.status !== null && row.status >= 400
  const error = { message: row.body, ...(hasStatus && { code: row.status }) }
  return `event: error\ndata: ${JSON.stringify({ type: "error", error })}\n\n`
}

/** As the AI SDK throws: the answer's error inside a retry error. */
function thrownBy(row: CorpusRow): Error {
  const lastError = Object.assign(new Error(statusText(row)), {
    name: "AI_APICallError",
    statusCode: row.status ?? undefined,
    responseHeaders: row.headers ?? undefined,
    responseBody: row.body,
  })
  return Object.assign(new Error("Failed after 3 attempts."), { name: "AI_RetryError", lastError })
}

describe("every corpus row has its label", () => {
  for (const row of [...corpus, ...furtherCorpus]) {
    test(titleOf(row), () => expect(answer(onTheWire(row))).toBe(label(row)))
  }

  test("and falls back, or not, as labelled, with the default settings", () => {
    const rules = { retryOnErrors: [429, 503, 529], fallbackOn: defaultFallbackKinds, retryOnPatterns: [] }
    const wrong = [...corpus, ...furtherCorpus].filter((row) => {
      const failure = onTheWire(row)
      return fallsBack(classify(failure, now), failure, rules) !== row.fallback
    })
    expect(wrong.map(titleOf)).toEqual([])
  })
})

describe("the verdict is the same on every path that carries the evidence", () => {
  const paths: readonly (readonly [string, (row: CorpusRow) => Failure, readonly string[]])[] = [
    ["session.error", (row) => failureFromOpenCodeError(openCodeError(row), row.provider), []],
    [
      "assistant message",
      (row) => failureFromOpenCodeError(JSON.parse(JSON.stringify(openCodeError(row))), row.provider),
      [],
    ],
    ["thrown", (row) => failureFromThrown(thrownBy(row), row.provider), []],
    // Only its headers tell this row from a burst limit, and a frame has none.
    ["frame", (row) => failureFromFrame(frameOf(row), row.provider), ["non_sse_response"]],
    [
      "session.status",
      (row) => failureFromStatusText(statusText(row), row.provider),
      // The text that survives says nothing, or less: headers, `reason`, `metadata.raw` and 402 are lost.
      [
        "non_sse_response",
        "MONTHLY_REQUEST_COUNT",
        "temporarily rate-limited upstream. Please",
        "Please upgrade your plan.",
      ],
    ],
  ]
  for (const [path, carry, lost] of paths) {
    test(path, () => {
      const wrong = corpus.filter((row) => answer(carry(row)) !== label(row))
      const unexpected = wrong.filter((row) => !lost.some((part) => row.body.includes(part)))
      expect(unexpected.map(titleOf)).toEqual([])
    })
  }
})
