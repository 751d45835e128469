import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import {
  addMissing,
  appendTo,
  removeFrom,
  removeKey,
  replaceAt,
} from "../../../../src/cli/changes/edit-json.ts"

describe("edits keep every other character", () => {
  test.each([
    [
      "comments and a trailing comma",
      '{\n  // mine\n  "model": "a/b",\n}\n',
      '{\n  // mine\n  "model": "a/b",\n  "plugin": ["x"],\n}\n',
    ],
    [
      "a comment behind the last member",
      '{\n  "model": "a/b" // best\n}\n',
      '{\n  "model": "a/b", // best\n  "plugin": ["x"]\n}\n',
    ],
    ["tabs", '{\n\t"model": "a/b"\n}\n', '{\n\t"model": "a/b",\n\t"plugin": ["x"]\n}\n'],
    [
      "Windows line ends",
      '{\r\n    "model": "a/b"\r\n}\r\n',
      '{\r\n    "model": "a/b",\r\n    "plugin": ["x"]\r\n}\r\n',
    ],
    ["a byte order mark", '\uFEFF{\n  "a": 1\n}', '\uFEFF{\n  "a": 1,\n  "plugin": ["x"]\n}'],
    [
      "a list with comments",
      '{\n  "plugin": [ // all\n    "y" /* why */\n  ]\n}',
      '{\n  "plugin": [ // all\n    "y" /* why */,\n    "x"\n  ]\n}',
    ],
    [
      "a list with a trailing comma",
      '{\n  "plugin": [\n    "y", // first\n  ]\n}',
      '{\n  "plugin": [\n    "y", // first\n    "x",\n  ]\n}',
    ],
    [
      "a list on one line",
      '{ "plugin": ["y", ["z", { "a": 1 }]], "b": 2 }',
      '{ "plugin": ["y", ["z", { "a": 1 }], "x"], "b": 2 }',
    ],
    ["an empty list", '{\n  "plugin": [ ],\n  "b": 2\n}', '{\n  "plugin": ["x" ],\n  "b": 2\n}'],
    ["an object on one line", '{"b":{"c":1}}', '{"b":{"c":1}, "plugin": ["x"]}'],
    [
      "an empty object with a comment",
      "{\n  // nothing yet\n}\n",
      '{\n  "plugin": ["x"]\n  // nothing yet\n}\n',
    ],
    [
      "a list that stands twice, of which the last one counts",
      '{ "plugin": ["y"], "plugin": ["z"] }',
      '{ "plugin": ["y"], "plugin": ["z", "x"] }',
    ],
    [
      "a file in which everything is commented out",
      '// { "model": "a/b" }',
      '// { "model": "a/b" }\n{\n  "plugin": ["x"]\n}\n',
    ],
    [
      "such a file with Windows line ends",
      '// { "model": "a/b" }\r\n// mine',
      '// { "model": "a/b" }\r\n// mine\r\n{\r\n  "plugin": ["x"]\r\n}\r\n',
    ],
    [
      "a comment behind the comma of a list on one line",
      '{ "plugin": ["y", /* mine */] }',
      '{ "plugin": ["y", /* mine */ "x",] }',
    ],
    [
      "comments behind the comma of a list with lines",
      '{\n  "plugin": [\n    "y" /* a */, /* b */ // c\n  ]\n}',
      '{\n  "plugin": [\n    "y" /* a */, /* b */ // c\n    "x",\n  ]\n}',
    ],
    [
      "a comment behind the comma, with the end of the list on its line",
      '{ "plugin": [\n  "y", /* mine */ ] }',
      '{ "plugin": [\n  "y", /* mine */\n  "x", ] }',
    ],
    [
      "a comment up to the end of the list's only line",
      '{ "plugin": ["y", // mine\n] }',
      '{ "plugin": ["y", // mine\n"x",\n] }',
    ],
    ["an empty file", "", '{\n  "plugin": ["x"]\n}\n'],
  ])("%s", (_title, before, after) => {
    expect(appendTo(before, "plugin", "x")).toBe(after)
  })

  test("any text stays valid and gains exactly one entry", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.array(fc.jsonValue()),
        fc.constantFrom(undefined, 2, "\t"),
        (others, list, indentation) => {
          const before = JSON.stringify({ ...others, plugin: list }, undefined, indentation)
          const expected = JSON.parse(before) as { readonly plugin: readonly unknown[] }
          const after: unknown = JSON.parse(appendTo(before, "plugin", "x"))
          expect(after).toEqual({ ...expected, plugin: [...expected.plugin, "x"] })
          const { plugin, ...rest } = expected
          const emptied: unknown = JSON.parse(removeFrom(before, "plugin", () => true))
          expect(emptied).toEqual(plugin.length === 0 ? expected : rest)
        },
      ),
    )
  })

  test("what was added is taken out again, and nothing else with it but white space", () => {
    const space = fc.constantFrom("", " ", "\n", "\r\n\t", " /* , ] */ ", " // }, here\n  ")
    const beforeComma = fc.constantFrom("", " ", " /* why */", " /* two\n lines */ ")
    const comma = fc.constantFrom("", ",")
    fc.assert(
      fc.property(
        fc.tuple(space, space, beforeComma, space, beforeComma, comma, space, beforeComma, comma, space),
        fc.constantFrom("", '"plugin": ', '"other": '),
        ([open, first, one, inList, two, comma2, close, three, comma3, end], key) => {
          const list = `${key}[${inList}"y"${two}${comma2}${close}]`
          const rest = key === "" ? comma3 : `,${first}${list}${three}${comma3}`
          const before = `{${open}"model": "a/b"${one}${rest}${end}}`
          const after = appendTo(before, "plugin", "x")
          const without = removeFrom(after, "plugin", (entry) => entry === "x")
          expect(without.replaceAll(/\s/g, "")).toBe(before.replaceAll(/\s/g, ""))
        },
      ),
      { numRuns: 1_000 },
    )
  })

  test("entries of a list go without their neighbours", () => {
    const text = '{ "plugin": ["a", ["b", { "x": 1 }], "c"] }'
    const without = removeFrom(text, "plugin", (entry) => Array.isArray(entry) || entry === "c")
    expect(without).toBe('{ "plugin": ["a"] }')
  })

  test.each([
    ['{ "plugin": ["c",], "b": 1 }', '{ "b": 1 }'],
    ['{ "plugin": ["a", "c",] }', '{ "plugin": ["a",] }'],
    ['{ "plugin": [\n "c", // why\n "a" ] }', '{ "plugin": [\n "a" ] }'],
    ['{ "model": "c" }', '{ "model": "c" }'],
  ])("%s without c is %s", (before, after) => {
    expect(removeFrom(before, "plugin", (entry) => entry === "c")).toBe(after)
  })

  test.each([
    ["beside others", '{\n  "a": 1,\n  "b": 2, // two\n  "c": 3\n}', ["b"], '{\n  "a": 1,\n  "c": 3\n}'],
    ["the last one", '{ "a": 1, "b": 2 }', ["b"], '{ "a": 1 }'],
    [
      "with the objects that it leaves empty",
      '{ "x": 1, "agent": { "build": { "b": 2 } } }',
      ["agent", "build", "b"],
      '{ "x": 1 }',
    ],
    ["of the document itself", '{ "b": 2 }', ["b"], "{ }"],
    ["and leaves no empty line", '{\n  "b": [\n    "x"\n  ],\n}\n', ["b"], "{\n}\n"],
    ["with Windows line ends", '{\r\n  "a": 1,\r\n  "b": 2\r\n}', ["b"], '{\r\n  "a": 1\r\n}'],
    [
      "but not what is said of its neighbours",
      '{\n  "a": 1, // one, the first\n  // two\n  "b": 2, // why\n  // three\n  "c": 3\n}',
      ["b"],
      '{\n  "a": 1, // one, the first\n  // two\n  // three\n  "c": 3\n}',
    ],
    [
      "but not what is said of the one before the last",
      '{\n  "a": 1, /* one, */ // the first\n  "b": 2\n}',
      ["b"],
      '{\n  "a": 1 /* one, */ // the first\n}',
    ],
    ["that is not there", '{ "a": 1 }', ["b"], '{ "a": 1 }'],
  ])("a key goes %s", (_title, before, path, after) => {
    expect(removeKey(before, path)).toBe(after)
  })

  test("a value is put in the place of another", () => {
    const text = '{ "plugin": ["x", ["y@1", { "a": 1 }]] // mine\n}'
    expect(replaceAt(text, ["plugin", 1, 0], "y@2")).toBe(text.replace("y@1", "y@2"))
    expect(replaceAt(text, ["plugin", 5], "z")).toBe(text)
  })

  test("what is there already stays, and is named", () => {
    const { text, kept } = addMissing('{ "runtime_fallback": { "enabled": false } }', {
      runtime_fallback: { enabled: true, cooldown_seconds: 5 },
      fallback_models: ["a/b"],
    })
    expect(JSON.parse(text)).toEqual({
      runtime_fallback: { enabled: false, cooldown_seconds: 5 },
      fallback_models: ["a/b"],
    })
    expect(kept).toEqual(["runtime_fallback.enabled"])
  })

  test("a second run changes nothing", () => {
    const once = addMissing("{}", { fallback_models: ["a/b"] }).text
    expect(addMissing(once, { fallback_models: ["a/b"] })).toEqual({ text: once, kept: [] })
  })
})
