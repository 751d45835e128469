import { addressOf, type FetchInit, type FetchInput } from "../fetch-arguments.ts"
import { wireProtocolFor } from "./wire-protocol.ts"
import type { WireProtocol } from "./wire-types.ts"

/** The protocol that this request speaks, or `undefined` when it is none that we can end in flight. */
export function readWireRequest(input: FetchInput, init: FetchInit): WireProtocol | undefined {
  const body = typeof init?.body === "string" ? topLevelHints(init.body) : undefined
  return wireProtocolFor({ url: addressOf(input), body })
}

/** Whether the identical request can be sent again: a stream is used up by its first sending. */
export function isReplayable(input: FetchInput, init: FetchInit): boolean {
  if (input instanceof Request && input.body) return false
  const body: unknown = init?.body
  return body === undefined || body === null || typeof body === "string" || body instanceof Uint8Array
}

/**
 * The few top-level fields that tell protocols apart. A request may hold megabytes of images, so that it is not
 * parsed as a whole.
 */
function topLevelHints(body: string): Readonly<Record<string, unknown>> {
  const hints: Record<string, unknown> = {}
  if (/"stream"\s*:\s*true/.test(body)) hints["stream"] = true
  for (const key of ["messages", "input"]) if (body.includes(`"${key}"`)) hints[key] = true
  return hints
}
