import * as fc from "fast-check"
import { expect, test } from "bun:test"
import { JsonEnd } from "../../../../src/transport/wire/tool-call-hold.ts"

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
