import { providerOfAccount } from "../../core/limits/account.ts"
import { isoTime } from "../terminal/json.ts"
import type { StatusReport } from "./status-report.ts"
import type { JsonObject } from "../../core/json-object.ts"

/** The report for programs: times as ISO 8601, spans in milliseconds, what is not known as null. */
export function statusJson(report: StatusReport, where: string | undefined): JsonObject {
  const { statistics } = report
  return {
    at: isoTime(report.at),
    store: where ?? null,
    circuits: report.circuits.map(({ subject, isProvider, failedAt, until, backAt, ...row }) => ({
      [isProvider ? "provider" : "model"]: subject,
      ...row,
      failedAt: isoTime(failedAt),
      until: isoTime(until),
      backAt: isoTime(backAt),
    })),
    limits: report.limits.map(({ account, keyNumber, windows }) => ({
      provider: providerOfAccount(account),
      keyNumber: keyNumber ?? null,
      windows: windows.map(({ name, usedPercent, resetsAt, seenAt }) => ({
        name,
        usedPercent,
        resetsAt: isoTime(resetsAt),
        seenAt: isoTime(seenAt),
      })),
    })),
    journal: report.journal.map((entry) => ({ ...entry, at: isoTime(entry.at) })),
    summary: {
      ...statistics,
      since: isoTime(statistics.since),
      until: isoTime(statistics.until),
      meanRecoveryMs: statistics.meanRecoveryMs ?? null,
      meanSwitchMs: statistics.meanSwitchMs ?? null,
      byProvider: statistics.byProvider.map((row) => ({
        ...row,
        meanRecoveryMs: row.meanRecoveryMs ?? null,
      })),
    },
  }
}
