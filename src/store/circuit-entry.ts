import * as z from "zod/mini"
import type { CircuitRecord } from "../core/circuit.ts"
import { storedCircuit } from "./stored-values.ts"

/**
 * A circuit as machines exchange it through a server. A deleted circuit leaves an entry without a record
 * behind, so that a machine that was cut off cannot bring an old failure back.
 *
 * The two stamps are hybrid clocks: milliseconds since 1970, but always later than any stamp their writer
 * had seen. So a change outranks what it was based on even when the machines' clocks differ.
 */
export type CircuitEntry = Readonly<z.output<typeof storedEntry>>

export const storedEntry = z.object({
  /** When the record failed, or was deleted. */
  at: z.number(),
  /** When it was last changed; later than `at` when only a probe came or went. */
  revisedAt: z.number(),
  record: z.nullable(storedCircuit),
  /** Of a deleted entry: the stamp of the newest reset of a held circuit. */
  resetAt: z.exactOptional(z.number()),
})

/** The entry after a change by this machine; `undefined` when nothing changed. */
export function changedEntry(
  before: CircuitEntry | undefined,
  after: CircuitRecord | undefined,
  now: number,
): CircuitEntry | undefined {
  const record = before?.record ?? undefined
  if (after === record) return undefined
  const stamp = Math.max(now, (before?.revisedAt ?? 0) + 1)
  if (!after)
    return { at: stamp, revisedAt: stamp, record: null, ...(record?.held ? { resetAt: stamp } : {}) }
  const sameFailure = record?.failedAt === after.failedAt && record.held === after.held
  return { at: sameFailure && before ? before.at : stamp, revisedAt: stamp, record: after }
}

/**
 * What holds of two entries of one circuit, in whichever order they arrive: the later failure or success;
 * of one failure the later revision, then the longer cooldown. A circuit held by hand yields to its reset
 * only.
 */
export function mergedEntry(a: CircuitEntry, b: CircuitEntry): CircuitEntry {
  if (a.record?.held || b.record?.held) {
    const [held, other] = a.record?.held ? [a, b] : [b, a]
    if (other.record === null) return (other.resetAt ?? -Infinity) >= held.at ? other : held
    if (!other.record.held) return held
  }
  const later = isLater(a, b) ? a : b
  if (a.record || b.record) return later
  const resetAt = Math.max(a.resetAt ?? -Infinity, b.resetAt ?? -Infinity)
  return resetAt === -Infinity ? later : { ...later, resetAt }
}

function isLater(a: CircuitEntry, b: CircuitEntry): boolean {
  const times = a.at - b.at || a.revisedAt - b.revisedAt || (a.record?.until ?? 0) - (b.record?.until ?? 0)
  return times === 0 ? JSON.stringify(a) > JSON.stringify(b) : times > 0
}

/** Whether two entries say the same, whatever the order of their fields. */
export function sameEntry(a: CircuitEntry, b: CircuitEntry): boolean {
  return Bun.deepEquals(a, b)
}
