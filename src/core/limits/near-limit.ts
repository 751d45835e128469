import type { SkipReason } from "../skip-reason.ts"
import { providerOfAccount } from "./account.ts"
import { describeWindow } from "./describe-windows.ts"
import { fullestWindow, type LimitWindow, windowEndsAt } from "./limit-window.ts"

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
