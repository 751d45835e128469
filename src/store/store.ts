import type { CircuitKey, CircuitRecord } from "../core/circuit.ts"
import type { AccountLimits, JournalEntry, SessionRecord } from "./stored-values.ts"

export type { AccountLimits, JournalEntry, SessionRecord } from "./stored-values.ts"

/** The right to send the one request that finds out whether a model is back. */
export type Probe = { readonly key: CircuitKey; readonly until: number }

export type ProbeAnswer =
  /** The circuit is closed, or still open, which the caller has seen before. */
  | { readonly state: "not-needed" }
  | { readonly state: "taken"; readonly probe: Probe }
  /** Somebody else probes, until then at the latest. */
  | { readonly state: "busy"; readonly until: number }

/**
 * The port to whatever remembers health, the journal and the sessions' own choices.
 *
 * Reads are synchronous and fast (goal: at most 50 microseconds), because they stand on the path of every
 * request: an adapter whose medium is slow answers from its own copy and keeps that copy fresh in the
 * background. No method throws (but for what `change` throws): an adapter that loses its medium goes on
 * in memory and says so in the log.
 */
export type Store = {
  readonly name: "memory" | "sqlite" | "redis"
  /** Resolves when the first copy is there; never rejects, never takes longer than 1 s. */
  readonly ready: Promise<void>
  circuit(key: CircuitKey): CircuitRecord | undefined
  /** Every record that is kept, in no particular order. */
  circuits(): readonly CircuitRecord[]
  /**
   * Reads, changes and writes one record as one step, also against other processes as far as the medium
   * allows: SQLite does, Redis merges afterwards what two machines did in the same instant. `change` is pure
   * and may be called more than once, also later in the background; of the calls before the return the
   * last one counts. `undefined` deletes the record, the same object leaves it as it is (and costs no write).
   *
   * @returns the record as it is afterwards
   */
  updateCircuit(
    key: CircuitKey,
    change: (before: CircuitRecord | undefined) => CircuitRecord | undefined,
  ): CircuitRecord | undefined
  /**
   * Takes the single probe of a circuit whose cooldown is over. A request that ends without saying how the model
   * is must give it back; one that dies with its process gives it up when the lease is over.
   */
  takeProbe(key: CircuitKey, now: number): ProbeAnswer
  /** Does nothing when the circuit was judged, or probed by somebody else, since. */
  giveBackProbe(probe: Probe): void
  appendJournal(entry: JournalEntry): void
  /** Newest first. */
  journal(query: { readonly limit: number; readonly sessionID?: string }): readonly JournalEntry[]
  session(sessionID: string): SessionRecord | undefined
  saveSession(record: SessionRecord): void
  forgetSession(sessionID: string): void
  /** Of every account that is kept, in no particular order. */
  limits(): readonly AccountLimits[]
  /** Replaces what is kept of the account. */
  saveLimits(record: AccountLimits): void
  /** Resolves when the medium has all that was written before, or is away. May take as long as another holds a lock. */
  flushed(): Promise<void>
  close(): Promise<void>
}

export const storeBounds = {
  journalEntries: 1_000,
  journalAgeMs: 30 * 24 * 3_600_000,
  circuits: 2_000,
  sessions: 2_000,
  sessionAgeMs: 30 * 24 * 3_600_000,
  accounts: 100,
} as const

/** Where an adapter says what went wrong. Messages never hold a password, a prompt or a key. */
export type StoreLog = (level: "info" | "warn" | "error", message: string) => void
