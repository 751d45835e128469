import { BoundedMap } from "../core/bounded-map.ts"
import type { RingKey } from "../core/keys/choose-key.ts"
import { type ModelKey, providerOf } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"

export type SessionKeys = ReturnType<ReturnType<typeof createSessionKeys>>

/** Fingerprints; of what is refused for one model only, with the model. */
type Known = { readonly takenBy: readonly string[]; readonly refusedBy: readonly string[] }

type Refusal = { readonly key: RingKey; readonly verdict: { readonly kind: FailureKind } }

/** Thoughts that only the account can read that they were given to. Claude's are not bound to one. */
const sealed = /"(?:encrypted_content|thought_?signature)":\s*"[^"]/i

/**
 * Which keys of a provider have taken a session's requests. What a session holds may belong to the account that gave it:
 * OpenAI encrypts a model's thoughts for the organisation, and any other answers 400 to the identical request.
 */
export function createSessionKeys() {
  const sessions = new BoundedMap<string, Known>()

  /** @param body of the request, which may hold what a key has given to a process before this one */
  return (sessionID: string, model: ModelKey, body?: unknown) => {
    // What the session holds belongs to the account, whatever the model.
    const id = `${sessionID} ${providerOf(model)}`
    const withModel = (fingerprint: string): string => `${fingerprint} ${model}`
    const known = (): Known => sessions.get(id) ?? { takenBy: [], refusedBy: [] }
    return {
      /** Those last that have refused what another one took. */
      inOrder: <Key extends RingKey>(keys: readonly Key[]): readonly Key[] => {
        const { refusedBy } = known()
        const refuses = ({ fingerprint }: RingKey): number =>
          [fingerprint, withModel(fingerprint)].some((one) => refusedBy.includes(one)) ? 1 : 0
        return keys.toSorted((a, b) => refuses(a) - refuses(b))
      },
      /** Whether what this key refuses may be another's to take; what a new session holds is OpenCode's own's. */
      standsIn: ({ fingerprint, number }: RingKey, kind: FailureKind): boolean => {
        if (kind === "model_not_found") return true
        const { takenBy } = known()
        if (takenBy.length > 0) return takenBy.some((one) => one !== fingerprint)
        return number !== 1 || (typeof body === "string" && sealed.test(body))
      },
      took: ({ fingerprint }: RingKey, refusals: readonly Refusal[]): void => {
        const { takenBy, refusedBy } = known()
        const others = new Set([
          ...refusedBy,
          ...refusals.map(({ key, verdict }) =>
            verdict.kind === "model_not_found" ? withModel(key.fingerprint) : key.fingerprint,
          ),
        ])
        others.delete(fingerprint)
        others.delete(withModel(fingerprint))
        sessions.set(id, { takenBy: [...new Set([...takenBy, fingerprint])], refusedBy: [...others] })
      },
    }
  }
}
