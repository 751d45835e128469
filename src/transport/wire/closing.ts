import type { Closing, Shown } from "./wire-types.ts"

/**
 * What a provider's word for its stopping means to the SDK. `limit`: a bound or a filter cut the answer short.
 * `calls`: tools are to be run. `unknown`: the SDK does not know it, and OpenCode asks again over it at once.
 */
export type StopReason = "stop" | "limit" | "calls" | "unknown"

export function closingFor(reason: StopReason, shown: Shown): Closing {
  if (shown === "tool") return "goes-on"
  if (shown === "text") return "turn-ends"
  if (reason === "calls" || reason === "unknown") return "cut"
  return shown === "nothing" && reason === "stop" ? "empty" : "turn-ends"
}

/** Whether OpenCode would ask again over this word although there is nothing to go on with. */
export function needsRepair(reason: StopReason, shown: Shown): boolean {
  return shown === "text" && (reason === "calls" || reason === "unknown")
}

/** The provider's own end stands, so that the reader is finished. */
export function isEnd(closing: Closing): closing is "turn-ends" | "goes-on" {
  return closing === "turn-ends" || closing === "goes-on"
}
