import { describe, expect, test } from "bun:test"
import { openaiChat } from "../../../../src/transport/wire/openai-chat.ts"
import type { WireStep } from "../../../../src/transport/wire/wire-types.ts"

const frame = (choice: object, more: object = {}) =>
  `data: ${JSON.stringify({ choices: [choice], ...more })}\n\n`
const says = (delta: object, reason: string | null = null) => frame({ delta, finish_reason: reason })
const call = (index: number | undefined, id: string | undefined, text: string) =>
  says({ tool_calls: [{ index, id, function: { ...(id && { name: "t" }), arguments: text } }] })

/** A call without arguments, in a frame of our own. */
const released = `data: ${JSON.stringify({
  id: "chatcmpl-0",
  object: "chat.completion.chunk",
  created: 0,
  model: "m",
  choices: [
    {
      index: 0,
      delta: { tool_calls: [{ index: 0, id: "a", function: { name: "t", arguments: "" } }] },
      finish_reason: null,
    },
  ],
})}\n\n`

/** What goes on in place of a frame that holds nothing but fragments. */
const held = says({})

function read(frames: readonly string[]) {
  const reader = openaiChat.open("m")
  const steps = frames.map((text) => reader.read(text))
  return { reader, steps, passed: steps.map((step, index) => passedOn(step, frames[index] ?? "")) }
}

function passedOn(step: WireStep, text: string): string {
  if (step.type === "failure") return "failure"
  return step.type === "forward" ? text : step.frames
}

describe("tool calls are held until they are whole", () => {
  test("in parallel, one after the other: each goes on at its own last fragment", () => {
    const [a1, a2, b1, b2] = [
      call(0, "a", "{"),
      call(0, undefined, "}"),
      call(1, "b", "{"),
      call(1, undefined, "}"),
    ]
    expect(read([a1, a2, b1, b2]).passed).toEqual([held, call(0, "a", "{}"), held, call(1, "b", "{}")])
  })

  test("named first and filled later: the first is not whole because the second has begun", () => {
    const [a1, b1, a2, b2] = [
      call(0, "a", ""),
      call(1, "b", ""),
      call(0, undefined, "{}"),
      call(1, undefined, "{}"),
    ]
    expect(read([a1, b1, a2, b2]).passed).toEqual([held, held, call(0, "a", "{}"), call(1, "b", "{}")])
  })

  test("of two calls in one frame the one that is whole goes on", () => {
    const part = (index: number, id: string, text: string) => ({
      index,
      id,
      function: { name: "t", arguments: text },
    })
    const both = says({ tool_calls: [part(0, "a", "{}"), part(1, "b", "{")] })
    const passed = [says({ tool_calls: [part(0, "a", "{}")] }), says({ tool_calls: [part(1, "b", "{}")] })]
    expect(read([both, call(1, undefined, "}")]).passed).toEqual(passed)
  })

  test("fragments of one call go on as one, so that a long call does not start late", () => {
    const text = JSON.stringify({ content: "}".repeat(500) })
    const pieces = text.match(/.{1,3}/g) ?? []
    const { passed } = read(pieces.map((piece, index) => call(0, index === 0 ? "a" : undefined, piece)))
    expect(passed.at(-1)).toBe(call(0, "a", text))
    expect(new Set(passed.slice(0, -1))).toEqual(new Set([held]))
  })

  test("what else is in a frame with fragments goes on with it", () => {
    const begun = frame(
      {
        delta: {
          content: "hm",
          tool_calls: [{ index: 0, id: "a", function: { name: "t", arguments: "{" } }],
        },
      },
      { usage: { total_tokens: 1 } },
    )
    const { passed, reader } = read([begun])
    expect(passed).toEqual([frame({ delta: { content: "hm" } }, { usage: { total_tokens: 1 } })])
    expect(reader.shown).toBe("text")
  })

  test("a server that numbers every call 0 is told apart by the ids", () => {
    const [a, b1, b2] = [call(0, "a", "{}"), call(0, "b", "{"), call(0, undefined, "}")]
    expect(read([a, b1, b2]).passed).toEqual([a, held, call(0, "b", "{}")])
  })

  test("a whole call without index goes on at once", () => {
    const whole = call(undefined, "a", '{"x":1}')
    expect(read([whole]).passed).toEqual([whole])
  })

  test("a whole call in one frame goes on byte for byte", () => {
    const spaced = call(0, "a", "{}").replace('{"choices":', '{ "choices": ')
    expect(read([spaced]).steps).toEqual([{ type: "forward", content: true }])
  })

  test("a call without arguments goes on with the finish reason", () => {
    const [begun, finish] = [call(0, "a", ""), says({}, "tool_calls")]
    const { passed, reader } = read([begun, finish])
    expect(passed).toEqual([held, released + finish])
    expect(reader.shown).toBe("tool")
  })

  test("a call goes on with [DONE] where the finish reason is left out, and the step still ends", () => {
    const [begun, done] = [call(0, "a", ""), "data: [DONE]\n\n"]
    const { passed, reader } = read([begun, done])
    expect(passed).toEqual([held, released + done])
    expect(reader.finished).toBe(true)
    expect(reader.end()).toContain('"finish_reason":"tool_calls"')
  })

  test("text between fragments is not kept waiting", () => {
    const [begun, text] = [call(0, "a", "{"), says({ content: "hm" })]
    expect(read([begun, text]).passed).toEqual([held, text])
  })

  test("a held frame is a sign that the model works", () => {
    expect(read([call(0, "a", "{")]).steps).toEqual([{ type: "replace", frames: held, content: true }])
  })
})

