import {
  backAt,
  type CircuitRecord,
  type CircuitState,
  circuitState,
  circuitSubject,
} from "../../core/circuit.ts"
import type { JsonObject } from "../../core/json-object.ts"
import { providerOfAccount } from "../../core/limits/account.ts"
import { currentWindows } from "../../core/limits/limit-window.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import { storeBounds } from "../../store/store.ts"
import type { HealthSnapshot } from "../installation/read-sqlite.ts"
import { isoTime } from "../terminal/terminal.ts"
import { journalStatistics, type OutagePhase } from "./journal-statistics.ts"

export type CircuitRow = ReturnType<typeof circuitRow>

export type StatusReport = ReturnType<typeof statusReport>

export type StatusRange = {
  /** Milliseconds before now. */
  readonly since: number
  /** Entries of the journal. */
  readonly limit: number
  /** Only this session's entries. */
  readonly session?: string
}

/** Everything that `status` shows, from one look at the store. Pure. */
export function statusReport(
  snapshot: HealthSnapshot,
  options: StatusRange,
  { now, longestCooldownMs }: { readonly now: number; readonly longestCooldownMs: number },
) {
  const circuits = snapshot.circuits.map((record) => circuitRow(record, now))
  const entries = snapshot.journal.filter(
    (entry) => options.session === undefined || entry.sessionID === options.session,
  )
  const since = now - Math.min(options.since, storeBounds.journalAgeMs)
  return {
    at: now,
    circuits: circuits.toSorted((a, b) => (a.until ?? Infinity) - (b.until ?? Infinity)),
    /** Accounts of which a window is known that is not over, with those windows only. */
    limits: snapshot.limits
      .map((account) => ({
        ...account,
        windows: currentWindows(account.windows, now),
      }))
      .filter(({ windows }) => windows.length > 0)
      .toSorted((a, b) => a.account.localeCompare(b.account)),
    journal: entries.slice(0, options.limit),
    statistics: journalStatistics(
      entries,
      { since, until: now },
      { standing: standings(circuits), longestGapMs: longestCooldownMs },
    ),
  }
}

/** An answer takes the record away: what is on record has not answered since it failed. */
function standings(circuits: readonly CircuitRow[]): (model: ModelKey) => OutagePhase {
  const concerns = (row: CircuitRow, model: ModelKey): boolean =>
    row.isProvider
      ? row.keyNumber === undefined && row.subject === providerOf(model)
      : row.subject.toLowerCase() === model.toLowerCase()
  return (model) => {
    const rows = circuits.filter((row) => concerns(row, model))
    if (rows.some((row) => row.state !== "ready")) return "out"
    return rows.length === 0 ? "back" : "unasked"
  }
}

function circuitRow(record: CircuitRecord, now: number) {
  const state = circuitState(record, now)
  const subject = circuitSubject(record.key)
  const isProvider = subject !== undefined && "providerID" in subject
  const isKey = isProvider && subject.fingerprint !== undefined
  return {
    /** A model, or a provider that is left alone as a whole. */
    subject: isProvider ? subject.providerID : (subject?.model ?? record.key),
    isProvider,
    /** Set where it is one of the provider's keys and not the provider as a whole. */
    ...(isKey && { keyNumber: record.keyNumber ?? 1 }),
    state: standingOf(state),
    kind: record.kind,
    failures: record.failures,
    failedAt: record.failedAt,
    /** Open until then; `undefined` for one that is held by hand. */
    until: record.held ? undefined : record.until,
    /** As people are told it: by its provider's word, where that is later. */
    backAt: record.held ? undefined : backAt(record),
  }
}

function standingOf(state: CircuitState): "open" | "probing" | "ready" | "held" {
  if (state.state === "open") return state.held ? "held" : "open"
  return state.state === "half-open" && state.probing ? "probing" : "ready"
}

/** The report for programs: times as ISO 8601, spans in milliseconds. */
export function statusJson(report: StatusReport, where: string | undefined): JsonObject {
  const { statistics } = report
  return {
    at: isoTime(report.at),
    store: where,
    circuits: report.circuits.map(({ subject, isProvider, failedAt, until, backAt, ...row }) => ({
      [isProvider ? "provider" : "model"]: subject,
      ...row,
      failedAt: isoTime(failedAt),
      until: isoTime(until),
      backAt: isoTime(backAt),
    })),
    limits: report.limits.map(({ account, keyNumber, windows }) => ({
      provider: providerOfAccount(account),
      keyNumber,
      windows: windows.map(({ name, usedPercent, resetsAt, seenAt }) => ({
        name,
        usedPercent,
        resetsAt: isoTime(resetsAt),
        seenAt: isoTime(seenAt),
      })),
    })),
    journal: report.journal.map((entry) => ({ ...entry, at: isoTime(entry.at) })),
    summary: { ...statistics, since: isoTime(statistics.since), until: isoTime(statistics.until) },
  }
}
