import { STATUS_CODES } from "node:http"
import { classify } from "../core/classify/classify.ts"
import { failureFromFrame } from "../core/classify/failure-from.ts"
import { mayChangeKey, mayLieInTheAccount, type RingKey } from "../core/keys/choose-key.ts"
import { accountKey } from "../core/limits/account.ts"
import { providerOf } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { OwnFaults } from "../host/own-fault.ts"
import { boundedError } from "../transport/bounded-error.ts"
import type { FetchInit, FetchInput } from "../transport/fetch-arguments.ts"
import type { Send } from "../transport/fetch-wrapper.ts"
import { sayForAllKeys } from "../transport/for-all-keys.ts"
import { rebuiltResponse } from "../transport/rebuilt-response.ts"
import { untilFirstToken } from "../transport/until-first-token.ts"
import { isReplayable, readWireRequest } from "../transport/wire/wire-request.ts"
import type { WireProtocol } from "../transport/wire/wire-types.ts"
import type { Asking } from "../turn/turn.ts"
import type { KeyHealth } from "./key-health.ts"
import type { LimitWatch } from "./limit-watch.ts"
import { hideKey, keyOfRequest, sendWith } from "./request-key.ts"
import type { FurtherKey } from "./resolve-keys.ts"
import { createSessionKeys } from "./session-keys.ts"
import { type Outcome, tryKeys } from "./try-keys.ts"

/** The identical request goes out again with another key. */
export type KeyChange = {
  readonly sessionID: string
  readonly provider: string
  readonly kind: FailureKind
  readonly from: RingKey
  readonly to: RingKey
  /** When the key that failed is back; milliseconds since 1970. */
  readonly until: number
}

/** Below the decision which model is asked: with which of its provider's keys, and what answers say of limits. */
export type AccountSend = (asking: Asking, send: Send) => Send

type AccountSendDeps = {
  /** The keys of a provider beyond the one in OpenCode's own configuration, in order. */
  readonly furtherKeys: (provider: string) => readonly FurtherKey[]
  readonly health: KeyHealth
  readonly limits: Pick<LimitWatch, "seen">
  readonly keyChanged: (change: KeyChange) => void
  /** Must not say more of a fault than its name. */
  readonly faults: OwnFaults
  readonly now: () => number
}

type Key = RingKey & {
  readonly send: () => Promise<Response>
  /** An error's text without the key; OpenCode's own is OpenCode's to hide. */
  readonly hide: (text: string) => string
}

export function createAccountSend(deps: AccountSendDeps): AccountSend {
  const { health, limits, faults, now } = deps
  const sessionKeys = createSessionKeys()

  return (asking, send) => async (input, init) => {
    const provider = providerOf(asking.model)
    const keys = keysFor(provider, send, input, init)
    const kept = keys.length > 1 ? await sendWithKeys(asking, keys, input, init) : undefined
    if (kept) return kept
    const response = await send(input, init)
    faults.guard(() => limits.seen({ account: provider }, response.headers))
    return response
  }

  /** One or none: the request goes out as it is. */
  function keysFor(provider: string, send: Send, input: FetchInput, init: FetchInit): readonly Key[] {
    const further = deps.furtherKeys(provider)
    if (further.length === 0 || !isReplayable(input, init)) return []
    const ring = faults.guard((): readonly Key[] => {
      const own = keyOfRequest(input, init)
      if (own === undefined) return []
      const first: Key = {
        number: 1,
        fingerprint: fingerprintOf(own.key),
        send: () => send(input, init),
        hide: (text) => text,
      }
      const others = further
        .filter(({ key }) => key !== own.key)
        .map(({ key, number }) => ({
          number,
          fingerprint: fingerprintOf(key),
          send: () => sendWith(key, own.places, send, input, init),
          hide: (text: string) => hideKey(text, key),
        }))
      return [first, ...others]
    })
    return ring ?? []
  }

  function sendWithKeys(
    { sessionID, model }: Asking,
    keys: readonly Key[],
    input: FetchInput,
    init: FetchInit,
  ): Promise<Response | undefined> {
    const provider = providerOf(model)
    const protocol = readWireRequest(input, init)
    return tryKeys({
      provider,
      keys,
      session: sessionKeys(sessionID, model, init?.body),
      health,
      now,
      ask: async (key) => {
        const response = await key.send()
        const account = accountKey(provider, key.fingerprint)
        faults.guard(() => limits.seen({ account, keyNumber: key.number }, response.headers))
        return response.ok ? judgeStart(provider, key, response, protocol) : judge(provider, key, response)
      },
      sayForAll: (response, what) => {
        // For OpenCode's own retries.
        if (what.backAt !== undefined)
          response.headers.set("retry-after-ms", String(Math.max(0, what.backAt - now())))
        return sayForAllKeys(response, what)
      },
      changed: (from, to, { kind }, until) =>
        faults.guard(() => deps.keyChanged({ sessionID, provider, kind, from, to, until })),
    })
  }

  /** Some providers begin to answer before they look at the key. */
  async function judgeStart(
    provider: string,
    key: Key,
    response: Response,
    protocol: WireProtocol | undefined,
  ): Promise<Outcome<Response>> {
    if (!protocol) return { answer: response, verdict: undefined }
    const { response: answer, error } = await untilFirstToken(response, protocol, faults.guard)
    if (error === undefined) return { answer, verdict: undefined }
    const failure = failureFromFrame(error)
    const kind = faults.guard(() => classify({ ...failure, provider }, now()).kind)
    if (!kind || !(mayChangeKey(kind) || mayLieInTheAccount(kind))) return { answer, verdict: undefined }
    // The error is known, and the rest may not end: some providers keep the connection open.
    answer.body?.cancel().catch(() => undefined)
    return judge(provider, key, errorResponse(answer, kind, failure.body ?? error))
  }

  async function judge(provider: string, key: Key, response: Response): Promise<Outcome<Response>> {
    const body = await boundedError(response).text()
    const { status } = response
    const headers = Object.fromEntries(response.headers)
    const verdict = classify({ provider, status, headers, body }, now())
    return { verdict, answer: rebuiltResponse(response, new Blob([key.hide(body)]).stream()) }
  }
}

const statuses: Readonly<Partial<Record<FailureKind, number>>> = {
  bad_request: 400,
  auth: 401,
  billing: 402,
  model_not_found: 404,
}

/** What a begun answer says of its key as it would have been said at once: only so is there room for what we add to it. */
function errorResponse({ headers, url }: Response, kind: FailureKind, body: string): Response {
  const status = statuses[kind] ?? 429
  const kept = new Headers(headers)
  kept.set("content-type", "application/json")
  return rebuiltResponse({ status, statusText: STATUS_CODES[status] ?? "", headers: kept, url }, body)
}

/** Sixteen hexadecimal digits that stand for a key wherever the key itself must not stand. */
export function fingerprintOf(key: string): string {
  return new Bun.CryptoHasher("sha256").update(key).digest("hex").slice(0, 16)
}
