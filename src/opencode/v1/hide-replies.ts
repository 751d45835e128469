import type { FetchInit } from "../../transport/step-marker.ts"

/** No provider takes an empty answer for a message. */
const instead = "(settings)"

/**
 * A request for a title without our own answers. OpenCode builds it from everything that stands before the first
 * prompt, and calls no hook that could take them out (1.18.33).
 */
export function hideReplies(init: FetchInit, replies: readonly string[]): FetchInit {
  if (typeof init?.body !== "string") return init
  // As they stand inside of a text in JSON.
  const written = replies.map((reply) => JSON.stringify(reply).slice(1, -1))
  const body = written.reduce((text, reply) => text.replaceAll(reply, instead), init.body)
  return { ...init, body }
}
