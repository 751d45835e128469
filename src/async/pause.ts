import { setTimeout } from "node:timers/promises"

/** Resolves after `ms` milliseconds, or at once when the signal is aborted; leaves no timer and no listener behind. */
export async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  // Rejects when it is aborted.
  await setTimeout(ms, undefined, { signal }).catch(() => undefined)
}
