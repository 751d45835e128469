import { expect, test } from "bun:test"
import { findObjects } from "../../../../src/core/classify/find-objects.ts"

test.each<[what: string, text: string, objects: readonly object[], rest: string]>([
  ["nothing but an object", '{"a":1}', [{ a: 1 }], ""],
  ["an object behind words", '429 {"a":1}', [{ a: 1 }], "429"],
  ["several, and what is said around them", 'x {"a":1} y {b: 2} z', [{ a: 1 }, { b: 2 }], "x   y   z"],
  ["braces that hold none", "f() {} and {x}", [], "f() {} and {x}"],
  ["an object behind such braces", "{x} {a: 1}", [{ a: 1 }], "{x}"],
  ["one that was printed as a string once more", '"{\\"a\\":\\"b\\"}', [{ a: "b" }], '"'],
  ["words alone", "nothing at all", [], "nothing at all"],
])("%s", (_, text, objects, rest) => {
  expect(findObjects(text)).toEqual({ objects, rest })
})

test("eight objects are read of one text", () => {
  const { objects, rest } = findObjects("{a: 1} ".repeat(10))
  expect(objects).toHaveLength(8)
  expect(rest.match(/\{a: 1\}/g)).toHaveLength(2)
})
