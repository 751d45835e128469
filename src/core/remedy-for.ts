import type { FailureKind } from "./verdict.ts"

/**
 * What a person has to do: a rejected key and an empty account do not come back by themselves. `undefined`: time
 * does it.
 */
export function remedyFor(kind: FailureKind | undefined, provider: string): string | undefined {
  if (kind === "auth") return `check the key of ${provider}`
  return kind === "billing" ? `top up ${provider}` : undefined
}
