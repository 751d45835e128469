import { describe, expect, test } from "bun:test"
import {
  readAttachments,
  readUserMessage,
  textsOf,
} from "../../../../../src/opencode/v1/host/read-user-message.ts"

const model = { providerID: "a", modelID: "x/y" }
const base = { id: "msg_1", agent: "build", model }
const plain = { ...base, variant: undefined, usesTools: true, isStructured: false }

describe("a user message is read", () => {
  const format = { type: "json_schema", schema: {} }
  const rows: readonly (readonly [string, unknown, unknown])[] = [
    ["with as little as it may hold", base, plain],
    [
      "with the variant in the model",
      { ...base, model: { ...model, variant: "high" } },
      { ...plain, variant: "high" },
    ],
    [
      "with a JSON schema for the answer, and without tools",
      { ...base, format, tools: { "*": false, bash: true } },
      { ...plain, isStructured: true, usesTools: false },
    ],
    ["with some tools switched off", { ...base, tools: { bash: "ask", edit: false } }, plain],
  ]
  test.each(rows)("%s", (_, message, expected) => {
    expect(readUserMessage(message) as unknown).toEqual(expected)
  })

  test.each([
    ["no id", { ...base, id: undefined }],
    ["no agent", { ...base, agent: 3 }],
    ["no model", { ...base, model: undefined }],
    ["half a model", { ...base, model: { providerID: "a" } }],
    ["nothing", undefined],
  ])("as unknown when it has %s", (_, message) => {
    expect(readUserMessage(message)).toBeUndefined()
  })
})

describe("what is attached", () => {
  const file = (mime: string) => ({ type: "file", mime })
  const returned = (state: object) => ({
    type: "tool",
    state: { attachments: [file("image/png")], ...state },
  })
  const rows: readonly (readonly [string, readonly unknown[], object])[] = [
    ["an image", [file("image/png")], { images: true, pdf: false }],
    ["a PDF", [{ type: "text" }, file("application/pdf")], { images: false, pdf: true }],
    ["text only", [file("text/plain")], { images: false, pdf: false }],
    ["a part that only names an image", [{ type: "text", mime: "image/png" }], { images: false }],
    ["an image that a tool has returned", [returned({})], { images: true, pdf: false }],
    ["one that OpenCode no longer sends", [returned({ time: { compacted: 1 } })], { images: false }],
    ["a file without a type", [{ type: "file" }], { images: false, pdf: false }],
  ]
  test.each(rows)("%s", (_, parts, expected) => {
    expect(readAttachments(parts)).toMatchObject(expected)
  })
})

test("what somebody has written is the text that OpenCode has not put in beside it", () => {
  const text = (text: string, more: object = {}) => ({ type: "text", text, ...more })
  const parts = [text("look"), text("the file says", { synthetic: true }), { type: "file" }, text("at it")]
  expect(textsOf(parts)).toEqual(["look", "at it"])
})
