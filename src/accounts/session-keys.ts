import { BoundedMap } from "../core/bounded-map.ts"
import type { RingKey } from "../core/keys/choose-key.ts"

export type SessionKeys = ReturnType<ReturnType<typeof createSessionKeys>>

/** Fingerprints. */
type Known = { readonly takenBy: readonly string[]; readonly refusedBy: readonly string[] }

/**
 * Which keys of a provider have taken a session's requests. What a session holds may belong to the account that gave it:
 * OpenAI encrypts a model's thoughts for the organisation, and any other answers 400 to the identical request.
 */
export function createSessionKeys() {
  const sessions = new BoundedMap<string, Known>()

  return (sessionID: string, provider: string) => {
    const id = `${sessionID} ${provider}`
    const known = (): Known => sessions.get(id) ?? { takenBy: [], refusedBy: [] }
    return {
      /** Those last that have refused what another one took. */
      inOrder: <Key extends RingKey>(keys: readonly Key[]): readonly Key[] => {
        const { refusedBy } = known()
        const refuses = ({ fingerprint }: RingKey): number => (refusedBy.includes(fingerprint) ? 1 : 0)
        return keys.toSorted((a, b) => refuses(a) - refuses(b))
      },
      /** Whether what this key refuses may be another's to take; at first the session is with OpenCode's own. */
      standsIn: ({ fingerprint, number }: RingKey): boolean => {
        const { takenBy } = known()
        return takenBy.length === 0 ? number !== 1 : takenBy.some((one) => one !== fingerprint)
      },
      took: ({ fingerprint }: RingKey, refused: readonly RingKey[]): void => {
        const { takenBy, refusedBy } = known()
        if (refused.length === 0 && takenBy.includes(fingerprint) && !refusedBy.includes(fingerprint)) return
        const others = new Set([...refusedBy, ...refused.map((key) => key.fingerprint)])
        others.delete(fingerprint)
        sessions.set(id, { takenBy: [...new Set([...takenBy, fingerprint])], refusedBy: [...others] })
      },
    }
  }
}
