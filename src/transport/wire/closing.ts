import type { Closing, Shown, WireReader, WireStep } from "./wire-types.ts"

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

/**
 * The frame in which a provider says why it stopped. Some say so twice: what the second one says is passed on, and
 * ends nothing.
 *
 * @param repaired the frame where its word would make OpenCode ask again
 */
export function stoppingStep(
  { shown, finished }: Pick<WireReader, "shown" | "finished">,
  reason: StopReason,
  frame: string,
  repaired: () => string = () => frame,
): WireStep {
  const frames = needsRepair(reason, shown) ? repaired() : frame
  if (finished) return { type: "replace", frames, content: false }
  return { type: "closing", closing: closingFor(reason, shown), frames }
}

/** Whether the provider's own end stands with this step, so that its reader is finished. */
export function endsAnswer(step: WireStep): boolean {
  return step.type === "closing" && isEnd(step.closing)
}

/** Whether OpenCode would ask again over this word although there is nothing to go on with. */
export function needsRepair(reason: StopReason, shown: Shown): boolean {
  return shown === "text" && (reason === "calls" || reason === "unknown")
}

/** The provider's own end stands, so that the reader is finished. */
export function isEnd(closing: Closing): closing is "turn-ends" | "goes-on" {
  return closing === "turn-ends" || closing === "goes-on"
}
