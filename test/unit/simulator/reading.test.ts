import type { ModelMessage } from "ai"
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import {
  assistantTexts,
  hasImage,
  offeredTools,
  promptTexts,
  Simulator,
  toolCalls,
  toolResults,
} from "../../simulator/index.ts"
import { ask, PROTOCOLS, sdkModel } from "./sdk-models.ts"

let simulator: Simulator
beforeAll(async () => {
  simulator = await Simulator.start()
})
afterAll(() => simulator[Symbol.asyncDispose]())

const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const CONVERSATION: readonly ModelMessage[] = [
  { role: "user", content: "first" },
  {
    role: "assistant",
    content: [
      { type: "text", text: "I shall look" },
      { type: "tool-call", toolCallId: "call_1", toolName: "bash", input: { command: "ls" } },
    ],
  },
  {
    role: "tool",
    content: [
      {
        type: "tool-result",
        toolCallId: "call_1",
        toolName: "bash",
        output: { type: "text", value: "a.txt" },
      },
    ],
  },
  { role: "user", content: "second" },
]

const WITH_IMAGE: readonly ModelMessage[] = [
  {
    role: "user",
    content: [
      { type: "text", text: "look" },
      { type: "image", image: PIXEL, mediaType: "image/png" },
    ],
  },
]

const WITH_PDF: readonly ModelMessage[] = [
  {
    role: "user",
    content: [{ type: "file", data: "JVBERi0xLjQK", mediaType: "application/pdf", filename: "a.pdf" }],
  },
]

describe.each(PROTOCOLS.map((protocol) => ({ protocol })))(
  "$protocol: a recorded request tells",
  ({ protocol }) => {
    const record = async (messages: readonly ModelMessage[]) => {
      await ask(sdkModel(protocol, simulator.origin), { messages, system: "Be brief." })
      const last = simulator.requests(`${protocol}/one`).at(-1)
      if (last === undefined) throw new Error("nothing was recorded")
      return last
    }

    test("texts, tool calls, tool results, system and tools", async () => {
      const request = await record(CONVERSATION)
      expect(promptTexts(request)).toEqual(["first", "second"])
      // Cohere's package leaves out what stands beside a call.
      expect(assistantTexts(request)).toEqual(protocol === "cohere" ? [] : ["I shall look"])
      expect(toolCalls(request).map((call) => call.name)).toEqual(["bash"])
      expect(toolResults(request).map((result) => result.text)).toEqual(["a.txt"])
      expect(offeredTools(request)).toEqual(["bash"])
      expect(request.conversation.system.trim()).toBe("Be brief.")
      expect(hasImage(request)).toBe(false)
    })

    test("an image", async () => {
      const request = await record(WITH_IMAGE)
      expect([hasImage(request), promptTexts(request)]).toEqual([true, ["look"]])
    })

    test.skipIf(protocol === "cohere")("a PDF", async () => {
      expect(hasImage(await record(WITH_PDF))).toBe(true)
    })
  },
)
