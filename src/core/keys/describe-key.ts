import { backAt, type CircuitRecord, circuitState, circuitSubject } from "../circuit.ts"
import { explainKind } from "../classify/explain-kind.ts"
import { describeDuration } from "../describe-duration.ts"
import { remedyFor } from "../remedy-for.ts"
import type { FailureKind } from "../verdict.ts"

const ordinals = ["first", "second", "third", "fourth", "fifth", "sixth"] as const

function nth(number: number): string {
  return ordinals[number - 1] ?? `${number}th`
}

const words: Readonly<Partial<Record<FailureKind, string>>> = {
  rate_limit: "'s limit is reached",
  quota: "'s quota is used up",
  billing: " is out of credit",
  auth: " was rejected",
  bad_request: " does not take this session",
  model_not_found: " has not got the model",
}

/** `anthropic: the first key's limit is reached, continuing with the second.` */
export function describeKeyChange(provider: string, from: number, to: number, kind: FailureKind): string {
  return `${provider}: the ${nth(from)} key${words[kind] ?? " failed"}, continuing with the ${nth(to)}.`
}

type ProviderKeys = { readonly provider: string; readonly keys: readonly string[] }

export type KeysWorld = {
  /** Keys that the settings name, and that are not where they are said to be. */
  readonly missing: readonly { readonly provider: string; readonly number: number }[]
  readonly circuits: readonly CircuitRecord[]
  readonly now: number
}

/**
 * Of each provider, its keys in order: `key 1: rate limit reached, back in 40 s`, `key 2: missing`.
 *
 * @param counts how many keys the settings name for each provider, OpenCode's own included
 */
export function describeKeys(counts: ReadonlyMap<string, number>, world: KeysWorld): readonly ProviderKeys[] {
  return [...counts].map(([provider, count]) => ({
    provider,
    keys: Array.from(
      { length: count },
      (_, index) => `key ${index + 1}: ${keyText(provider, index + 1, world)}`,
    ),
  }))
}

function keyText(provider: string, number: number, { missing, circuits, now }: KeysWorld): string {
  if (missing.some((key) => key.provider === provider && key.number === number)) return "missing"
  const state = circuitState(newestOf(provider, number, circuits), now)
  if (state.state !== "open") return "ready"
  const then = remedyFor(state.kind, provider) ?? `back in ${describeDuration(backAt(state) - now)}`
  return `${explainKind(state.kind)}, ${then}`
}

/** Machines that share their health may have different keys at the same place: the newest failure counts. */
function newestOf(
  provider: string,
  number: number,
  circuits: readonly CircuitRecord[],
): CircuitRecord | undefined {
  return circuits
    .filter((record) => {
      const subject = circuitSubject(record.key)
      const isOfKey = subject && "fingerprint" in subject && subject.providerID === provider
      return isOfKey && record.keyNumber === number
    })
    .toSorted((a, b) => b.failedAt - a.failedAt)[0]
}
