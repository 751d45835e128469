import type { Closing, EndStep, Shown, WireStep } from "./wire-types.ts"

/**
 * What a provider's word for its stopping means to the SDK. `limit`: a bound cut the answer short. `filter`: it was
 * blocked. `calls`: tools are to be run. `unknown`: the SDK does not know it, and OpenCode asks again over it at once.
 */
export type StopReason = "stop" | "limit" | "filter" | "calls" | "unknown"

function closingFor(reason: StopReason, shown: Shown): Closing {
  if (shown === "tool") return "goes-on"
  if (shown === "text") return "turn-ends"
  if (reason === "filter") return "filtered"
  if (reason === "calls" || reason === "unknown") return "cut"
  return shown === "nothing" && reason === "stop" ? "empty" : "turn-ends"
}

/**
 * The frame in which a provider says why it stopped, with which its reader is finished where that end stands. Some say
 * so twice: what the second one says is passed on, and ends nothing.
 *
 * @param repaired the frame where its word would make OpenCode ask again
 */
export function stoppingStep(
  reader: { readonly shown: Shown; finished: boolean },
  reason: StopReason,
  frame: string,
  repaired: () => string = () => frame,
): WireStep {
  const { shown, finished } = reader
  // OpenCode would ask again over this word although there is nothing to go on with.
  const needsRepair = shown === "text" && (reason === "calls" || reason === "unknown")
  const frames = needsRepair ? repaired() : frame
  if (finished) return { type: "replace", frames, content: false }
  const step: WireStep = { type: "closing", closing: closingFor(reason, shown), frames }
  reader.finished = isEnd(step)
  return step
}

export function isEnd(step: WireStep): step is EndStep {
  return step.type === "closing" && (step.closing === "turn-ends" || step.closing === "goes-on")
}
