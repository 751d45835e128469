import { afterFailure, afterSuccess, circuitState, type CooldownPolicy, keyCircuit } from "../core/circuit.ts"
import { chooseKey, type RingKey } from "../core/keys/choose-key.ts"
import { lasting } from "../core/may-recover.ts"
import type { Verdict } from "../core/verdict.ts"
import type { Probe, Store } from "../store/store.ts"

export type KeyHealth = ReturnType<typeof createKeyHealth>

/** What is remembered of a provider's keys, for all processes and machines that share the store. */
export function createKeyHealth(deps: {
  readonly store: Pick<Store, "circuit" | "updateCircuit" | "takeProbe" | "giveBackProbe">
  readonly cooldown: CooldownPolicy
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
}) {
  const { store, cooldown, now, random } = deps

  return {
    /** The key to send with; takes the single probe of one whose cooldown is over. */
    choose: <Key extends RingKey>(
      provider: string,
      keys: readonly Key[],
      tried: readonly RingKey[],
    ): { readonly key: Key; readonly probe: Probe | undefined } | undefined => {
      const circuit = (key: RingKey) => store.circuit(keyCircuit(provider, key.fingerprint))
      for (let left = keys; ;) {
        const key = chooseKey(left, tried, circuit, now())
        if (!key) return undefined
        const probe = store.takeProbe(keyCircuit(provider, key.fingerprint), now())
        if (probe.state === "taken") return { key, probe: probe.probe }
        // Another request was quicker; where there is no other key, two may ask.
        const others = left.filter((one) => one !== key)
        if (probe.state === "not-needed" || others.length === 0) return { key, probe: undefined }
        left = others
      }
    },
    /** @returns when the key is back; milliseconds since 1970 */
    failed: (provider: string, { fingerprint, number }: RingKey, verdict: Verdict): number => {
      const key = keyCircuit(provider, fingerprint)
      const failure = { key, verdict, policy: cooldown, at: now(), random: random() }
      const after = store.updateCircuit(key, (before) => ({
        ...afterFailure(before, failure),
        keyNumber: number,
      }))
      return after?.until ?? now()
    },
    succeeded: (provider: string, { fingerprint }: RingKey, sentAt: number): void => {
      const key = keyCircuit(provider, fingerprint)
      if (store.circuit(key)) store.updateCircuit(key, (before) => afterSuccess(before, sentAt))
    },
    /** Whether it rests, and time alone does not help. */
    isDead: (provider: string, { fingerprint }: RingKey): boolean => {
      const circuit = circuitState(store.circuit(keyCircuit(provider, fingerprint)), now())
      return circuit.state === "open" && lasting.has(circuit.kind)
    },
    giveBack: (probe: Probe): void => store.giveBackProbe(probe),
    /** When the first of them is well, or was; milliseconds since 1970. */
    firstBack: (provider: string, keys: readonly RingKey[]): number =>
      Math.min(
        ...keys.map(({ fingerprint }) => store.circuit(keyCircuit(provider, fingerprint))?.until ?? 0),
      ),
  }
}
