import * as z from "zod/mini"
import en from "zod/v4/locales/en.js"
import { reasonOf } from "../../config/reason-of.ts"
import { defaultSettings } from "../../config/schema.ts"
import { classify } from "../../core/classify/classify.ts"
import { fallsBack } from "../../core/classify/falls-back.ts"
import { isObject, type JsonObject } from "../../core/json-object.ts"
import type { Failure } from "../../core/verdict.ts"
import type { Result } from "../terminal/result.ts"
import { isoTime } from "../terminal/terminal.ts"

const { retry_on_errors, fallback_on } = defaultSettings().runtime_fallback
const defaultRules = { retryOnErrors: retry_on_errors, fallbackOn: fallback_on, retryOnPatterns: [] }

/** The verdict, and whether it is a reason to go on with the next model by default settings. */
export function judgeRow(failure: Failure, now: number) {
  const verdict = classify(failure, now)
  return { verdict, fallback: fallsBack(verdict, failure, defaultRules) }
}

/** @param number of the line, from 1 */
export function verdictRow(line: string, number: number, now: number) {
  const read = readRow(line)
  if (!read.ok) return { error: read.why, line: number }
  const { verdict, fallback } = judgeRow(read.value, now)
  return {
    class: verdict.kind,
    fallback,
    scope: verdict.scope,
    retryAt: isoTime(verdict.retryAt),
    rule: verdict.rule,
  }
}

const text = z.optional(z.string())

/** As text; a body that is given as a value is written as JSON. */
const body = z.pipe(
  z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())]),
  z.transform((value) => (typeof value === "string" ? value : JSON.stringify(value))),
)

/** One row: the shape of `errors.jsonl`, and what a log or a thrown error has beside it. Other keys are ignored. */
const row = z.object({
  provider: text,
  status: z.optional(z.number()),
  headers: z.optional(z.pipe(z.record(z.string(), z.unknown()), z.transform(lowerCased))),
  body: z.optional(body),
  name: text,
  code: z.optional(z.pipe(z.union([z.string(), z.number()]), z.transform(String))),
  message: text,
})

/** Reads one line of JSON as a failure. Never throws. */
export function readRow(line: string): Result<Failure> {
  const parsed = parse(line)
  if (!parsed.ok) return parsed
  const result = row.safeParse(withoutNulls(parsed.value), { error: en().localeError })
  if (result.success) return { ok: true, value: result.data }
  const issue = result.error.issues[0]
  return { ok: false, why: `${issue?.path.join(".") || "the row"}: ${issue?.message ?? "not understood"}` }
}

/** What is null is not known. */
function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null))
}

function parse(line: string): Result<unknown> {
  try {
    return { ok: true, value: JSON.parse(line) }
  } catch (error) {
    return { ok: false, why: `not JSON: ${reasonOf(error)}` }
  }
}

/** Header names as the classifier wants them. A number is a header's text, too; anything deeper is no header. */
function lowerCased(headers: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (typeof value === "string") return [[name.toLowerCase(), value]]
      return typeof value === "number" ? [[name.toLowerCase(), String(value)]] : []
    }),
  )
}
