import { expect, test } from "bun:test"
import { boundedSet } from "../../../src/store/redis-outbox.ts"

function setOf(...values: readonly number[]) {
  const set = boundedSet<number>(3)
  for (const value of values) set.add(value)
  return set
}

test("hands out each value once, in order, without the oldest beyond its bound", async () => {
  const set = setOf(1, 2, 1, 3, 4)
  const handed: number[] = []
  await set.drain(async (value) => void handed.push(value))
  expect([handed, set.size()]).toEqual([[2, 3, 4], 0])
})

test("keeps what could not be used, and says why", async () => {
  const set = setOf(1, 2, 3)
  const use = async (value: number): Promise<void> => {
    if (value === 2) throw new Error("the server has gone")
  }
  expect(await set.drain(use).catch(String)).toBe("Error: the server has gone")
  const left: number[] = []
  await set.drain(async (value) => void left.push(value))
  expect(left).toEqual([2])
})

test("hands out again what is added while it is under way", async () => {
  const set = setOf(1)
  const handed: number[] = []
  await set.drain(async (value) => {
    if (handed.push(value) === 1) set.add(value)
  })
  expect(handed).toEqual([1, 1])
})
