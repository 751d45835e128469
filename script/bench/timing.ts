import { median } from "./statistics.ts"

const batches = 9
const batchMs = { full: 80, quick: 15 } as const

/** Nanoseconds that one call takes: the median of nine batches, after a warm-up. The result of each call is used. */
export function nanosecondsPerCall(run: () => unknown, pace: "full" | "quick"): number {
  let calls = 1
  while (batch(run, calls) < batchMs[pace] * 1e6) calls *= 2
  return median(Array.from({ length: batches }, () => batch(run, calls) / calls))
}

function batch(run: () => unknown, calls: number): number {
  const started = Bun.nanoseconds()
  for (let call = 0; call < calls; call += 1) sink = run()
  return Bun.nanoseconds() - started
}

/** Keeps the compiler from leaving out a call whose result nobody uses. */
let sink: unknown
export const lastResult = (): unknown => sink
