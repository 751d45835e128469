import { BoundedMap } from "../../core/bounded-map.ts"
import { knownModel } from "../../core/catalog.ts"
import { modelRef } from "../../core/model-ref.ts"
import type { Core } from "../../failover/assemble.ts"
import { withoutRetryWords } from "../../failover/refusal-text.ts"
import type { Host } from "../../host/host.ts"
import { createOwnFaults } from "../../host/own-fault.ts"
import type { FetchInit, FetchInput } from "../../transport/fetch-arguments.ts"
import { createFetchRoutes } from "../../transport/fetch-routes.ts"
import { type Send, wrapFetch } from "../../transport/fetch-wrapper.ts"
import { newMarkerToken } from "../../transport/step-marker.ts"
import { textCompletion, unfinishedCompletion } from "../../transport/wire/wire-protocol.ts"
import { readWireRequest } from "../../transport/wire/wire-request.ts"
import type { HostWatch } from "./host-watch.ts"
import { carriesMarker, createMayMark } from "./in-flight/carries-marker.ts"
import type { AnnouncedStep, InFlight, StepRequest } from "./in-flight/flight.ts"
import { hideReplies } from "./local-replies.ts"
import type { TurnHooksDeps } from "./turn-hooks.ts"

type CaughtStepsDeps = Pick<Core, "accountSend"> & {
  readonly failover: Pick<Core["failover"], "enabled">
  readonly inFlight: InFlight
  /** Handle the requests of these. */
  readonly compaction: InFlight
  readonly title: InFlight
  readonly host: Pick<Host, "catalog" | "log">
  readonly watch: HostWatch
}

export type CaughtSteps = Pick<TurnHooksDeps, "mayMark" | "catches" | "announceStep"> & {
  readonly dispose: () => void
}

/** Wraps the process's `fetch`, and hands the requests that were announced as steps of a turn to the failover. */
export function catchSteps(deps: CaughtStepsDeps): CaughtSteps {
  const { failover, inFlight, accountSend, host, watch } = deps
  const faults = createOwnFaults(host)
  /** By their markers; an SDK may send one marked request several times. */
  const steps = new BoundedMap<string, AnnouncedStep>()
  const routes = createFetchRoutes((input, init) => readWireRequest(input, init) !== undefined)
  const wrapping = wrapFetch((token) => {
    const step = steps.get(token)
    if (!step) return undefined
    const { outside, hides = [] } = step
    if (outside)
      return (input, init, send) =>
        deps[outside]({ ...step, input, init: hideReplies(init, hides), send: withKeys(step, send) })
    watch.onCaught(step.model)
    return (input, init, send) => {
      if (step.localReply !== undefined) return replyLocally(step, step.localReply, input, init)
      return inFlight({ ...step, input, init, send: withKeys(step, send) } satisfies StepRequest)
    }
  }, routes.see)

  function withKeys(step: AnnouncedStep, send: Send): Send {
    const isOn = faults.guard(() => failover.enabled(step.sessionID)) === true
    return isOn ? accountSend(step, send) : send
  }

  if (!wrapping.standInFront())
    host.log(
      "warn",
      "failover inside the turn is not possible (the global fetch of this process cannot be replaced); failures are handled by a replay",
    )

  const announceStep = (step: AnnouncedStep): string | undefined => {
    const isForUs = step.localReply !== undefined || (step.hides?.length ?? 0) > 0
    if (!wrapping.standInFront() || !(isForUs || watch.mayMark(step.model))) return undefined
    // Only what is caught of the steps tells something of the provider's way.
    if (!isForUs && !step.outside) watch.onMarked(step.model)
    const token = newMarkerToken()
    steps.set(token, step)
    return token
  }

  const mayMark = createMayMark(routes, watch.webSocketsOn)
  return {
    // What bears no marker is looked at by whoever of us is in front.
    mayMark: (call) => wrapping.standInFront() && mayMark(call),
    catches: async (model) => {
      const npm = knownModel(await host.catalog(), model)?.npm
      return wrapping.standInFront() && watch.mayMark(model) && carriesMarker(npm, watch.webSocketsOn())
    },
    announceStep,
    dispose: wrapping.dispose,
  }
}

/** @throws Error with the reply itself where the protocol is none of ours: no provider must be asked for it */
async function replyLocally(
  { model, goesOn }: AnnouncedStep,
  reply: string,
  input: FetchInput,
  init: FetchInit,
): Promise<Response> {
  const protocol = readWireRequest(input, init)
  if (!protocol) throw new Error(withoutRetryWords(reply))
  const complete = goesOn ? unfinishedCompletion : textCompletion
  return complete(protocol, modelRef(model).modelID, reply)
}
