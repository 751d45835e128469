import { field, text } from "../../core/read-field.ts"
import { tokensBehind } from "../../core/tokens-used.ts"
import { type ModelKey, modelKey } from "../../core/model-ref.ts"
import { abortedTool } from "./half-made-calls.ts"

/** What we listen to, read from OpenCode's events. */
export type HostEvent =
  | { readonly type: "retry"; readonly sessionID: string; readonly message: string; readonly next: number }
  | { readonly type: "busy"; readonly sessionID: string }
  | { readonly type: "idle"; readonly sessionID: string }
  | { readonly type: "compacted"; readonly sessionID: string }
  | { readonly type: "aborted"; readonly sessionID: string }
  | { readonly type: "error"; readonly sessionID: string; readonly error: unknown }
  | {
      readonly type: "assistant"
      readonly sessionID: string
      readonly tokens: number
      readonly error: unknown
      readonly messageID: string | undefined
      /**
       * `answered`: the model has said why it stopped. `tools`: it wants its calls to run. `early`: OpenCode found
       * no end, and asks again at once. `undefined`: not over yet, or failed.
       */
      readonly end: "answered" | "tools" | "early" | undefined
      /** The user message that it answers. */
      readonly answers: string | undefined
      readonly model: ModelKey | undefined
    }
  /** A tool part of this assistant message has changed. */
  | {
      readonly type: "tool"
      readonly sessionID: string
      readonly messageID: string
      /** The part whose input broke off. */
      readonly halfMade?: string
      /** The call that has failed. */
      readonly failedCall?: string
    }
  | { readonly type: "user"; readonly sessionID: string; readonly info: unknown }
  /** OpenCode begins to sum up the turn's changes, and writes the user message again when it is done (1.18). */
  | { readonly type: "summing-up"; readonly sessionID: string }
  | { readonly type: "removed"; readonly sessionID: string; readonly messageID: string }
  /** A subagent's session: it works for another one. */
  | { readonly type: "child"; readonly sessionID: string; readonly parentID: string }
  /** The session's own fields have changed; `isReverted` while an undo is pending. */
  | { readonly type: "updated"; readonly sessionID: string; readonly isReverted: boolean }
  | { readonly type: "deleted"; readonly sessionID: string }
  /** Somebody is asked for a permission, or to answer a question, or is so no longer. */
  | {
      readonly type: "dialog"
      readonly sessionID: string
      readonly requestID: string
      readonly isOpen: boolean
    }

/** @returns `undefined` for events that do not concern us, and for shapes we do not know */
export function readEvent(event: unknown): HostEvent | undefined {
  const properties = field(event, "properties")
  switch (field(event, "type")) {
    case "session.status":
      return readStatus(text(properties, "sessionID"), field(properties, "status"))
    case "session.compacted":
      return withSession(properties, (sessionID) => ({ type: "compacted", sessionID }))
    case "session.error":
      return withSession(properties, (sessionID) => readError(sessionID, field(properties, "error")))
    case "session.deleted": {
      const sessionID = text(field(properties, "info"), "id") ?? text(properties, "sessionID")
      return sessionID === undefined ? undefined : { type: "deleted", sessionID }
    }
    case "session.created": {
      const info = field(properties, "info")
      const [sessionID, parentID] = [text(info, "id"), text(info, "parentID")]
      return sessionID === undefined || parentID === undefined
        ? undefined
        : { type: "child", sessionID, parentID }
    }
    case "session.updated":
      return readUpdate(field(properties, "info"))
    case "session.diff": {
      const diff = field(properties, "diff")
      if (!Array.isArray(diff) || diff.length > 0) return undefined
      return withSession(properties, (sessionID) => ({ type: "summing-up", sessionID }))
    }
    case "message.removed": {
      const messageID = text(properties, "messageID")
      if (messageID === undefined) return undefined
      return withSession(properties, (sessionID) => ({ type: "removed", sessionID, messageID }))
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

function readDialog(type: string, properties: unknown): HostEvent | undefined {
  const found = dialog.exec(type)
  const isOpen = found?.[1] !== undefined
  const requestID = text(properties, isOpen ? "id" : "requestID")
  if (!found || requestID === undefined) return undefined
  return withSession(properties, (sessionID) => ({ type: "dialog", sessionID, requestID, isOpen }))
}

function readPart(part: unknown): HostEvent | undefined {
  const messageID = text(part, "messageID")
  if (text(part, "type") !== "tool" || messageID === undefined) return undefined
  const error = text(field(part, "state"), "error")
  const halfMade = error === abortedTool ? text(part, "id") : undefined
  const failedCall = error === undefined ? undefined : text(part, "callID")
  return withSession(part, (sessionID) => ({
    type: "tool",
    sessionID,
    messageID,
    ...(halfMade !== undefined && { halfMade }),
    ...(failedCall !== undefined && { failedCall }),
  }))
}

function readStatus(sessionID: string | undefined, status: unknown): HostEvent | undefined {
  if (sessionID === undefined) return undefined
  const type = field(status, "type")
  // `session.idle` always follows this one (1.18.33) and would count the same end twice.
  if (type === "idle" || type === "busy") return { type, sessionID }
  if (type !== "retry") return undefined
  const next = field(status, "next")
  return {
    type: "retry",
    sessionID,
    message: text(status, "message") ?? "",
    next: typeof next === "number" ? next : 0,
  }
}

function readUpdate(info: unknown): HostEvent | undefined {
  const sessionID = text(info, "id")
  const isReverted = field(info, "revert") !== undefined
  return sessionID === undefined ? undefined : { type: "updated", sessionID, isReverted }
}

function readError(sessionID: string, error: unknown): HostEvent {
  return text(error, "name") === "MessageAbortedError"
    ? { type: "aborted", sessionID }
    : { type: "error", sessionID, error }
}

/** `error` and `content-filter` come with an error of their own. */
const ends: ReadonlyMap<string, "answered" | "tools" | "early"> = new Map([
  ["stop", "answered"],
  ["length", "answered"],
  ["tool-calls", "tools"],
  ["unknown", "early"],
])

function readMessage(info: unknown): HostEvent | undefined {
  const sessionID = text(info, "sessionID")
  if (sessionID === undefined) return undefined
  if (text(info, "role") === "user") return { type: "user", sessionID, info }
  if (text(info, "role") !== "assistant") return undefined
  const providerID = text(info, "providerID")
  const modelID = text(info, "modelID")
  return {
    type: "assistant",
    sessionID,
    tokens: tokensBehind(info),
    error: field(info, "error"),
    messageID: text(info, "id"),
    end: ends.get(text(info, "finish") ?? ""),
    answers: text(info, "parentID"),
    model: providerID === undefined || modelID === undefined ? undefined : modelKey({ providerID, modelID }),
  }
}

function withSession(properties: unknown, make: (sessionID: string) => HostEvent): HostEvent | undefined {
  const sessionID = text(properties, "sessionID")
  return sessionID === undefined ? undefined : make(sessionID)
}
