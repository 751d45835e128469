import { APICallError } from "ai"
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import {
  empty,
  endOfStream,
  errorFrame,
  finish,
  halfCall,
  ping,
  reasoning,
  say,
  Simulator,
  status,
  stream,
  text,
  toolCall,
} from "../../simulator/index.ts"
import { ask, PROTOCOLS, sdkModel } from "./sdk-models.ts"

let simulator: Simulator
beforeAll(async () => {
  simulator = await Simulator.start()
})
afterAll(() => simulator[Symbol.asyncDispose]())

/** What the AI SDK reports for a finish reason differs by protocol only where the wire has no word for it. */
const ONE_WORD = { stop: "stop", length: "length", "content-filter": "content-filter" } as const

describe.each(PROTOCOLS.map((protocol) => ({ protocol })))(
  "$protocol: the AI SDK understands",
  ({ protocol }) => {
    const name = `${protocol}/one`
    const model = () => sdkModel(protocol, simulator.origin)

    test("text, with its finish reason and usage", async () => {
      simulator.script(name, [
        stream(say("hello big "), ping(), say("world"), finish("stop", { inputTokens: 7, outputTokens: 3 })),
      ])
      expect(await ask(model())).toEqual({
        text: "hello big world",
        reasoning: "",
        calls: [],
        finish: "stop",
        inputTokens: 7,
        errors: [],
      })
    })

    test("reasoning before the answer", async () => {
      simulator.script(name, [reasoning("let me think", "42")])
      expect(await ask(model())).toMatchObject({ reasoning: "let me think", text: "42", errors: [] })
    })

    test("a tool call", async () => {
      simulator.script(name, [toolCall("bash", { command: "echo hi" })])
      expect(await ask(model())).toMatchObject({
        calls: [{ name: "bash", input: { command: "echo hi" } }],
        finish: "tool-calls",
        errors: [],
      })
    })

    test("text and two tool calls in one answer", async () => {
      const one = { kind: "tool-call", name: "bash", input: { command: "1" } } as const
      const two = { kind: "tool-call", name: "bash", input: { command: "2" } } as const
      simulator.script(name, [stream(say("now "), one, two)])
      const heard = await ask(model())
      expect(heard.calls.map((call) => call.input)).toEqual([{ command: "1" }, { command: "2" }])
      expect(heard).toMatchObject({ text: "now ", errors: [] })
    })

    test("an empty completion", async () => {
      simulator.script(name, [empty()])
      expect(await ask(model())).toMatchObject({ text: "", calls: [], finish: "stop", errors: [] })
    })

    // Cohere has no word for it.
    const words = Object.entries(ONE_WORD).filter(
      ([reason]) => protocol !== "cohere" || reason !== "content-filter",
    )
    test.each(words)("the finish reason %s", async (reason, word) => {
      simulator.script(name, [stream(say("x"), finish(reason as keyof typeof ONE_WORD))])
      expect((await ask(model())).finish).toBe(word)
    })

    // Cohere has none: it ends the answer with a reason.
    test.skipIf(protocol === "cohere")(
      "an error frame in the middle of a stream as an error after the text",
      async () => {
        simulator.script(name, [stream(say("half"), errorFrame({ message: "fell over" }))])
        const heard = await ask(model())
        expect(heard.text).toBe("half")
        expect(heard.errors.map(describeError).join()).toContain("fell over")
        expect(heard.finish).toBe("error")
      },
    )

    test("no complete tool call in one that broke off", async () => {
      simulator.script(name, [stream(say("x"), halfCall("bash"), endOfStream())])
      expect((await ask(model())).calls).toEqual([])
    })

    test.each([400, 401, 404, 429, 500, 503, 529])("the body of a %i", async (code) => {
      simulator.script(name, [status(code, { message: `told ${code}`, headers: { "retry-after": "7" } })])
      const [told] = (await ask(model())).errors
      const error = protocol === "gateway" && told instanceof Error ? told.cause : told
      if (!APICallError.isInstance(error)) throw new Error(`not an APICallError: ${String(error)}`)
      expect(error.statusCode).toBe(code)
      expect(error.message).toContain(`told ${code}`)
      expect(error.responseHeaders?.["retry-after"]).toBe("7")
    })

    // Bedrock's package throws out of the stream over it.
    test.skipIf(protocol === "bedrock")(
      "an answer after an HTTP 200 with an error body as no finished text",
      async () => {
        simulator.script(name, [
          status(200, { body: { error: { message: "balance is empty" } } }),
          text("fine"),
        ])
        expect((await ask(model())).finish).not.toBe("stop")
        expect((await ask(model())).text).toBe("fine")
      },
    )
  },
)

const describeError = (error: unknown): string =>
  error instanceof Error ? error.message : JSON.stringify(error)

test("Vertex's streamRawPredict is Anthropic, with the model in the path", async () => {
  simulator.script("vertex/claude-x", [text("from vertex")])
  const path = "/vertex/v1/projects/p/locations/l/publishers/anthropic/models/claude-x:streamRawPredict"
  const response = await fetch(simulator.origin + path, {
    method: "POST",
    body: JSON.stringify({
      anthropic_version: "vertex-2023-10-16",
      messages: [{ role: "user", content: "hi" }],
    }),
  })
  expect(await response.text()).toContain("event: message_stop")
  expect(simulator.requests("vertex/claude-x")[0]).toMatchObject({ protocol: "anthropic", status: 200 })
})
