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

export function windowEndsAt(window: LimitWindow): number {
  return window.resetsAt ?? window.seenAt + unknownResetMs
}

/** The windows of an account after a further answer. What is over is left out. */
export function mergeWindows(
  before: readonly LimitWindow[],
  seen: readonly LimitWindow[],
  now: number,
): readonly LimitWindow[] {
  const names = new Set(seen.map(({ name }) => name))
  return [...before.filter(({ name }) => !names.has(name)), ...seen]
    .filter((window) => windowEndsAt(window) > now)
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
  return windows
    .filter((window) => window.usedPercent >= atPercent && windowEndsAt(window) > now)
    .toSorted((a, b) => windowEndsAt(b) - windowEndsAt(a))[0]
}
