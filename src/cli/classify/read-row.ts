import * as z from "zod/mini"
import en from "zod/v4/locales/en.js"
import type { Failure } from "../../core/verdict.ts"

const text = z.nullish(z.string())

/** One row: the shape of `errors.jsonl`, and what a log or a thrown error has beside it. Other keys are ignored. */
const row = z.object({
  provider: text,
  status: z.nullish(z.number()),
  headers: z.nullish(z.record(z.string(), z.unknown())),
  body: z.nullish(z.union([z.string(), z.record(z.string(), z.unknown()), z.array(z.unknown())])),
  name: text,
  code: z.nullish(z.union([z.string(), z.number()])),
  message: text,
})

export type ReadRow =
  | { readonly ok: true; readonly failure: Failure }
  | { readonly ok: false; readonly why: string }

/** Reads one line of JSON as a failure. Never throws. */
export function readRow(line: string): ReadRow {
  const parsed = parse(line)
  if (!parsed.ok) return parsed
  const result = row.safeParse(parsed.value, { error: en().localeError })
  if (!result.success) {
    const issue = result.error.issues[0]
    return { ok: false, why: `${issue?.path.join(".") || "the row"}: ${issue?.message ?? "not understood"}` }
  }
  const { provider, status, headers, body, name, code, message } = result.data
  return {
    ok: true,
    failure: {
      provider: provider ?? undefined,
      status: status ?? undefined,
      headers: headers ? lowerCased(headers) : undefined,
      body:
        body === null || body === undefined || typeof body === "string"
          ? (body ?? undefined)
          : JSON.stringify(body),
      name: name ?? undefined,
      code: code === null || code === undefined ? undefined : String(code),
      message: message ?? undefined,
    },
  }
}

function parse(
  line: string,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly why: string } {
  try {
    return { ok: true, value: JSON.parse(line) }
  } catch (error) {
    return { ok: false, why: `not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** Header names as the classifier wants them. A number is a header's text, too; anything deeper is no header. */
function lowerCased(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      if (typeof value === "string") return [[name.toLowerCase(), value]]
      return typeof value === "number" ? [[name.toLowerCase(), String(value)]] : []
    }),
  )
}
