import { type ModelKey, providerOf } from "./model-ref.ts"
import type { FailureKind, Verdict } from "./verdict.ts"

/** What has a circuit of its own: one model, a provider with all its models, or one of a provider's keys. */
export type CircuitKey = `model:${ModelKey}` | `provider:${string}` | `key:${string}#${string}`

export function modelCircuit(model: ModelKey): CircuitKey {
  return `model:${model}`
}

/** @param fingerprint of the key, never the key itself */
export function keyCircuit(providerID: string, fingerprint: string): CircuitKey {
  return `key:${providerID}#${fingerprint}`
}

/** Both circuits that a request to this model passes: its provider's first, then its own. */
export function circuitKeys(model: ModelKey): readonly [CircuitKey, CircuitKey] {
  return [`provider:${providerOf(model)}`, modelCircuit(model)]
}

/** Whose circuit it is; the way back from a key. `undefined` for a text that is none. */
export function circuitSubject(
  key: string,
): { readonly model: ModelKey } | { readonly providerID: string; readonly fingerprint?: string } | undefined {
  const name = key.slice(key.indexOf(":") + 1)
  const [, providerID, fingerprint = ""] = /^key:(.+)#([0-9a-z-]+)$/.exec(key) ?? []
  if (providerID !== undefined) return { providerID, fingerprint }
  if (key.startsWith("provider:")) return name === "" ? undefined : { providerID: name }
  const slash = name.indexOf("/")
  if (!key.startsWith("model:") || slash <= 0 || slash === name.length - 1) return undefined
  return { model: `${name.slice(0, slash)}/${name.slice(slash + 1)}` }
}

/**
 * What is kept of a circuit that is not closed. A closed circuit has no record. The state is derived
 * from the clock (see {@link circuitState}), so that a process that dies leaves nothing half-open behind.
 */
export type CircuitRecord = {
  readonly key: CircuitKey
  /** Consecutive failures, 1 or more. */
  readonly failures: number
  readonly kind: FailureKind
  /** When the last failure was recorded; milliseconds since 1970, like all times here. */
  readonly failedAt: number
  /** Open until then; where it is held by hand until {@link heldUntil}. */
  readonly until: number
  /** When the provider itself said that it would be back, where that is later than `until`: people are told this. */
  readonly toldBackAt?: number
  /** Set while one request probes a circuit whose time is over: nobody else asks until then. */
  readonly probeUntil?: number
  /** Held by hand (`/understudy hold`): only a reset closes it. */
  readonly held?: true
  /** Of a key: its place among the provider's keys when it failed; 1 is the one in OpenCode's configuration. */
  readonly keyNumber?: number
}

/** `until` of a circuit that a person holds open: the year 9999, a number that JSON and SQLite can keep. */
export const heldUntil = 253_402_300_799_000

/** Of a model that is not asked. */
export type Cooldown = Pick<CircuitRecord, "until" | "toldBackAt" | "kind">

export function cooldownOf({ until, toldBackAt, kind }: Cooldown): Cooldown {
  return { until, kind, ...(toldBackAt !== undefined && { toldBackAt }) }
}

/** When people are told that it is back: by its provider's word where that is later than its cooldown; milliseconds since 1970. */
export function backAt({ until, toldBackAt }: Pick<CircuitRecord, "until" | "toldBackAt">): number {
  return toldBackAt ?? until
}

export type CircuitState =
  | { readonly state: "closed" }
  | ({ readonly state: "open"; readonly held: boolean } & Cooldown)
  | {
      readonly state: "half-open"
      readonly probing: boolean
      readonly kind: FailureKind
      readonly until: number
    }

export function circuitState(record: CircuitRecord | undefined, now: number): CircuitState {
  if (!record) return { state: "closed" }
  const { until, kind } = record
  if (now < until) return { state: "open", held: record.held === true, ...cooldownOf(record) }
  const probing = record.probeUntil !== undefined && now < record.probeUntil
  return { state: "half-open", probing, kind, until: record.probeUntil ?? until }
}

/** Both circuits of a model. What stops a request is the provider's first, then its own. */
export function modelHealth(
  model: ModelKey,
  circuit: (key: CircuitKey) => CircuitRecord | undefined,
  now: number,
) {
  const [provider, own] = circuitKeys(model)
  return { provider: circuitState(circuit(provider), now), model: circuitState(circuit(own), now) }
}

export type CooldownPolicy = {
  /** Length of the first cooldown, milliseconds, at least 0. */
  readonly baseMs: number
  /** Factor for each further consecutive failure, at least 1. */
  readonly multiplier: number
  /** Upper bound, also for what a server asks for. */
  readonly maxMs: number
}

