import { expect, test } from "bun:test"
import { createHalfMadeCalls } from "../../../../../src/opencode/v1/host/half-made-calls.ts"

const call = { sessionID: "ses_1", messageID: "msg_2", partID: "prt_1" }
const ended = { providerID: "a", modelID: "1", finish: "tool-calls" }

/** What OpenCode is asked to delete, given what it says of the message. */
async function removed(
  info: unknown,
  left: readonly "a/1"[] = ["a/1"],
  answer: unknown = {},
): Promise<unknown[]> {
  const asked: unknown[] = []
  class Http {
    readonly isIt = true
    delete(request: unknown): Promise<unknown> {
      asked.push(this.isIt && request)
      return Promise.resolve(answer)
    }
  }
  const client = { session: { message: () => Promise.resolve({ data: { info } }) }, _client: new Http() }
  await createHalfMadeCalls(client as never).remove(call, left)
  return asked
}

test("a call in a step that we have ended is removed", async () => {
  const request = {
    url: "/session/{sessionID}/message/{messageID}/part/{partID}",
    path: { sessionID: "ses_1", messageID: "msg_2", partID: "prt_1" },
  }
  expect(await removed(ended)).toEqual([request])
  expect(await removed({ ...ended, finish: "unknown" })).toEqual([request])
})

for (const [what, info] of [
  ["has no end yet", { ...ended, finish: undefined }],
  ["has ended by itself", { ...ended, finish: "stop" }],
  ["the user has stopped", { ...ended, error: { name: "MessageAbortedError" } }],
  ["is another model's", { ...ended, modelID: "2" }],
  ["names no model", { ...ended, modelID: undefined }],
  ["names no provider", { ...ended, providerID: undefined }],
  ["is not there", undefined],
] as const)
  test(`one in a message that ${what} stays`, async () => {
    expect(await removed(info)).toEqual([])
  })

test("OpenCode is not even asked where no model was left", async () => {
  const client = { session: { message: () => Promise.reject(new Error("asked")) } }
  await createHalfMadeCalls(client as never).remove(call, [])
})

test("an SDK without the way to it leaves the call where it is", async () => {
  const client = { session: { message: () => Promise.resolve({ data: { info: ended } }) } }
  await createHalfMadeCalls(client as never).remove(call, ["a/1"])
})

test("that OpenCode refuses is said", () => {
  expect(removed(ended, ["a/1"], { error: { message: "no" } })).rejects.toThrow("refused to remove")
})
