import { backAt, type CircuitRecord, circuitState, circuitSubject } from "../circuit.ts"
import { explainKind } from "../classify/explain-kind.ts"
import { describeDuration } from "../describe-duration.ts"
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
}

/** `anthropic: the first key's limit is reached, continuing with the second.` */
export function describeKeyChange(provider: string, from: number, to: number, kind: FailureKind): string {
  return `${provider}: the ${nth(from)} key${words[kind] ?? " failed"}, continuing with the ${nth(to)}.`
}

/**
 * One line for each key of a provider, in order: `key 1: rate limit reached, back in 40 s`, `key 2: ready`.
 *
 * @param count how many keys it has, OpenCode's own included
 */
export function describeKeys(
  provider: string,
  count: number,
  circuits: readonly CircuitRecord[],
  now: number,
): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const number = index + 1
    const state = circuitState(newestOf(provider, number, circuits), now)
    const text =
      state.state === "open"
        ? `${explainKind(state.kind)}, back in ${describeDuration(backAt(state) - now)}`
        : "ready"
    return `key ${number}: ${text}`
  })
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
