import { field, text, withoutUndefined } from "../../../core/json-object.ts"
import { modelKey } from "../../../core/model-ref.ts"
import { tokensBehind } from "../../../core/tokens-used.ts"
import { abortedTool } from "./half-made-calls.ts"
import { readModelRef } from "./read-model-ref.ts"

/** What we listen to, read from OpenCode's events. */
export type HostEvent = NonNullable<ReturnType<typeof readEvent>>

/** @returns `undefined` for events that do not concern us, and for shapes we do not know */
export function readEvent(event: unknown) {
  const properties = field(event, "properties")
  switch (field(event, "type")) {
    case "session.status":
      return readStatus(text(properties, "sessionID"), field(properties, "status"))
    case "session.compacted":
      return withSession(properties, (sessionID) => ({ type: "compacted", sessionID }) as const)
    case "session.error":
      return withSession(properties, (sessionID) => readError(sessionID, field(properties, "error")))
    case "session.deleted": {
      const sessionID = text(field(properties, "info"), "id") ?? text(properties, "sessionID")
      return sessionID === undefined ? undefined : ({ type: "deleted", sessionID } as const)
    }
    case "session.created": {
      const info = field(properties, "info")
      const [sessionID, parentID] = [text(info, "id"), text(info, "parentID")]
      if (sessionID === undefined || parentID === undefined) return undefined
      // A subagent's session: it works for another one.
      return { type: "child", sessionID, parentID } as const
    }
    case "session.updated":
      return readUpdate(field(properties, "info"))
    case "session.diff":
      return readDiff(properties)
    case "message.removed": {
      const messageID = text(properties, "messageID")
      if (messageID === undefined) return undefined
      return withSession(properties, (sessionID) => ({ type: "removed", sessionID, messageID }) as const)
    }
    case "message.part.updated":
      return readPart(field(properties, "part"))
    case "message.updated":
      return readMessage(field(properties, "info"))
    default:
      return readDialog(text(event, "type") ?? "", properties)
  }
}

const dialog = /^(?:permission|question)\.(?:(asked)|replied|rejected)$/

/** Somebody is asked for a permission, or to answer a question, or is so no longer. */
function readDialog(type: string, properties: unknown) {
  const found = dialog.exec(type)
  const isOpen = found?.[1] !== undefined
  const requestID = text(properties, isOpen ? "id" : "requestID")
  if (!found || requestID === undefined) return undefined
  return withSession(properties, (sessionID) => ({ type: "dialog", sessionID, requestID, isOpen }) as const)
}

/** OpenCode begins to sum up the turn's changes, and writes the user message again when it is done (1.18). */
function readDiff(properties: unknown) {
  const diff = field(properties, "diff")
  if (!Array.isArray(diff) || diff.length > 0) return undefined
  return withSession(properties, (sessionID) => ({ type: "summing-up", sessionID }) as const)
}

/** A tool part of this assistant message has changed. */
function readPart(part: unknown) {
  const messageID = text(part, "messageID")
  if (text(part, "type") !== "tool" || messageID === undefined) return undefined
  const error = text(field(part, "state"), "error")
  /** The part whose input broke off. */
  const halfMade = error === abortedTool ? text(part, "id") : undefined
  /** The call that has failed. */
  const failedCall = error === undefined ? undefined : text(part, "callID")
  const found = withoutUndefined({ halfMade, failedCall })
  return withSession(part, (sessionID) => ({ type: "tool", sessionID, messageID, ...found }) as const)
}

function readStatus(sessionID: string | undefined, status: unknown) {
  if (sessionID === undefined) return undefined
  const type = field(status, "type")
  // `session.idle` always follows this one (1.18.33) and would count the same end twice.
  if (type === "idle" || type === "busy") return { type, sessionID } as const
  if (type !== "retry") return undefined
  const next = field(status, "next")
  return {
    type: "retry",
    sessionID,
    message: text(status, "message") ?? "",
    next: typeof next === "number" ? next : 0,
  } as const
}

/** The session's own fields have changed; `isReverted` while an undo is pending. */
function readUpdate(info: unknown) {
  const sessionID = text(info, "id")
  const isReverted = field(info, "revert") !== undefined
  return sessionID === undefined ? undefined : ({ type: "updated", sessionID, isReverted } as const)
}

function readError(sessionID: string, error: unknown) {
  return text(error, "name") === "MessageAbortedError"
    ? ({ type: "aborted", sessionID } as const)
    : ({ type: "error", sessionID, error } as const)
}

/**
 * `answered`: the model has said why it stopped. `tools`: it wants its calls to run. `early`: OpenCode found no end, and
 * asks again at once. `error` and `content-filter` come with an error of their own.
 */
const ends: ReadonlyMap<string, "answered" | "tools" | "early"> = new Map([
  ["stop", "answered"],
  ["length", "answered"],
  ["tool-calls", "tools"],
  ["unknown", "early"],
])

function readMessage(info: unknown) {
  const sessionID = text(info, "sessionID")
  if (sessionID === undefined) return undefined
  if (text(info, "role") === "user") return { type: "user", sessionID, info } as const
  if (text(info, "role") !== "assistant") return undefined
  const model = readModelRef(info)
  return {
    type: "assistant",
    sessionID,
    tokens: tokensBehind(info),
    error: field(info, "error"),
    messageID: text(info, "id"),
    /** `undefined`: not over yet, or failed. */
    end: ends.get(text(info, "finish") ?? ""),
    /** The user message that it answers. */
    answers: text(info, "parentID"),
    model: model && modelKey(model),
  } as const
}

function withSession<Event>(properties: unknown, make: (sessionID: string) => Event): Event | undefined {
  const sessionID = text(properties, "sessionID")
  return sessionID === undefined ? undefined : make(sessionID)
}
