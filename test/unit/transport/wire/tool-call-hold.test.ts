import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { ToolCallHold, JsonEnd } from "../../../../src/transport/wire/tool-call-hold.ts"

type Fragment = {
  readonly index?: number
  readonly id?: string
  readonly args?: string
  readonly name?: string
}

/** A frame of chat completions with fragments of tool calls. */
function frame(...fragments: readonly Fragment[]) {
  const calls = fragments.map(({ index, id, args, name }) => ({
    ...(index !== undefined && { index }),
    ...(id !== undefined && { id }),
    type: "function",
    function: { ...(name !== undefined && { name }), arguments: args ?? "" },
  }))
  const chunk = { choices: [{ index: 0, delta: { tool_calls: calls } }] }
  return { text: `data: ${JSON.stringify(chunk)}\n\n`, chunk, calls }
}

function holding() {
  const hold = new ToolCallHold()
  const push = (...fragments: readonly Fragment[]): readonly unknown[] => {
    const { text, chunk, calls } = frame(...fragments)
    return argumentsIn(hold.push(text, chunk, calls))
  }
  return { push, releaseAll: () => argumentsIn(hold.releaseAll()) }
}

/** The arguments in each frame that goes on. */
function argumentsIn(frames: string): readonly unknown[] {
  return frames.split("\n\n").flatMap((text) => {
    if (text === "") return []
    const chunk = JSON.parse(text.slice("data: ".length)) as ReturnType<typeof frame>["chunk"]
    return chunk.choices[0]?.delta.tool_calls.map((call) => call.function.arguments) ?? []
  })
}

describe("a tool call that comes in fragments", () => {
  test("is held until its arguments are whole, and goes on in one frame", () => {
    const { push } = holding()
    expect(push({ index: 0, id: "a", name: "bash" })).toEqual([])
    expect(push({ index: 0, args: '{"x":' })).toEqual([])
    expect(push({ index: 0, args: "1}" })).toEqual(['{"x":1}'])
  })

  test("in one piece goes on at once, as it came", () => {
    const hold = new ToolCallHold()
    const { text, chunk, calls } = frame({ index: 0, id: "a", args: "{}" })
    expect(hold.push(text, chunk, calls)).toBe(text)
  })

  test("does not hold up another one that is whole", () => {
    const { push, releaseAll } = holding()
    expect(push({ index: 0, id: "a", args: "{" })).toEqual([])
    expect(push({ index: 1, id: "b", args: "{}" })).toEqual(["{}"])
    expect(push({ index: 0, args: "}" })).toEqual(["{}"])
    expect(releaseAll()).toEqual([])
  })

  test("is another one when its id is new, whatever its index says", () => {
    const { push } = holding()
    expect(push({ index: 0, id: "a", args: "{}" })).toEqual(["{}"])
    expect(push({ index: 0, id: "b", args: "{" })).toEqual([])
    expect(push({ index: 0, args: "}" })).toEqual(["{}"])
  })

  test("is the last one also where only its beginning had an index", () => {
    const { push } = holding()
    expect(push({ index: 3, id: "a", args: "{" })).toEqual([])
    expect(push({ args: "}" })).toEqual(["{}"])
  })

  test("is the last one where a fragment says neither index nor id", () => {
    const { push } = holding()
    expect(push({ id: "a", args: "{" })).toEqual([])
    expect(push({ args: "}" })).toEqual(["{}"])
  })

  test("waits in a frame with others until all of them are whole", () => {
    const { push } = holding()
    expect(push({ index: 0, id: "a", args: "{}" }, { index: 1, id: "b", args: "{" })).toEqual([])
    expect(push({ index: 1, args: "}" })).toEqual(["{}", "{", "}"])
  })

  test("that is never whole goes on at the end of the answer, once", () => {
    const { push, releaseAll } = holding()
    push({ index: 0, id: "a", args: '{"x"' })
    expect(releaseAll()).toEqual(['{"x"'])
    expect(releaseAll()).toEqual([])
  })
})

test("a call that begins without arguments has them all from what follows", () => {
  const hold = new ToolCallHold()
  const push = (call: object): string => {
    const chunk = { choices: [{ index: 0, delta: { tool_calls: [call] } }] }
    return hold.push(`data: ${JSON.stringify(chunk)}\n\n`, chunk, [{ ...call }])
  }
  push({ index: 0, id: "a", function: { name: "bash" } })
  expect(argumentsIn(push({ index: 0, function: { arguments: "{}" } }))).toEqual(["{}"])
})

describe("fragments are joined only where nothing else is in them", () => {
  const joined = (more: object, delta: object = {}): number => {
    const hold = new ToolCallHold()
    const begin = frame({ index: 0, id: "a", name: "bash", args: "{" })
    hold.push(begin.text, begin.chunk, begin.calls)
    const fragment = { index: 0, function: { arguments: "}" } }
    const chunk = { choices: [{ index: 0, delta: { tool_calls: [fragment], ...delta } }], ...more }
    return hold.push(`data: ${JSON.stringify(chunk)}\n\n`, chunk, [fragment]).split("\n\n").length - 1
  }
  test.each([
    ["nothing", {}, {}, 1],
    ["a role", {}, { role: "assistant" }, 1],
    ["empty fields", { usage: null }, { content: "" }, 1],
    ["usage", { usage: { total_tokens: 1 } }, {}, 2],
    ["a text", {}, { content: "x" }, 2],
  ])("%s", (_, more, delta, frames) => {
    expect(joined(more, delta)).toBe(frames)
  })
})

describe("the end of a call's arguments", () => {
  const rows = [
    { text: "{}", complete: true },
    { text: ' {"a":1} \n', complete: true },
    { text: '{"a":{"b":[1,{"c":"}"}]}}', complete: true },
    { text: '{"a":"\\"}"}', complete: true },
    { text: '{"a":"\\\\"}', complete: true },
    { text: "", complete: false },
    { text: "{", complete: false },
    { text: '{"a":"}', complete: false },
    { text: '{"a":"\\"}', complete: false },
    { text: '{"a":{"b":1}', complete: false },
    { text: "{}{", complete: false },
    { text: "{}{}", complete: false },
    { text: "null", complete: false },
    { text: "[1]", complete: false },
  ]

  test.each(rows)("$text complete: $complete", ({ text, complete }) => {
    const end = new JsonEnd()
    for (const character of text) end.push(character)
    expect(end.complete).toBe(complete)
  })

  test("every object is complete at its last character and not before", () => {
    const property = fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const text = JSON.stringify(value)
      const end = new JsonEnd()
      for (const character of text.slice(0, -1)) {
        end.push(character)
        expect(end.complete).toBe(false)
      }
      end.push(text.slice(-1))
      expect(end.complete).toBe(true)
    })
    fc.assert(property, { numRuns: 300 })
  })
})
