import { mayChangeKey, mayLieInTheAccount, type RingKey } from "../core/keys/choose-key.ts"
import { lasting } from "../core/may-recover.ts"
import type { ForAllKeys, Verdict } from "../core/verdict.ts"
import type { KeyHealth } from "./key-health.ts"
import type { SessionKeys } from "./session-keys.ts"

export type Outcome<Answer> = {
  readonly answer: Answer
  /** `undefined`: the provider has answered well. */
  readonly verdict: Verdict | undefined
}

type TryKeysInput<Key extends RingKey, Answer> = {
  readonly provider: string
  /** In the order in which they are preferred; not empty. */
  readonly keys: readonly Key[]
  readonly session: SessionKeys
  readonly health: KeyHealth
  readonly ask: (key: Key) => Promise<Outcome<Answer>>
  /** @param until when the key that failed is back; milliseconds since 1970 */
  readonly changed: (from: Key, to: Key, verdict: Verdict, until: number) => void
  /** Keeps this with an answer that stands for those of several keys. */
  readonly sayForAll: (answer: Answer, what: ForAllKeys) => Answer
  readonly now: () => number
}

type Try<Key, Answer> = { readonly key: Key; readonly answer: Answer; readonly verdict: Verdict }
type FailedTry<Key, Answer> = Try<Key, Answer> & { readonly until: number }

/**
 * Asks with one key after the other until one is not refused for a reason that lies in the key or its account. When all
 * are, the answer that counts is that of the key which is back first, and says when any of them is.
 *
 * @returns `undefined` only when there is no key at all
 */
export async function tryKeys<Key extends RingKey, Answer>(
  input: TryKeysInput<Key, Answer>,
): Promise<Answer | undefined> {
  const { provider, session, health, now } = input
  const failed: FailedTry<Key, Answer>[] = []
  const refused: Try<Key, Answer>[] = []
  let left = session.inOrder(input.keys)
  for (let next = health.choose(provider, left, []); next;) {
    const { key, probe } = next
    const sentAt = now()
    const { answer, verdict } = await input.ask(key).catch((error: unknown) => {
      if (probe) health.giveBack(probe)
      throw error
    })
    if (!verdict) {
      health.succeeded(provider, key, sentAt)
      noteTaken(input, key, refused)
      return answer
    }
    const until = mayChangeKey(verdict.kind) ? health.failed(provider, key, verdict) : undefined
    if (until !== undefined) failed.push({ key, answer, verdict, until })
    else {
      if (probe) health.giveBack(probe)
      if (!mayLieInTheAccount(verdict.kind) || !session.standsIn(key, verdict.kind)) return answer
      refused.push({ key, answer, verdict })
      // One that rests may be well by now; a dead one has nothing to say, and would be asked by each request.
      left = left.filter((one) => one !== key && !health.isDead(provider, one))
    }
    // A session may be that of a key that rests, and is taken by no other; a missing model is no reason to ask it.
    const lacking = refused.filter((one) => one.verdict.kind === "model_not_found")
    const tried = [...failed, ...lacking].map((one) => one.key)
    next = health.choose(provider, left, tried)
    if (next && until !== undefined) input.changed(key, next.key, verdict, until)
  }
  return answerThatCounts(input, left, failed, refused)
}

/** What another key has refused was no bad request. */
function noteTaken<Key extends RingKey, Answer>(
  { session, changed, now }: TryKeysInput<Key, Answer>,
  key: Key,
  refused: readonly Try<Key, Answer>[],
): void {
  session.took(key, refused)
  const last = refused.at(-1)
  if (last) changed(last.key, key, last.verdict, now())
}

/**
 * What all keys refuse is at fault itself. Where one of them could not say, that one's answer is as good as another's
 * refusal, unless it is to last. A refusal of what the session holds is none of the model, which takes other sessions; to
 * lack it is, until one that rests is back.
 */
function answerThatCounts<Key extends RingKey, Answer>(
  { provider, keys, health, sayForAll }: TryKeysInput<Key, Answer>,
  left: readonly Key[],
  failed: readonly FailedTry<Key, Answer>[],
  refused: readonly Try<Key, Answer>[],
): Answer | undefined {
  const ofSession = refused.find(({ verdict }) => verdict.kind !== "model_not_found")
  const refusal = ofSession ?? refused[0]
  const [first] = failed
    .filter(({ verdict }) => !refusal || !lasting.has(verdict.kind))
    .toSorted((a, b) => a.until - b.until)
  const answer = (first ?? refusal)?.answer
  if (answer === undefined || refused.length === keys.length) return answer
  if (!first && ofSession) return sayForAll(answer, { concernsOneSession: true })
  const resting = refusal ? left.filter((one) => !health.isDead(provider, one)) : left
  const backAt = health.firstBack(provider, resting)
  return sayForAll(answer, {
    ...(ofSession && { concernsOneSession: true }),
    ...(backAt < (first?.until ?? Infinity) && { backAt }),
  })
}
