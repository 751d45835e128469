import { describeMoment } from "../describe-moment.ts"
import type { SkipReason } from "../skip-reason.ts"
import { providerOfAccount } from "./account.ts"

/** How much of one of a provider's limits is used up, as the provider's own answer says. */
export type LimitWindow = {
  /** What is limited, for people: `5 h`, `7 d`, `requests per day`, `tokens`. At most 60 characters. */
  readonly name: string
  /** 0 to 100, one decimal. */
  readonly usedPercent: number
  /** When it is new; milliseconds since 1970. Absent where the provider does not say. */
  readonly resetsAt?: number
  /** When the answer came. */
  readonly seenAt: number
}

/** A window whose reset nobody names is one of seconds or of a minute: after that nothing is known of it. */
const unknownResetMs = 60_000

function windowEndsAt(window: LimitWindow): number {
  return window.resetsAt ?? window.seenAt + unknownResetMs
}

/** Those of an account that are not over, in their order. A clock may have been set back since they were seen. */
export function currentWindows(windows: readonly LimitWindow[], now: number): readonly LimitWindow[] {
  return windows.filter((window) => {
    const isSeenLater = window.resetsAt === undefined && window.seenAt > now + unknownResetMs
    return windowEndsAt(window) > now && !isSeenLater
  })
}

/** The windows of an account after a further answer. What is over is left out. */
export function mergeWindows(
  before: readonly LimitWindow[],
  seen: readonly LimitWindow[],
  now: number,
): readonly LimitWindow[] {
  const names = new Set(seen.map(({ name }) => name))
  return currentWindows([...before.filter(({ name }) => !names.has(name)), ...seen], now)
    .toSorted((a, b) => b.usedPercent - a.usedPercent || a.name.localeCompare(b.name))
    .slice(0, mostWindows)
}

/** Bound of what is kept of one account; the fullest are. The most that a provider is known to name is seven. */
export const mostWindows = 12

/** The fullest window at or above a share of its limit, of those that are not over. */
export function fullestWindow(
  windows: readonly LimitWindow[],
  atPercent: number,
  now: number,
): LimitWindow | undefined {
  return currentWindows(windows, now)
    .filter((window) => window.usedPercent >= atPercent)
    .toSorted((a, b) => windowEndsAt(b) - windowEndsAt(a))[0]
}

/** `5 h window 83 % used, resets at 14:20` */
export function describeWindow({ name, usedPercent, resetsAt }: LimitWindow, now: number): string {
  const used = Math.round(usedPercent)
  // A length is a window; `requests per day` says by itself what it is.
  const what = /^\d+ (?:min|h|d)\b/.test(name) ? `${name} window` : name
  return `${what} ${used} % used${resetsAt === undefined ? "" : `, resets at ${describeMoment(resetsAt, now)}`}`
}

/** Those of an account that are not over, the fullest first; empty when nothing is known any longer. */
export function describeWindows(windows: readonly LimitWindow[], now: number): string {
  return currentWindows(windows, now)
    .map((window) => describeWindow(window, now))
    .join("; ")
}

type AccountWindows = { readonly account: string; readonly windows: readonly LimitWindow[] }

/**
 * Why no turn is to begin at this provider: every account of it that a request may count for has a limit that is
 * used up to this share, or further. Of several accounts the one that is back first counts.
 *
 * @param atPercent 1 to 100
 * @param accountCount how many accounts (keys) the provider is asked with; one that is not known yet is well
 */
export function nearLimit(
  provider: string,
  accounts: readonly AccountWindows[],
  { atPercent, accountCount }: { readonly atPercent: number; readonly accountCount: number },
  now: number,
): Extract<SkipReason, { why: "near-limit" }> | undefined {
  const full = accounts
    .filter(({ account }) => providerOfAccount(account) === provider)
    .flatMap(({ windows }) => fullestWindow(windows, atPercent, now) ?? [])
  if (full.length < accountCount) return undefined
  const [first] = full.toSorted((a, b) => windowEndsAt(a) - windowEndsAt(b))
  if (first === undefined) return undefined
  return { why: "near-limit", provider, limit: describeWindow(first, now), until: windowEndsAt(first) }
}