describe("what a frame shows", () => {
  test.each([
    ["a role", says({ role: "assistant", content: "" }), "nothing", false],
    ["nothing but null", says({ content: null, tool_calls: null, reasoning: null }), "nothing", false],
    ["an error that is null", frame({ delta: { content: "x" } }, { error: null }), "text", true],
    ["text", says({ content: "x" }), "text", true],
    ["text that looks like an error", says({ content: '{"error":"x"}' }), "text", true],
    ["text in spaced JSON", 'data: {"choices": [{"delta": {"content": "x"}}]}\n\n', "text", true],
    ["a space before each colon", 'data: {"choices" : [{"delta" : {"content" : "x"}}]}\n\n', "text", true],
    ["a thought likewise", 'data: {"choices" : [{"delta" : {"reasoning" : "x"}}]}\n\n', "reasoning", true],
    [
      "details likewise",
      'data: {"choices":[{"delta":{"reasoning_details" : [ {}]}}]}\n\n',
      "reasoning",
      true,
    ],
    [
      "Mistral's likewise",
      'data: {"choices":[{"delta":{"content" : [{"type" : "text"}]}}]}\n\n',
      "text",
      true,
    ],
    ["text without a space after data", 'data:{"choices":[{"delta":{"content":"x"}}]}\r\n\r\n', "text", true],
    ["reasoning_content", says({ reasoning_content: "x" }), "reasoning", true],
    ["reasoning", says({ reasoning: "x", content: "" }), "reasoning", true],
    ["Copilot's reasoning_text", says({ reasoning_text: "x" }), "reasoning", true],
    ["reasoning_details", says({ reasoning_details: [{ type: "reasoning.encrypted" }] }), "reasoning", true],
    ["Mistral's parts", says({ content: [{ type: "thinking", thinking: [] }] }), "reasoning", true],
    ["Mistral's text", says({ content: [{ type: "text", text: "x" }] }), "text", true],
    ["a comment", ": ping\n\n", "nothing", false],
    ["Azure's first frame", 'data: {"choices":[],"prompt_filter_results":[]}\n\n', "nothing", false],
  ] as const)("%s", (_name, text, shown, content) => {
    const { reader, steps } = read([text])
    expect(steps).toEqual([{ type: "forward", content }])
    expect(reader.shown).toBe(shown)
    expect(reader.finished).toBe(false)
  })
})

