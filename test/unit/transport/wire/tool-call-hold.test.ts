import { describe, expect, spyOn, test } from "bun:test"
import * as fc from "fast-check"
import { asObject, type JsonObject } from "../../../../src/core/json-object.ts"
import { ToolCallHold, JsonEnd } from "../../../../src/transport/wire/tool-call-hold.ts"

type Fragment = {
  readonly index?: number
  readonly id?: string
  readonly args?: string
  readonly name?: string
}

const fragmentOf = ({ index, id, args, name }: Fragment) => ({
  ...(index !== undefined && { index }),
  ...(id !== undefined && { id }),
  type: "function",
  function: { ...(name !== undefined && { name }), arguments: args ?? "" },
})

function holding() {
  const hold = new ToolCallHold()
  return {
    push: (...fragments: readonly Fragment[]) => argumentsOf(hold.push(fragments.map(fragmentOf))),
    releaseAll: () => argumentsOf(hold.releaseAll()),
  }
}

/** The arguments of each call that goes on. */
function argumentsOf(calls: readonly JsonObject[]): readonly unknown[] {
  return calls.map((call) => asObject(call["function"])["arguments"])
}

describe("a tool call that comes in fragments", () => {
  test("is held until its arguments are whole, and goes on in one frame", () => {
    const { push } = holding()
    expect(push({ index: 0, id: "a", name: "bash" })).toEqual([])
    expect(push({ index: 0, args: '{"x":' })).toEqual([])
    expect(push({ index: 0, args: "1}" })).toEqual(['{"x":1}'])
  })

  test("in one piece goes on at once, as it came", () => {
    const call = fragmentOf({ index: 0, id: "a", args: "{}" })
    expect(new ToolCallHold().push([call])[0]).toBe(call)
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

  test("does not wait for another one in its frame", () => {
    const { push } = holding()
    expect(push({ index: 0, id: "a", args: "{}" }, { index: 1, id: "b", args: "{" })).toEqual(["{}"])
    expect(push({ index: 1, args: "}" })).toEqual(["{}"])
  })

  test("goes on at once with what comes behind its end", () => {
    const { push } = holding()
    expect(push({ index: 0, id: "a", args: "{}" })).toEqual(["{}"])
    expect(push({ index: 0, args: " " })).toEqual([" "])
  })

  test("that is never whole goes on at the end of the answer, once", () => {
    const { push, releaseAll } = holding()
    push({ index: 0, id: "a", args: '{"x"' })
    expect(releaseAll()).toEqual(['{"x"'])
    expect(releaseAll()).toEqual([])
  })
})

test("a call has of each fragment what it says, and its first word where the others say nothing", () => {
  const hold = new ToolCallHold()
  const begun = { index: 0, id: "a", type: "function", function: { name: "bash" } }
  const repeated = { index: 0, id: "", type: null, function: { name: "", arguments: '{"x":' } }
  const last = { index: 0, function: { arguments: "1}" }, extra_content: { google: "signature" } }
  expect([...hold.push([begun]), ...hold.push([repeated])]).toEqual([])
  expect(hold.push([last])).toEqual([
    { ...begun, function: { name: "bash", arguments: '{"x":1}' }, extra_content: { google: "signature" } },
  ])
})

test("a call's arguments are joined once, in however many fragments they come", () => {
  const { push } = holding()
  const parts = ['{"x":"', ...Array.from({ length: 500 }, () => "some words"), '"}']
  const whole = parts.join("")
  const join = spyOn(Array.prototype, "join")
  const calls = parts.flatMap((args, at) => push({ index: 0, ...(at === 0 && { id: "a" }), args }))
  const joined = join.mock.results.map(({ value }) => String(value).length)
  join.mockRestore()
  expect(calls).toEqual([whole])
  expect(joined.reduce((sum, length) => sum + length, 0)).toBeLessThan(2 * whole.length)
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
