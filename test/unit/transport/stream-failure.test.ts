import { describe, expect, test } from "bun:test"
import { CutStreamError, EmptyAnswerError, unfinishedStream } from "../../../src/transport/stream-failure.ts"
import { sseFraming } from "../../../src/transport/wire/sse-frames.ts"

const bytes = (text: string) => new TextEncoder().encode(text)

describe("a stream that is over too early", () => {
  const error = '{"error":{"message":"overloaded"}}'
  const rows: readonly (readonly [string, string, boolean, string | undefined])[] = [
    ["with nothing left behind", "", true, undefined],
    ["in the middle of a frame", 'data: {"choi', true, undefined],
    ["behind an error without its blank line", `data: ${error}`, false, error],
    ["with a plain JSON error for its body", ` ${error}\n`, true, error],
    ["with a code", '{"code":"1302","msg":"no"}', true, '{"code":"1302","msg":"no"}'],
    ["with a status", '{"status":"failed"}', true, '{"status":"failed"}'],
    ["with a JSON body that names no error", '{"answer":42}', true, undefined],
    ["with half a JSON error", '{"error":{"message":"ov', true, undefined],
    ["with something else that names one", '"error" is the word}', true, undefined],
  ]
  test.each(rows)("%s", (_, rest, mayBeBody, text) => {
    expect(unfinishedStream(sseFraming, bytes(rest), mayBeBody)).toEqual(
      text === undefined ? { type: "cut" } : { type: "frame", text },
    )
  })

  test("once the model has said something, what is left is no body", () => {
    const body = '{ "status": 1 }'
    expect(unfinishedStream(sseFraming, bytes(body), true)).toEqual({ type: "frame", text: body })
    expect(unfinishedStream(sseFraming, bytes(body), false)).toEqual({ type: "cut" })
  })
})

test("OpenCode asks again over a cut, and our own errors say what they are", () => {
  expect(new CutStreamError()).toMatchObject({ name: "CutStreamError", code: "ECONNRESET" })
  expect(new EmptyAnswerError()).toMatchObject({ name: "EmptyAnswerError" })
})
