import type { Timeouts } from "../../../failover/timeouts.ts"
import type { OwnFaults } from "../../../host/own-fault.ts"
import { watchStepResponse } from "../../../transport/step-response.ts"
import type { StreamWatcher } from "../../../transport/stream-failure.ts"
import { wireProtocolFor } from "../../../transport/wire/wire-protocol.ts"
import type { WireProtocol } from "../../../transport/wire/wire-types.ts"
import type { HttpRequestEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import type { OwnRequests } from "./own-requests.ts"

type WatchDeps = {
  readonly ownRequests: Pick<OwnRequests, "sentAt" | "abandon">
  readonly faults: Pick<OwnFaults, "log">
  readonly timeouts: Timeouts
}

/** The same answer, watched; within the time limits of its model. OpenCode itself says when a step is complete. */
export function watchAnswer(
  { ownRequests, faults, timeouts }: WatchDeps,
  { request, model }: Pick<HttpRequestEvent, "request" | "model">,
  protocol: WireProtocol,
  response: Response,
  watcher: Pick<StreamWatcher, "beforeEnd" | "onFailure">,
): Response {
  const wire = { reader: protocol.open(model.id), framing: protocol.framing }
  const sentAt = ownRequests.sentAt(request) ?? performance.now()
  return watchStepResponse(
    response,
    wire,
    { ...timeouts(keyOf(model)), sentAt },
    { ...watcher, abandon: () => ownRequests.abandon(request), onFault: faults.log },
  )
}

/** The protocol of a request of OpenCode 2. It asks for a stream in every one; which protocol it is the path says. */
export function protocolAt(url: string): WireProtocol | undefined {
  return wireProtocolFor({ url: new URL(url), body: undefined })
}
