import { z } from "zod"
import { type FailureKind, failureKinds, type FailureScope } from "../../src/core/verdict.ts"

const kind = z.enum(failureKinds)
const scope = z.enum(["model", "provider", "none"])

const labels = z.object({
  class: kind,
  fallback: z.boolean(),
  scope,
  class_alt: z.array(kind).nullish(),
  scope_alt: z.array(scope).nullish(),
  fallback_arguable: z.boolean().nullish(),
  retry_after_seconds: z.number().nullish(),
  at: z.iso.datetime().nullish(),
})

/** What a person says of an error before the classifier sees it. */
export type Labels = {
  readonly kinds: readonly FailureKind[]
  readonly scopes: readonly FailureScope[]
  readonly fallsBack: boolean
  /** Whether falling back and staying are both right. */
  readonly isArguable: boolean
  /** Seconds from {@link Labels.at}; `undefined` where nothing was said of it. */
  readonly retryAfter: number | undefined
  /** Milliseconds since 1970; `undefined` for any moment. */
  readonly at: number | undefined
}

export type ReadLabels =
  | { readonly ok: true; readonly labels: Labels }
  | { readonly ok: false; readonly why: string }

/** Reads the labels of a line that is known to be JSON. */
export function readLabels(line: string): ReadLabels {
  const result = labels.safeParse(JSON.parse(line))
  if (!result.success) {
    const issue = result.error.issues[0]
    return { ok: false, why: `${issue?.path.join(".") || "the row"}: ${issue?.message ?? "not understood"}` }
  }
  const { data } = result
  return {
    ok: true,
    labels: {
      kinds: [data.class, ...(data.class_alt ?? [])],
      scopes: [data.scope, ...(data.scope_alt ?? [])],
      fallsBack: data.fallback,
      isArguable: data.fallback_arguable === true,
      retryAfter: data.retry_after_seconds ?? undefined,
      at: data.at === null || data.at === undefined ? undefined : Date.parse(data.at),
    },
  }
}
