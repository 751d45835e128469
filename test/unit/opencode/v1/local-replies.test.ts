import { describe, expect, test } from "bun:test"
import {
  awaitsAnswer,
  commandArguments,
  dropCommandMessages,
  markCommandParts,
  hideReplies,
} from "../../../../src/opencode/v1/local-replies.ts"

describe("the message of our own command", () => {
  test.each([
    ["off", "off"],
    ["chain a/1, b/1", "chain a/1, b/1"],
    ["", ""],
  ])("keeps its arguments: %p", (argumentsText, found) => {
    const parts: unknown[] = [{ type: "text", text: "what OpenCode made of it" }, { type: "file" }]
    markCommandParts(parts, argumentsText)
    expect(parts).toHaveLength(1)
    // Neither shown to a model nor a reason for a title, also without this plugin.
    expect(parts).toMatchObject([{ synthetic: true, ignored: true }])
    expect(commandArguments(parts)).toBe(found)
  })

  test.each([
    ["a prompt", [{ type: "text", text: "/understudy off" }]],
    ["our own follow-up", [{ type: "text", text: "go on", metadata: { understudy: "follow-up" } }]],
    ["nothing", []],
    ["something odd", [null, 3]],
  ])("is not taken for %s", (_, parts) => {
    expect(commandArguments(parts)).toBeUndefined()
  })
})

describe("what a model is shown", () => {
  const message = (id: string, parentID: string | undefined, parts: readonly unknown[]) => ({
    info: { id, parentID },
    parts,
  })

  test("is the conversation without our commands and their answers, in the very same list", () => {
    const command: unknown[] = []
    markCommandParts(command, "status")
    const prompt = message("msg_1", undefined, [{ type: "text", text: "hi" }])
    const answer = message("msg_2", "msg_1", [])
    const messages: unknown[] = [
      prompt,
      answer,
      message("msg_3", undefined, command),
      message("msg_4", "msg_3", []),
    ]
    dropCommandMessages(messages)
    expect(messages).toEqual([prompt, answer])
  })

  test("holds what a turn has said behind the answer to a command that was thrown into it", () => {
    const command: unknown[] = []
    markCommandParts(command, "status")
    const [calling, last] = [message("msg_4", "msg_2", []), message("msg_5", "msg_2", [])]
    const messages: unknown[] = [
      message("msg_2", undefined, command),
      message("msg_3", "msg_2", []),
      calling,
      last,
    ]
    dropCommandMessages(messages)
    expect(messages).toEqual([calling, last])
  })

  test("is the whole conversation where there is no command", () => {
    const messages: unknown[] = [message("msg_1", undefined, []), undefined]
    dropCommandMessages(messages)
    expect(messages).toHaveLength(2)
  })
})

describe("a conversation", () => {
  const answer = { role: "assistant", finish: "stop" }
  test.each([
    ["a prompt", true, { role: "user" }],
    ["a step whose tools have run", true, { role: "assistant", finish: "tool-calls" }],
    ["a step that was ended without an end", true, { role: "assistant", finish: "unknown" }],
    ["an answer", false, answer],
    ["a step that has failed", false, { role: "assistant", finish: "tool-calls", error: {} }],
    ["a step that Esc has ended", false, { role: "assistant" }],
  ])("that ends with %s awaits an answer: %p", (_, awaits, info) => {
    expect(awaitsAnswer([{ info: answer }, { info }])).toBe(awaits)
  })

  test("in which nothing stands awaits nothing", () => {
    expect(awaitsAnswer([])).toBe(false)
  })
})

const reply = 'Your model: **a/b**\n\n"dance" is not known.'

test("our own answers are taken out of a body, wherever they stand in it", () => {
  const body = {
    messages: [
      { role: "assistant", content: [{ type: "text", text: reply }] },
      { role: "user", content: "hi" },
    ],
  }
  const hidden = hideReplies({ method: "POST", body: JSON.stringify(body) }, [reply])
  expect(hidden?.method).toBe("POST")
  expect(JSON.parse(typeof hidden?.body === "string" ? hidden.body : "")).toEqual({
    messages: [
      { role: "assistant", content: [{ type: "text", text: "(settings)" }] },
      { role: "user", content: "hi" },
    ],
  })
})

test.each([[undefined], [{ body: new Uint8Array([1]) }], [{ body: "nothing of ours" }]])(
  "%p stays as it is",
  (init) => {
    expect(hideReplies(init, [reply])).toEqual(init)
  },
)
