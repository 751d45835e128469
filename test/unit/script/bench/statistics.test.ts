import { expect, test } from "bun:test"
import { median, quantile } from "../../../../script/bench/statistics.ts"

test("the median of an even count lies between the two in the middle", () => {
  expect(median([9, 1, 3, 5])).toBe(4)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
})