describe("data without choices", () => {
  const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
  const ended = [says({ content: "x" }), says({}, "stop")]

  test.each([
    { code: 429, message: "rate-limited upstream" },
    { choices: null, base_resp: { status_code: 1008, status_msg: "insufficient balance" } },
    { detail: "Rate limit exceeded" },
  ])("%j is an error, and one that comes behind the end is left out", (value) => {
    expect(read([data(value)]).steps).toEqual([{ type: "failure", text: JSON.stringify(value) }])
    expect(read([...ended, data(value)]).steps.at(-1)).toMatchObject({
      type: "replace",
      frames: expect.stringMatching(/^: /),
    })
  })

  const usage = { prompt_tokens: 429, completion_tokens: 1, total_tokens: 430 }

  test.each([
    { warning: "provider_did_not_report_usage_on_stream" },
    { base_resp: { status_code: 0, status_msg: "" } },
  ])("%j says no failure that is known: it is left out, and reading goes on", (value) => {
    const { steps, reader } = read([data(value), ...ended])
    expect(steps).toMatchObject([
      { type: "replace", frames: ": left out, no part of an answer\n\n", content: false },
      { type: "forward" },
      { type: "closing", closing: "turn-ends" },
    ])
    expect(reader.finished).toBe(true)
  })

  test("counts tokens, which are kept", () => {
    const { steps, reader } = read([data({ response: "", usage })])
    expect(steps).toEqual([
      { type: "replace", frames: data({ response: "", usage, choices: [] }), content: false },
    ])
    expect(reader.end()).not.toContain("usage")
  })
})

describe("the end", () => {
  test.each(["stop", "length", "content_filter", "tool_calls", "function_call", "eos"])(
    "%s is the provider's own",
    (reason) => {
      const { reader } = read([says({ content: "x" }), says({}, reason)])
      expect(reader.finished).toBe(true)
      expect(reader.end()).toBe("")
    },
  )

  test.each(["error", "network_error", "insufficient_system_resource", "abort"])(
    "%s is a failure, also after text",
    (reason) => {
      const text = says({}, reason)
      const { steps, reader } = read([says({ content: "x" }), text])
      expect(steps.at(-1)).toEqual({ type: "closing", closing: "cut", frames: text })
      expect(reader.finished).toBe(false)
    },
  )

  test.each([
    ["nothing at all", []],
    ["[DONE] alone", ["data: [DONE]\n\n"]],
    ["text and [DONE] without a finish reason", [says({ content: "x" }), "data: [DONE]\n\n"]],
    ["a finish reason that is an empty string", [says({ content: "x" }, "")]],
  ])("%s is a cut", (_name, frames) => {
    expect(read(frames).reader.finished).toBe(false)
  })

  test("is read whatever white space stands in its JSON", () => {
    const spaced = says({}, "stop").replaceAll(":", " :  ").replace("data :   ", "data: ")
    expect(read([says({ content: "x" }), spaced]).reader.finished).toBe(true)
  })

  test("usage that the provider has given is not overwritten with zeros", () => {
    const usage = { prompt_tokens: 7, completion_tokens: 1, total_tokens: 8 }
    const spaced = frame({ delta: { content: "x" } }, { usage }).replace('"usage":', '"usage" : ')
    expect(read([spaced]).reader.end()).not.toContain("usage")
    expect(read([frame({ delta: { content: "x" } }, { usage })]).reader.end()).not.toContain("usage")
    expect(read([says({ content: "x" })]).reader.end()).toContain('"prompt_tokens":0')
  })

  test("is given once", () => {
    const { reader } = read([])
    expect(reader.end()).toEndWith("data: [DONE]\n\n")
    expect(reader.finished).toBe(true)
    expect(reader.end()).toBe("")
  })
})
