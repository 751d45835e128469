import type { CircuitKey, CircuitRecord } from "../../../src/core/circuit.ts"
import type { CircuitEntry } from "../../../src/store/circuit-entry.ts"
import type { AccountLimits, JournalEntry, SessionRecord } from "../../../src/store/store.ts"

export const noon = Date.UTC(2026, 0, 1, 12)

export function failure(key: CircuitKey, failedAt: number, failures = 1): CircuitRecord {
  return { key, failures, kind: "rate_limit", failedAt, until: failedAt + 60_000 }
}

/** The same as stores keep and send it. */
export function failureEntry(key: CircuitKey, failedAt: number): CircuitEntry {
  return { at: failedAt, revisedAt: failedAt, record: failure(key, failedAt) }
}

export function journalEntry(at: number, sessionID = "ses_1"): JournalEntry {
  return {
    at,
    sessionID,
    event: "switched",
    from: "anthropic/claude-opus-4-5",
    to: "openai/gpt-5.2",
    kind: "rate_limit",
    durationMs: 120,
    detail: "openai/gpt-5.2-mini: cooling down for 12 s",
  }
}

export function sessionRecord(sessionID: string, updatedAt: number): SessionRecord {
  return {
    sessionID,
    own: "anthropic/claude-opus-4-5",
    ownVariant: "high",
    inUse: "openai/gpt-5.2",
    lent: "msg_2",
    lentBefore: ["msg_1"],
    reason: "overloaded",
    chain: ["openai/gpt-5.2", "google/gemini-3-pro"],
    updatedAt,
  }
}

export function accountLimits(account: string, updatedAt: number): AccountLimits {
  return {
    account,
    windows: [
      { name: "5 h", usedPercent: 83.5, resetsAt: updatedAt + 3_600_000, seenAt: updatedAt },
      { name: "tokens", usedPercent: 0, seenAt: updatedAt },
    ],
    updatedAt,
  }
}
