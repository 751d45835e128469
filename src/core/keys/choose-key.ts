import { type CircuitRecord, circuitState } from "../circuit.ts"
import type { FailureKind } from "../verdict.ts"

/** One of a provider's keys. The key itself is known only where requests are sent. */
export type RingKey = {
  /** Its place among the provider's keys; 1 is the one in OpenCode's own configuration. */
  readonly number: number
  /** Sixteen hexadecimal digits of a hash. */
  readonly fingerprint: string
}

/** What another key can help with. An overloaded model is as overloaded for the next key. */
const curedByAnotherKey: ReadonlySet<FailureKind> = new Set(["rate_limit", "quota", "billing", "auth"])

export function mayChangeKey(kind: FailureKind): boolean {
  return curedByAnotherKey.has(kind)
}

/** Whether one account may say so of what another one takes: it cannot read the other's thoughts, or has not got the model. */
export function mayLieInTheAccount(kind: FailureKind): boolean {
  return kind === "bad_request" || kind === "model_not_found"
}

/**
 * The key for the next request: the first that is well. When none is, the first request goes out with the one
 * that is back first (whether the model may be asked at all is not decided here), and no further one does.
 *
 * @param tried keys that this request has failed with
 */
export function chooseKey<Key extends RingKey>(
  keys: readonly Key[],
  tried: readonly RingKey[],
  circuit: (key: RingKey) => CircuitRecord | undefined,
  now: number,
): Key | undefined {
  const left = keys.filter(({ number }) => !tried.some((key) => key.number === number))
  const well = left.find((key) => {
    const state = circuitState(circuit(key), now)
    return state.state === "closed" || (state.state === "half-open" && !state.probing)
  })
  if (well || tried.length > 0) return well
  return left.toSorted((a, b) => (circuit(a)?.until ?? 0) - (circuit(b)?.until ?? 0))[0]
}
