import { describe, expect, test } from "bun:test"
import { contextTokensOf, shapeMessages } from "../../../../src/opencode/v1/shape-messages.ts"

type Part = Readonly<Record<string, unknown>>

const said = (text: string): Part => ({ type: "text", text })
const thought = (text: string): Part => ({ type: "reasoning", text })
const ran: Part = { type: "tool", tool: "bash", state: { status: "completed", output: "ok" } }
const halfMade: Part = {
  type: "tool",
  tool: "bash",
  state: { status: "error", error: "Tool execution aborted", input: {} },
}
const brokenOff: Part = { ...halfMade, state: { ...Object(halfMade["state"]), input: { command: "make" } } }

const user = (id: string, text: string, model = "own"): unknown => ({
  info: { id, sessionID: "ses_1", role: "user", model: { providerID: "p", modelID: model } },
  parts: [said(text)],
})
const answer = (
  id: string,
  parentID: string,
  finish: string,
  parts: readonly Part[],
  more: Part = {},
): unknown => ({
  info: {
    id,
    sessionID: "ses_1",
    role: "assistant",
    parentID,
    finish,
    providerID: "p",
    modelID: "own",
    ...more,
  },
  parts: [{ type: "step-start" }, ...parts],
})

/** The conversation in short: `user: hello`, `assistant: Half`. */
function shaped(...messages: readonly unknown[]): readonly string[] {
  const list = [...messages] as { info: { role: string; error?: unknown }; parts: Part[] }[]
  shapeMessages(list)
  return list.map(({ info, parts }) => {
    const shown = parts.flatMap((part) =>
      part["type"] === "tool"
        ? ["(tool)"]
        : part["type"] === "text"
          ? [String(part["text"]).slice(0, 22)]
          : [],
    )
    const words = info.error === undefined ? shown : ["(failed)", ...shown]
    return `${info.role}: ${words.join(" ")}`
  })
}

const goOn = "user: The connection broke w"
const newTurn = "user: Go on with the task: t"

