import { expect, test } from "bun:test"
import { roughDuration } from "../../../src/core/rough-duration.ts"

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000]

test.each([
  [0, "about a second"],
  [1_500 - 1, "about a second"],
  [1_500, "about 2 seconds"],
  [12_000, "about 12 seconds"],
  [55_000 - 1, "about 55 seconds"],
  [55_000, "about a minute"],
  [1.5 * minute - 1, "about a minute"],
  [1.5 * minute, "about 2 minutes"],
  [55 * minute - 1, "about 55 minutes"],
  [55 * minute, "about an hour"],
  [1.5 * hour - 1, "about an hour"],
  [1.5 * hour, "about 2 hours"],
  [1.5 * day - 1, "about 36 hours"],
  [1.5 * day, "about 2 days"],
  [7 * day, "about 7 days"],
])("%d ms are %s", (ms, text) => {
  expect(roughDuration(ms)).toBe(text)
})
