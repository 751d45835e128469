import type { ModelKey } from "../../core/model-ref.ts"
import { type SimulatedRequest, simulatedAnswer } from "./simulated-providers.ts"
import type { JsonObject } from "../../core/json-object.ts"

/** One turn of a real OpenCode against simulated providers; models by the user's own names. */
export type Trial = {
  readonly agent: string
  /** The version of OpenCode. */
  readonly openCode: string
  readonly primary: ModelKey
  /** OpenCode's own configuration names the plugin: what was tried is what will happen. */
  readonly isListed: boolean
  /** Only those of the turn itself, in order. */
  readonly requests: readonly SimulatedRequest[]
  /** What `opencode run` printed. */
  readonly output: string
  /** What Understudy said on standard error. */
  readonly notes: readonly string[]
  /** Why OpenCode itself failed. */
  readonly failure: string | undefined
}

export type TrialVerdict = { readonly works: boolean; readonly what: string }

/** Whether the turn went on with another model, and the first one was asked only once. */
export function judgeTrial(trial: Trial): TrialVerdict {
  const fault = faultOf(trial)
  return { works: fault === undefined, what: fault ?? "It works." }
}

function faultOf({ primary, isListed, requests, output, failure }: Trial): string | undefined {
  if (failure !== undefined) return `OpenCode failed: ${failure}.`
  if (requests[0]?.model !== primary) return `${primary} was not asked first.`
  const last = requests.at(-1)
  if (last === undefined || last.status !== 200 || last.model === primary)
    return "No other model was asked: OpenCode does not load the plugin, or the failure was not caught."
  const asked = requests.filter(({ model }) => model === primary).length
  if (asked > 1) return `${primary} was asked ${asked} times.`
  if (!output.includes(simulatedAnswer)) return "The answer did not arrive."
  return isListed ? undefined : "It works here, but OpenCode's configuration does not list the plugin yet."
}

export function trialJson(trial: Trial, verdict: TrialVerdict): JsonObject {
  const { agent, openCode, primary, requests, notes, failure } = trial
  return {
    works: verdict.works,
    what: verdict.what,
    agent,
    opencode: openCode,
    model: primary,
    requests,
    notes,
    failure: failure ?? null,
  }
}
