import { describe, expect, test } from "bun:test"
import { readLooseObject } from "../../../../src/core/classify/loose-object.ts"

describe("an object as languages print it", () => {
  const rows: readonly (readonly [string, unknown])[] = [
    ['{"a":1,"b":"x"}', { a: 1, b: "x" }],
    ["{'a': None, 'b': True, 'c': False}", { a: null, b: true, c: false }],
    ["{ a: null, b: -1.5, c: word }", { a: null, b: -1.5, c: "word" }],
    ['{"a":[1,"x",{"b":2}],"c":3}', { a: [1, "x", { b: 2 }], c: 3 }],
    ["{'a': (1, 2), 'b': []}", { a: [1, 2], b: [] }],
    ["{'a': b'{\"x\":1}', 'b': u'y'}", { a: '{"x":1}', b: "y" }],
    ['{"a":[1,2', { a: [1, 2] }],
    ['{"a":[1},"b":2', { a: [1] }],
    ['{"a":[:,1],"b":2}', { a: ["", 1], b: 2 }],
    ['{"a":{"b":"cut o', { a: { b: "cut o" } }],
    ['{"b":2,"":1,"__proto__":{"x":1}}', { b: 2 }],
    ['{"a":"x\\ny \\"q\\""}', { a: 'x\ny "q"' }],
    ['{"a":"he said "no" to it","b":1}', { a: 'he said "no" to it', b: 1 }],
    ['{"a":"\\u00e9x","b":"\\q\\t"}', { a: "éx", b: "q\t" }],
    ["{a: 1 b: 2}", { a: 1, b: 2 }],
    ["{'a': -12.5e3}", { a: "-12.5e3" }],
    [
      'Failure { message: Some("x y"), at: date(2026, 1), b: 2 }'.slice(8),
      { message: "x y", at: 2026, b: 2 },
    ],
    ["{ source: a::b::Error(Connect, Os { code: 61 }) }", { source: { code: 61 } }],
    ['{ source: Os { code: 61, message: "x y" }, at: 2 }', { source: { code: 61, message: "x y" }, at: 2 }],
  ]
  test.each(rows)("%s", (text, expected) => {
    expect(readLooseObject(text, 0).object).toEqual(expected as never)
  })

  test("says where it ends, and reads on from where it is told to", () => {
    const text = 'Error: {"a":[1]} and {"b":2}'
    const first = readLooseObject(text, 7)
    expect(first).toEqual({ object: { a: [1] }, end: 16 })
    expect(readLooseObject(text, text.lastIndexOf("{"))).toEqual({ object: { b: 2 }, end: text.length })
  })

  test.each(["{nothing}", "{ }", "{{"])("%s is none", (text) => {
    expect(readLooseObject(text, 0)).toEqual({ object: undefined, end: 1 })
  })

  test("is read fourteen deep, and two thousand values of it", () => {
    const nested = `${'{"a":'.repeat(20)}1${"}".repeat(20)}`
    const listed = `{"a":${"[".repeat(20)}1${"]".repeat(20)}}`
    expect(JSON.stringify(readLooseObject(nested, 0).object).match(/"a"/g)).toHaveLength(14)
    expect(JSON.stringify(readLooseObject(listed, 0).object).match(/\[/g)).toHaveLength(14)
    const long = `{${Array.from({ length: 3_000 }, (_, at) => `"k${at}":1`).join()}}`
    const read = Object.values(readLooseObject(long, 0).object ?? {})
    expect([read.length, read.at(-2), read.at(-1)]).toEqual([2_000, 1, undefined])
  })

  test("comes to an end whatever stands in it", () => {
    for (const text of [`{"a":${"[".repeat(10_000)}`, `{"a":[${"1,".repeat(20_000)}`, '{"a":[)]:,,::'])
      expect(readLooseObject(text, 0).end).toBeLessThanOrEqual(text.length)
  })
})
