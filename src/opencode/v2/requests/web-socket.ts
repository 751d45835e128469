import { streamFailureOf } from "../../../transport/step-response.ts"
import { isEnd } from "../../../transport/wire/closing.ts"
import type { WebSocketFrameEvent, WebSocketRequestEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import {
  beginRequest,
  isLastRequest,
  noteEnd,
  type StepDeps,
  takesPart,
  toldOfBroken,
  whyUnasked,
} from "./step-requests.ts"
import { protocolAt } from "./watch-answer.ts"

/** Nothing that a WebSocket could be opened to: OpenCode then asks over HTTP for the rest of the session. */
const nowhere = "data:,"
/** What OpenCode answers by itself, with a new connection or the whole conversation (2.0.15). */
const isOfConnection = /"code": ?"(?:previous_response_not_found|websocket_connection_limit_reached)"/

/**
 * OpenCode asks OpenAI and xAI over a WebSocket, unless its settings say otherwise (2.0.15). What breaks there is seen
 * as over HTTP. What takes a request or an answer of our own, or an answer's headers, is had over HTTP alone, and so is a
 * compaction that the provider does itself.
 */
export function createWebSocketHooks(deps: StepDeps) {
  return {
    onRequest: async (event: WebSocketRequestEvent): Promise<void> => {
      if (event.kind === "compaction" && deps.failover.enabled(event.sessionID)) event.url = nowhere
      if (!takesPart(deps, event)) return
      beginRequest(deps, event, protocolAt(event.url)?.open(event.model.id))
      if (await needsHttp(deps, event)) event.url = nowhere
    },
    onFrame: async (event: WebSocketFrameEvent): Promise<void> => {
      const reader = takesPart(deps, event) ? deps.steps.readerOf(event) : undefined
      if (!reader) return
      const step = reader.read(`data: ${event.frame}\n\n`)
      if (step.type === "forward" || step.type === "replace") return
      if (isOfConnection.test(event.frame)) return
      if (isEnd(step)) return noteEnd(deps, event, step.closing)
      const told = await toldOfBroken(deps, event, streamFailureOf(step), reader.shown)
      if (told) event.frame = errorFrame(told.says)
    },
  }
}

async function needsHttp(deps: StepDeps, event: WebSocketRequestEvent): Promise<boolean> {
  const { providerID } = event.model
  const { firstTokenMs, stallMs } = deps.timeouts(keyOf(event.model))
  if (firstTokenMs > 0 || stallMs > 0 || deps.hasKeys(providerID)) return true
  // One that closes says nothing.
  if (isLastRequest(deps, event.sessionID)) return true
  if (deps.settings.providers[providerID]?.leave_at_percent !== undefined) return true
  // It is refused there.
  return (await whyUnasked(deps, event)) !== undefined
}

function errorFrame(message: string): string {
  return JSON.stringify({ type: "error", error: { type: "server_error", message } })
}
