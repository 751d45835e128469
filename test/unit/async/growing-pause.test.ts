import { expect, test } from "bun:test"
import { growingPause } from "../../../src/async/growing-pause.ts"

test("each pause is twice as long as the last, up to the longest; after a success they begin anew", () => {
  const pause = growingPause(50, 300)
  expect(pause.isFirst()).toBe(true)
  expect([1, 2, 3, 4, 5].map(() => pause.next())).toEqual([50, 100, 200, 300, 300])
  expect(pause.isFirst()).toBe(false)
  pause.reset()
  expect(pause.isFirst()).toBe(true)
  expect(pause.next()).toBe(50)
})
