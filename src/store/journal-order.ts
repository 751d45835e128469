import { type JournalEntry, storeBounds } from "./store.ts"

const longestDetail = 1_000

/** The entry with its text cut to the bound that the port promises. */
export function boundedEntry(entry: JournalEntry): JournalEntry {
  if (entry.detail === undefined || entry.detail.length <= longestDetail) return entry
  return { ...entry, detail: `${entry.detail.slice(0, longestDetail - 1)}…` }
}

/**
 * Answers a journal query from entries in the order in which they were appended: newest first, of two with
 * the same time the one appended later first, without those beyond the age bound.
 */
export function newestFirst(
  appended: readonly JournalEntry[],
  query: { readonly limit: number; readonly sessionID?: string },
  now: number,
): readonly JournalEntry[] {
  return appended
    .filter((entry) => entry.at >= now - storeBounds.journalAgeMs)
    .filter((entry) => query.sessionID === undefined || entry.sessionID === query.sessionID)
    .toReversed()
    .toSorted((a, b) => b.at - a.at)
    .slice(0, Math.max(0, query.limit))
}
