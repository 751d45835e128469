import { describeMoment } from "../describe-moment.ts"
import { type LimitWindow, windowEndsAt } from "./limit-window.ts"

/** `5 h window 83 % used, resets at 14:20` */
export function describeWindow({ name, usedPercent, resetsAt }: LimitWindow, now: number): string {
  const used = Math.round(usedPercent)
  // A length is a window; `requests per day` says by itself what it is.
  const what = /^\d+ (?:min|h|d)\b/.test(name) ? `${name} window` : name
  return `${what} ${used} % used${resetsAt === undefined ? "" : `, resets at ${describeMoment(resetsAt, now)}`}`
}

/** Those of an account that are not over, the fullest first; empty when nothing is known any longer. */
export function describeWindows(windows: readonly LimitWindow[], now: number): string {
  return windows
    .filter((window) => windowEndsAt(window) > now)
    .map((window) => describeWindow(window, now))
    .join("; ")
}
