import { type LimitWindow, mergeWindows } from "../core/limits/limit-window.ts"
import { readWindows } from "../core/limits/read-windows.ts"
import type { AccountLimits, Store } from "../store/store.ts"

export type LimitWatch = ReturnType<typeof createLimitWatch>

/** What changed by less than this is not worth a write, percent of the limit. */
const leastChange = 1
/** A reset that moves by less than this is the same window. */
const sameResetMs = 60_000
/** Even without a change the store hears this often that the account is in use. */
const longestSilenceMs = 60_000

/**
 * Keeps in the store what answers say of limits.
 *
 * @param later runs something once the answer is on its way
 */
export function createLimitWatch(deps: {
  readonly store: Pick<Store, "limits" | "saveLimits">
  readonly now: () => number
  readonly later: (run: () => void) => void
}) {
  const { store, now } = deps
  const written = new Map<string, AccountLimits>()
  const waiting = new Map<string, AccountLimits>()

  const write = (): void => {
    if (waiting.size === 0) return
    const seen = [...waiting.values()]
    waiting.clear()
    const stored = new Map(store.limits().map((record) => [record.account, record]))
    for (const record of seen) {
      const before = stored.get(record.account)?.windows ?? []
      const after = { ...record, windows: mergeWindows(before, record.windows, now()) }
      store.saveLimits(after)
      written.set(record.account, after)
    }
  }

  return {
    /** An answer has come, good or bad. Only its headers are looked at; the store is written afterwards. */
    seen: (account: Pick<AccountLimits, "account" | "keyNumber">, headers: Headers): void => {
      const windows = readWindows(headers, now())
      if (windows.length === 0) return
      const last = written.get(account.account)
      if (last && now() - last.updatedAt < longestSilenceMs && !isNews(last.windows, windows)) return
      const isFirst = waiting.size === 0
      waiting.set(account.account, { ...account, windows, updatedAt: now() })
      if (isFirst) deps.later(write)
    },
    /** Writes what waits, before the store is closed: `opencode run` ends with the answer. */
    flush: write,
  }
}

function isNews(known: readonly LimitWindow[], seen: readonly LimitWindow[]): boolean {
  return seen.some((window) => {
    const before = known.find(({ name }) => name === window.name)
    if (!before || Math.abs(before.usedPercent - window.usedPercent) >= leastChange) return true
    return Math.abs((before.resetsAt ?? 0) - (window.resetsAt ?? 0)) >= sameResetMs
  })
}
