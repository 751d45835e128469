import { mayChangeKey, type RingKey } from "../core/keys/choose-key.ts"
import type { Verdict } from "../core/verdict.ts"
import type { KeyHealth } from "./key-health.ts"

export type Outcome<Answer> = {
  readonly answer: Answer
  /** `undefined`: the provider has answered well. */
  readonly verdict: Verdict | undefined
}

type TryKeysInput<Key extends RingKey, Answer> = {
  readonly provider: string
  /** In the order in which they are preferred; not empty. */
  readonly keys: readonly Key[]
  readonly health: KeyHealth
  readonly ask: (key: Key) => Promise<Outcome<Answer>>
  /** @param until when the key that failed is back; milliseconds since 1970 */
  readonly changed: (from: Key, to: Key, verdict: Verdict, until: number) => void
  /** The answer of a key that is back later than another, which was not even asked: well again at that moment. */
  readonly backAt: (answer: Answer, at: number) => Answer
  readonly now: () => number
}

type FailedTry<Key, Answer> = { readonly key: Key; readonly answer: Answer; readonly until: number }

/**
 * Asks with one key after the other until one is not refused for a reason that lies in the key. When all are, the
 * answer that counts is that of the key which is back first, and says when any of them is.
 *
 * @returns `undefined` only when there is no key at all
 */
export async function tryKeys<Key extends RingKey, Answer>(
  input: TryKeysInput<Key, Answer>,
): Promise<Answer | undefined> {
  const { provider, keys, health, now } = input
  const failed: FailedTry<Key, Answer>[] = []
  for (let next = health.choose(provider, keys, []); next;) {
    const { key, probe } = next
    const sentAt = now()
    const { answer, verdict } = await input.ask(key).catch((error: unknown) => {
      if (probe) health.giveBack(probe)
      throw error
    })
    if (!verdict || !mayChangeKey(verdict.kind)) {
      if (!verdict) health.succeeded(provider, key, sentAt)
      else if (probe) health.giveBack(probe)
      return answer
    }
    const until = health.failed(provider, key, verdict)
    failed.push({ key, answer, until })
    next = health.choose(
      provider,
      keys,
      failed.map((one) => one.key),
    )
    if (next) input.changed(key, next.key, verdict, until)
  }
  const first = failed.toSorted((a, b) => a.until - b.until)[0]
  const restsUntil = health.firstBack(provider, keys)
  return first && restsUntil < first.until ? input.backAt(first.answer, restsUntil) : first?.answer
}
