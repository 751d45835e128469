import { type CircuitRecord, probeLeaseMs } from "./circuit.ts"

/**
 * The record as far as a clock can believe it, or the same object where nothing is wrong with it. A failure lies
 * in the past, a rest lasts no longer than it was written to last and no longer than the longest cooldown, and a
 * probe no longer than its lease. With a rest that is not believed goes what the provider has said of its return. What
 * a person holds stays held.
 *
 * @param firstSeenAt when the record was first read as it is; milliseconds since 1970
 */
export function circuitWithoutSkew(
  record: CircuitRecord,
  clock: { readonly firstSeenAt: number; readonly now: number; readonly longestCooldownMs: number },
): CircuitRecord {
  if (record.held) return record
  const restMs = Math.min(Math.max(record.until - record.failedAt, 0), clock.longestCooldownMs)
  const until = Math.min(record.until, clock.firstSeenAt + restMs)
  const failedAt = Math.min(record.failedAt, clock.firstSeenAt)
  const isProbePlausible = (record.probeUntil ?? 0) <= clock.now + probeLeaseMs
  if (until === record.until && failedAt === record.failedAt && isProbePlausible) return record
  const { probeUntil, toldBackAt, ...rest } = { ...record, until, failedAt }
  return {
    ...rest,
    ...(toldBackAt !== undefined && until === record.until && { toldBackAt }),
    ...(probeUntil !== undefined && isProbePlausible && { probeUntil }),
  }
}