describe("what the next model is given", () => {
  const rows: readonly (readonly [string, readonly unknown[], readonly string[]])[] = [
    [
      "an ordinary conversation, untouched",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [ran]),
        answer("m3", "m1", "stop", [said("done")]),
      ],
      ["user: hello", "assistant: (tool)", "assistant: done"],
    ],
    [
      "a text that was cut, and behind it the request to continue",
      [user("m1", "hello"), answer("m2", "m1", "tool-calls", [said("Half")])],
      ["user: hello", "assistant: Half", goOn],
    ],
    [
      "the same where the protocol calls the end unknown",
      [user("m1", "hello"), answer("m2", "m1", "unknown", [said("Half")])],
      ["user: hello", "assistant: Half", goOn],
    ],
    [
      "both halves in later turns, with the request between them",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [said("Half")]),
        answer("m3", "m1", "stop", [said("and half")]),
        user("m4", "next"),
      ],
      ["user: hello", "assistant: Half", goOn, "assistant: and half", "user: next"],
    ],
    [
      "two cuts in one turn",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [said("Half")]),
        answer("m3", "m1", "unknown", [said("more")]),
      ],
      ["user: hello", "assistant: Half", goOn, "assistant: more", goOn],
    ],
    [
      "no request where the user wrote instead of a continuation",
      [user("m1", "hello"), answer("m2", "m1", "tool-calls", [said("Half")]), user("m3", "never mind")],
      ["user: hello", "assistant: Half", "user: never mind"],
    ],
    [
      "no request where only an error followed",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [said("Half")]),
        answer("m3", "m1", "stop", [], { error: { name: "APIError" } }),
        user("m4", "again"),
      ],
      ["user: hello", "assistant: Half", "assistant: (failed)", "user: again"],
    ],
    [
      "the tools that ran in a step that failed, where its turn goes on",
      [user("m1", "hello"), answer("m2", "m1", "", [ran], { error: { name: "APIError" } })],
      ["user: hello", "assistant: (tool)"],
    ],
    [
      "a tool that was broken off with its step, but no call that was not whole, or is the provider's to run",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [brokenOff, halfMade], { error: { name: "APIError" } }),
        answer("m3", "m1", "", [halfMade], { error: { name: "APIError" } }),
        answer("m4", "m1", "", [{ ...brokenOff, metadata: { providerExecuted: true } }], {
          error: { name: "APIError" },
        }),
      ],
      ["user: hello", "assistant: (tool)", "assistant: (failed) (tool)", "assistant: (failed) (tool)"],
    ],
    [
      "the same in later turns",
      [
        user("m1", "hello"),
        answer("m2", "m1", "", [ran], { error: { name: "APIError" } }),
        answer("m3", "m1", "", [], { error: { name: "APIError" } }),
        answer("m4", "m1", "stop", [said("done")]),
        user("m5", "next"),
      ],
      ["user: hello", "assistant: (tool)", "assistant: (failed)", "assistant: done", "user: next"],
    ],
    [
      "a step that failed as OpenCode has it, where its turn ended or no tool had run",
      [
        user("m1", "hello"),
        answer("m2", "m1", "", [ran], { error: { name: "APIError" } }),
        user("m3", "again"),
        answer("m4", "m3", "", [said("Half"), halfMade], { error: { name: "APIError" } }),
      ],
      ["user: hello", "assistant: (failed) (tool)", "user: again", "assistant: (failed) Half (tool)"],
    ],
    [
      "nothing of a thought that was cut before a word",
      [user("m1", "hello"), answer("m2", "m1", "tool-calls", [thought("Let me")])],
      ["user: hello"],
    ],
    [
      "nothing of a step that was ended before its first byte",
      [user("m1", "hello"), answer("m2", "m1", "unknown", [])],
      ["user: hello"],
    ],
    [
      "a step that ran a tool, whatever it thought",
      [user("m1", "hello"), answer("m2", "m1", "tool-calls", [thought("Let me"), ran])],
      ["user: hello", "assistant: (tool)"],
    ],
    [
      "no call that was cut in its middle, and the text before it as cut",
      [user("m1", "hello"), answer("m2", "m1", "tool-calls", [said("I call"), halfMade])],
      ["user: hello", "assistant: I call", goOn],
    ],
    [
      "a whole call without the half one behind it",
      [user("m1", "hello"), answer("m2", "m1", "tool-calls", [ran, halfMade])],
      ["user: hello", "assistant: (tool)"],
    ],
    [
      "an aborted call of a turn that the user stopped, as it is",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [halfMade], { error: { name: "MessageAbortedError" } }),
      ],
      ["user: hello", "assistant: (failed) (tool)"],
    ],
    [
      "a summary, as it is",
      [user("m1", "hello"), answer("m2", "m1", "unknown", [said("SUMMARY")], { summary: true })],
      ["user: hello", "assistant: SUMMARY"],
    ],
    [
      "nothing of a text that OpenCode does not send either",
      [user("m1", "hello"), answer("m2", "m1", "unknown", [{ ...said("hidden"), ignored: true }])],
      ["user: hello"],
    ],
    [
      "no call that was cut where the protocol calls the end unknown",
      [user("m1", "hello"), answer("m2", "m1", "unknown", [said("I call"), halfMade])],
      ["user: hello", "assistant: I call", goOn],
    ],
    [
      "an aborted call of an answer that came to its end, as it is",
      [user("m1", "hello"), answer("m2", "m1", "stop", [said("I call"), halfMade])],
      ["user: hello", "assistant: I call (tool)"],
    ],
    [
      "no request where what follows answers another prompt",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [said("Half")]),
        answer("m4", "m3", "stop", [said("Other")]),
      ],
      ["user: hello", "assistant: Half", "assistant: Other"],
    ],
    [
      "no request where what followed failed, whatever it said: OpenCode leaves it out",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [said("Half")]),
        answer("m3", "m1", "stop", [said("lost")], { error: { name: "APIError" } }),
        user("m4", "again"),
      ],
      ["user: hello", "assistant: Half", "assistant: (failed) lost", "user: again"],
    ],
    [
      "the request where what followed was stopped by the user and says something",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [said("Half")]),
        answer("m3", "m1", "stop", [said("more")], { error: { name: "MessageAbortedError" } }),
        user("m4", "again"),
      ],
      ["user: hello", "assistant: Half", goOn, "assistant: (failed) more", "user: again"],
    ],
    [
      "to a Gemini 3 a new turn behind the calls, also where a text follows them",
      [
        user("m1", "hello", "gemini-3-pro"),
        answer("m2", "m1", "tool-calls", [ran]),
        answer("m3", "m1", "stop", [said("done")]),
      ],
      ["user: hello", "assistant: (tool)", newTurn, "assistant: done"],
    ],
    [
      "to a Gemini 3 a prompt without a text, as it is",
      [
        {
          info: { id: "m1", role: "user", model: { providerID: "p", modelID: "gemini-3-pro" } },
          parts: [{ type: "file" }],
        },
      ],
      ["user: "],
    ],
    [
      "to a Gemini 3 a new turn behind the calls of another model",
      [user("m1", "hello", "gemini-3-pro-preview"), answer("m2", "m1", "tool-calls", [ran])],
      ["user: hello", "assistant: (tool)", newTurn],
    ],
    [
      "to a Gemini 3 its own signed calls behind that turn",
      [
        user("m1", "hello", "google/gemini-3.1-pro"),
        answer("m2", "m1", "tool-calls", [ran]),
        answer("m3", "m1", "tool-calls", [ran], { modelID: "google/gemini-3.1-pro" }),
      ],
      ["user: hello", "assistant: (tool)", newTurn, "assistant: (tool)"],
    ],
    [
      "to a Gemini 3 a new turn behind calls of the same model at another provider",
      [
        user("m1", "hello", "gemini-3-pro"),
        answer("m2", "m1", "tool-calls", [ran], { providerID: "q", modelID: "gemini-3-pro" }),
      ],
      ["user: hello", "assistant: (tool)", newTurn],
    ],
    [
      "to a Gemini 3 no new turn where the prompt is newer than the calls",
      [
        user("m1", "hello"),
        answer("m2", "m1", "tool-calls", [ran]),
        answer("m3", "m1", "stop", [said("done")]),
        user("m4", "next", "gemini-3-flash"),
      ],
      ["user: hello", "assistant: (tool)", "assistant: done", "user: next"],
    ],
    [
      "to a Gemini 2.5 no new turn",
      [user("m1", "hello", "gemini-2.5-pro"), answer("m2", "m1", "tool-calls", [ran])],
      ["user: hello", "assistant: (tool)"],
    ],
  ]
  test.each(rows)("%s", (_, messages, expected) => {
    expect(shaped(...messages)).toEqual([...expected])
  })

  test("ends with the assistant in no case, and leaves OpenCode's own objects alone", () => {
    for (const [, messages] of rows) {
      const before = structuredClone(messages)
      shaped(...messages)
      expect(messages).toEqual(before)
    }
  })
})

