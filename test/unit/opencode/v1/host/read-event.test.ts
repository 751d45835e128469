import { describe, expect, test } from "bun:test"
import { readEvent } from "../../../../../src/opencode/v1/host/read-event.ts"

const sessionID = "ses_1"

/** Shapes as 1.18.33 sends them. */
const assistant = {
  id: "msg_2",
  parentID: "msg_1",
  sessionID,
  role: "assistant",
  providerID: "a",
  modelID: "x/y",
  tokens: { input: 100, output: 20, reasoning: 5, cache: { read: 1_000, write: 30 } },
}
const read = {
  type: "assistant",
  sessionID,
  messageID: "msg_2",
  tokens: 1_150,
  answers: "msg_1",
  model: "a/x/y",
}
const apiError = { name: "APIError", data: { message: "no", statusCode: 401 } }

describe("an event that concerns us is read", () => {
  const rows: readonly (readonly [string, string, unknown, unknown])[] = [
    [
      "a retry, with the time of the next attempt",
      "session.status",
      { sessionID, status: { type: "retry", attempt: 1, message: "rate limited", next: 1_234 } },
      { type: "retry", sessionID, message: "rate limited", next: 1_234 },
    ],
    [
      "a retry without message and time",
      "session.status",
      { sessionID, status: { type: "retry" } },
      { type: "retry", sessionID, message: "", next: 0 },
    ],
    ["idle", "session.status", { sessionID, status: { type: "idle" } }, { type: "idle", sessionID }],
    ["busy", "session.status", { sessionID, status: { type: "busy" } }, { type: "busy", sessionID }],
    ["compacted", "session.compacted", { sessionID }, { type: "compacted", sessionID }],
    [
      "a subagent's session",
      "session.created",
      { info: { id: sessionID, parentID: "ses_0" } },
      { type: "child", sessionID, parentID: "ses_0" },
    ],
    [
      "an error",
      "session.error",
      { sessionID, error: apiError },
      { type: "error", sessionID, error: apiError },
    ],
    [
      "an abort",
      "session.error",
      { sessionID, error: { name: "MessageAbortedError", data: { message: "Aborted" } } },
      { type: "aborted", sessionID },
    ],
    [
      "a deletion with the session in it",
      "session.deleted",
      { info: { id: sessionID } },
      { type: "deleted", sessionID },
    ],
    ["a deletion with the session's id", "session.deleted", { sessionID }, { type: "deleted", sessionID }],
    [
      "an answer under way",
      "message.updated",
      { info: assistant },
      { ...read, error: undefined, end: undefined },
    ],
    [
      "an answer that has ended",
      "message.updated",
      { info: { ...assistant, finish: "tool-calls" } },
      { ...read, error: undefined, end: "tools" },
    ],
    [
      "an answer that ended for no known reason",
      "message.updated",
      { info: { ...assistant, finish: "unknown" } },
      { ...read, error: undefined, end: "early" },
    ],
    [
      "an answer with an error",
      "message.updated",
      { info: { ...assistant, error: apiError } },
      { ...read, error: apiError, end: undefined },
    ],
    [
      "an answer that says little",
      "message.updated",
      { info: { sessionID, role: "assistant" } },
      {
        type: "assistant",
        sessionID,
        tokens: 0,
        error: undefined,
        messageID: undefined,
        end: undefined,
        answers: undefined,
        model: undefined,
      },
    ],
    [
      "an answer to the end",
      "message.updated",
      { info: { ...assistant, finish: "stop" } },
      { ...read, error: undefined, end: "answered" },
    ],
    [
      "a tool call that shows",
      "message.part.updated",
      { part: { sessionID, messageID: "msg_2", type: "tool" } },
      { type: "tool", sessionID, messageID: "msg_2" },
    ],
    [
      "a tool call whose input broke off",
      "message.part.updated",
      {
        part: {
          sessionID,
          id: "prt_1",
          messageID: "msg_2",
          type: "tool",
          state: { status: "error", error: "Tool execution aborted" },
        },
      },
      { type: "tool", sessionID, messageID: "msg_2", halfMade: "prt_1" },
    ],
    [
      "a user message that was stored",
      "message.updated",
      { info: { sessionID, role: "user", id: "msg_1" } },
      { type: "user", sessionID, info: { sessionID, role: "user", id: "msg_1" } },
    ],
    [
      "a message that was removed",
      "message.removed",
      { sessionID, messageID: "msg_1" },
      { type: "removed", sessionID, messageID: "msg_1" },
    ],
    [
      "a session with an undo that is pending",
      "session.updated",
      { info: { id: sessionID, revert: { messageID: "msg_1" } } },
      { type: "updated", sessionID, isReverted: true },
    ],
    [
      "a session without one",
      "session.updated",
      { info: { id: sessionID } },
      { type: "updated", sessionID, isReverted: false },
    ],
    ["a summary that begins", "session.diff", { sessionID, diff: [] }, { type: "summing-up", sessionID }],
    [
      "an answer that names half a model, as of nobody knows which",
      "message.updated",
      { info: { ...assistant, modelID: undefined } },
      { ...read, model: undefined, error: undefined, end: undefined },
    ],
    [
      "a summary, which takes the place of what it has summed up",
      "message.updated",
      { info: { ...assistant, summary: true } },
      { ...read, tokens: 20, error: undefined, end: undefined },
    ],
    [
      "negative and odd numbers of tokens as nothing",
      "message.updated",
      { info: { ...assistant, tokens: { input: -5, output: "many", cache: null } } },
      { ...read, tokens: 0, error: undefined, end: undefined },
    ],
  ]
  test.each(rows)("%s", (_, type, properties, expected) => {
    expect(readEvent({ type, properties }) as unknown).toEqual(expected)
  })
})

describe("an event is left alone", () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ["when it repeats session.status idle", { type: "session.idle", properties: { sessionID } }],
    ["when it has no session", { type: "session.error", properties: { error: apiError } }],
    ["when a status has no session", { type: "session.status", properties: { status: { type: "idle" } } }],
    [
      "when its status is new to us",
      { type: "session.status", properties: { sessionID, status: { type: "asleep" } } },
    ],
    [
      "when it is about a message without a session",
      { type: "message.updated", properties: { info: { role: "assistant" } } },
    ],
    ["when it tells what has changed", { type: "session.diff", properties: { sessionID, diff: [{}] } }],
    ["when its changes are no list", { type: "session.diff", properties: { sessionID } }],
    ["when an update names no session", { type: "session.updated", properties: { info: {} } }],
    ["when a removal names no message", { type: "message.removed", properties: { sessionID } }],
    [
      "when a part is no tool",
      { type: "message.part.updated", properties: { part: { sessionID, messageID: "msg_2", type: "text" } } },
    ],
    [
      "when a tool names no message",
      { type: "message.part.updated", properties: { part: { sessionID, type: "tool" } } },
    ],
    [
      "when a message is of neither side",
      { type: "message.updated", properties: { info: { sessionID, role: "system" } } },
    ],
    ["when a session works for no other", { type: "session.created", properties: { info: { id: "ses_1" } } }],
    ["when a deletion names nothing", { type: "session.deleted", properties: {} }],
    ["when its type is new to us", { type: "session.dreamt", properties: { sessionID } }],
    ["when it has no properties", { type: "session.error" }],
    ["when it is no object", "session.error"],
    ["when it is nothing", undefined],
  ]
  test.each(rows)("%s", (_, event) => {
    expect(readEvent(event)).toBeUndefined()
  })
})
