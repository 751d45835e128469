import { expect, test } from "bun:test"
import { snapshot } from "../../../../src/core/classify/snapshot.ts"

const parsed = (value: object): unknown => JSON.parse(snapshot(value) ?? "null")

test("what JSON can hold stays as it is", () => {
  const value = { a: [1, "x", { b: null }, [true]], c: 1.5 }
  expect(parsed(value)).toEqual(value)
})

test("a large number becomes a text, and what JSON cannot hold is left out", () => {
  expect(parsed({ a: 1n, b: () => 1, c: undefined })).toEqual({ a: "1" })
})

test("what the request said is left out, wherever it stands", () => {
  expect(parsed({ prompt: "p", error: { messages: ["m"], code: 1 } })).toEqual({ error: { code: 1 } })
})

test("a circle ends where it would begin anew, and what merely comes twice stays", () => {
  const twice = { x: 1 }
  const circle: Record<string, unknown> = { a: twice, b: twice }
  circle["again"] = circle
  expect(parsed(circle)).toEqual({ a: { x: 1 }, b: { x: 1 } })
})

test("it is bounded in depth, in length and as a whole", () => {
  let deep: object = {}
  for (let depth = 0; depth < 30; depth += 1) deep = { deep }
  expect(snapshot(deep)?.match(/\{/g)).toHaveLength(14)
  expect(parsed({ list: Array.from({ length: 60 }, (_, at) => at) })).toEqual({
    list: Array.from({ length: 50 }, (_, at) => at),
  })
  const row = Array.from({ length: 49 }, () => ({}))
  const size = snapshot(Array.from({ length: 50 }, () => row))?.match(/\{\}/g)?.length
  expect(size).toBe(2_000 - 1 - 40 - 1)
})