test("what is put in is hidden from people, and what stays is the very same", () => {
  const messages = [user("m1", "hello"), answer("m2", "m1", "tool-calls", [said("Half")])]
  const list = [...messages]
  shapeMessages(list)
  expect([list[0] === messages[0], list[1] === messages[1]]).toEqual([true, true])
  expect(list[2]).toMatchObject({
    info: { id: "m2~", role: "user", sessionID: "ses_1" },
    parts: [{ id: "m2~part", messageID: "m2~", sessionID: "ses_1", type: "text", synthetic: true }],
  })
})

describe("the id of a tool call that another model has made", () => {
  const long = `call_${"x".repeat(60)}`
  const idFor = (callID: string, modelID = "own", next = "next"): unknown => {
    const made = answer("m2", "m1", "tool-calls", [{ ...ran, callID }], { modelID })
    const list: unknown[] = [user("m1", "hello", next), made]
    shapeMessages(list)
    return (list[1] as { parts: Part[] }).parts[1]?.["callID"]
  }

  test.each([long, "functions.bash:0", "functions.bash:1"])(
    "%s is one that every provider takes",
    (callID) => {
      expect(idFor(callID)).toMatch(/^[0-9a-f]{32}$/)
      expect(idFor(callID)).toBe(idFor(callID))
    },
  )

  test.each([
    "functions.bash:",
    "toolu_vrtx_01Ab",
    "toolu_bdrk_01Ab",
    "toolu_01Ab",
    "chatcmpl-tool-ab",
    "call_function_ab",
    "call",
  ])("is one of its own to Mistral, which is sent nine letters and digits of it: %s…", (begin) => {
    const sent = (id: unknown) =>
      String(id)
        .replace(/[^a-zA-Z0-9]/g, "")
        .slice(0, 9)
        .padEnd(9, "0")
    for (const next of ["Devstral-2", "mistralai/Mixtral-8x22B"]) {
      const ids = Array.from({ length: 101 }, (_, index) => sent(idFor(`${begin}${index}`, "own", next)))
      expect(new Set(ids).size).toBe(101)
    }
  })

  test("stays where Mistral is sent all of it", () => {
    expect(idFor("D681PevKs", "own", "codestral-latest")).toBe("D681PevKs")
    expect(idFor("call_1234", "own", "codestral-latest")).toMatch(/^[0-9a-f]{32}$/)
  })

  test.each(["call_AbCdEf0123456789", "toolu_bdrk_01AbCdEfGhIjKlMnOpQrStUv"])("%s stays", (callID) => {
    expect(idFor(callID)).toBe(callID)
  })

  test("stays where the model is given its own", () => {
    expect(idFor(long, "next")).toBe(long)
  })
})

test("messages of a shape that nobody knows stay as they are", () => {
  const messages = [undefined, null, "strange", {}, { info: null, parts: "none" }, { info: { role: "user" } }]
  const list: unknown[] = [...messages]
  shapeMessages(list)
  expect(list).toEqual(messages)
})

test("the tokens of the newest answer say how full the window is", () => {
  const tokens = { input: 100, output: 20, cache: { read: 5, write: 0 } }
  const messages = [user("m1", "hello"), answer("m2", "m1", "stop", [], { tokens }), user("m3", "next")]
  expect(contextTokensOf(messages)).toBe(125)
  expect(contextTokensOf([user("m1", "hello")])).toBe(0)
  const summary = answer("m4", "m3", "stop", [], { tokens, summary: true })
  expect(contextTokensOf([...messages, summary])).toBe(20)
})