/** Share of the cooldown that jitter may add, so that many clients do not come back in the same instant. */
const jitterShare = 0.1

/** A server that says "again at once" right after a failure would make the model flap. */
const leastRetryAfterMs = 1_000

type CircuitFailure = {
  readonly key: CircuitKey
  readonly verdict: Pick<Verdict, "kind" | "retryAt">
  readonly policy: CooldownPolicy
  /** When it was recorded; milliseconds since 1970. */
  readonly at: number
  /** A number in [0, 1), for the jitter. */
  readonly random: number
}

/**
 * The record after a failure. The server's own `retryAt` outranks the computed cooldown; both are capped.
 * A failure that arrives while the circuit is still open (a request that was under way) does not count as
 * a further consecutive one. A circuit that has been quiet for longer than the longest cooldown starts anew.
 */
export function afterFailure(before: CircuitRecord | undefined, failure: CircuitFailure): CircuitRecord {
  if (before?.held) return before
  const { key, verdict, policy, at, random } = failure
  const stale = before !== undefined && at - before.until > policy.maxMs
  const stillOpen = before !== undefined && at < before.until
  const failures = !before || stale ? 1 : stillOpen ? before.failures : before.failures + 1
  const computedMs = needsAPerson(verdict.kind)
    ? policy.maxMs
    : Math.min(policy.baseMs * policy.multiplier ** (failures - 1), policy.maxMs)
  const jitterMs = computedMs * jitterShare * random
  const leastMs = Math.min(leastRetryAfterMs, policy.baseMs)
  const until =
    verdict.retryAt === undefined
      ? at + Math.min(computedMs + jitterMs, policy.maxMs)
      : at + Math.min(Math.max(verdict.retryAt - at, leastMs), policy.maxMs)
  const openUntil = Math.ceil(stillOpen ? Math.max(until, before.until) : until)
  const told = Math.min(Math.max(verdict.retryAt ?? 0, (stillOpen && before.toldBackAt) || 0), heldUntil)
  return {
    key,
    failures,
    kind: verdict.kind,
    failedAt: at,
    until: openUntil,
    ...(told > openUntil && { toldBackAt: told }),
  }
}

/** A rejected key or an empty wallet: it is over only when somebody does something about it. */
export function needsAPerson(kind: FailureKind): boolean {
  return kind === "auth" || kind === "billing"
}

/**
 * A circuit whose cause somebody may have removed while nothing of ours ran: after a new key or a payment people start
 * OpenCode again. Its cooldown is over, so that the next request probes it.
 */
export function afterRestart(record: CircuitRecord, now: number): CircuitRecord {
  if (record.held || !needsAPerson(record.kind) || record.until <= now) return record
  return { ...record, until: now }
}

/** How long a probe keeps others away when its process never reports back, milliseconds. */
export const probeLeaseMs = 30_000

/** The record with the probe taken, or `undefined` when this caller must not probe (open, or another does). */
export function takeProbe(record: CircuitRecord, now: number): CircuitRecord | undefined {
  const state = circuitState(record, now)
  if (state.state !== "half-open" || state.probing) return undefined
  return { ...record, probeUntil: now + probeLeaseMs }
}

/**
 * The record after a probe that ended without a verdict: the next request may probe.
 *
 * @param probeUntil of the probe that was taken; another's, taken since, stays
 */
export function giveBackProbe(record: CircuitRecord, probeUntil: number): CircuitRecord {
  if (record.probeUntil !== probeUntil) return record
  const { probeUntil: _, ...rest } = record
  return rest
}

export function heldCircuit(key: CircuitKey, now: number): CircuitRecord {
  return { key, failures: 1, kind: "unknown", failedAt: now, until: heldUntil, held: true }
}

/**
 * Success closes a circuit, except one that a person holds open. An answer to a request that was sent before the
 * model failed says nothing of how it is now.
 *
 * @param sentAt when the request was sent; milliseconds since 1970
 */
export function afterSuccess(record: CircuitRecord | undefined, sentAt: number): CircuitRecord | undefined {
  return record && (record.held || record.failedAt > sentAt) ? record : undefined
}

/**
 * Which circuit a failure trips: the provider's for a dead key or an empty wallet that concerns the whole
 * account, otherwise the model's only (OpenClaw's rule).
 */
export function trippedCircuit(model: ModelKey, verdict: Pick<Verdict, "kind" | "scope">): CircuitKey {
  const [provider, own] = circuitKeys(model)
  return tripsProvider(verdict) ? provider : own
}

export function tripsProvider({ kind, scope }: Pick<Verdict, "kind" | "scope">): boolean {
  return needsAPerson(kind) && scope === "provider"
}
