import { expect, test } from "bun:test"
import { type KnownTest, testsOfLine } from "../../../../script/mutate/test-coverage.ts"

const file = "src/a.ts"
const known = (
  path: string,
  durationMs: number,
  lines: readonly (readonly [number, boolean])[],
): KnownTest => ({
  path,
  durationMs,
  lines: new Map([[file, new Map(lines)]]),
})
const tests = [
  known("slow", 9, [
    [1, true],
    [5, true],
  ]),
  known("quick", 1, [
    [1, true],
    [5, false],
    [9, true],
  ]),
]

test.each([
  [1, ["quick", "slow"]],
  [3, ["quick", "slow"]],
  [5, ["slow"]],
  [6, ["slow"]],
  [9, ["quick", "slow"]],
])("line %d is run by %p, the quickest first", (line, paths) => {
  expect(testsOfLine(tests, file, line).map(({ path }) => path)).toEqual(paths)
})

test("a file that no test has loaded is run by none", () => {
  expect(testsOfLine(tests, "src/b.ts", 1)).toEqual([])
})
