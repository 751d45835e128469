import { expect, test } from "bun:test"
import { findMutants } from "../../../../script/mutate/find-mutants.ts"

const changes = (source: string): readonly string[] => findMutants(source).map(({ change }) => change)

test.each([
  ["a comparison", "x = a === b", ["x = a === b -> ;", "=== -> !=="]],
  ["a bound", "x = a < b", ["x = a < b -> ;", "< -> <="]],
  ["a condition, both ways", "if (a) b()", ["a -> true", "a -> false", "b() -> ;"]],
  ["what is returned", "function f() { return a }", ["a -> undefined"]],
  ["nothing where nothing is returned", "function f() { return undefined }", []],
  ["a call that is left out", "f()", ["f() -> ;"]],
  ["a truth", "const a = true", ["true -> false"]],
  ["no type", "type A = true | false; const a: true = b as true", []],
  ["what is cast", "x = (a && b) as c", ["x = (a && b) as c -> ;", "&& -> ||"]],
  ["a returned truth, turned round alone", "function f() { return true }", ["true -> false"]],
  ["no line of the log", 'host.log("info", a && b); log(c)', []],
  ["no import", 'import { a } from "b"', []],
])("%s", (_title, source, expected) => {
  expect(changes(source)).toEqual(expected)
})

test("each mutant is the whole file with one change, and names its line", () => {
  expect(findMutants("const a = 1\nconst b = a && c\n")).toEqual([
    { line: 2, change: "&& -> ||", text: "const a = 1\nconst b = a || c\n" },
  ])
})
