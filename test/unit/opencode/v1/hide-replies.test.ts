import { expect, test } from "bun:test"
import { hideReplies } from "../../../../src/opencode/v1/local-replies.ts"

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
