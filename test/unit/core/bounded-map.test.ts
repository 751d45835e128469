import { describe, expect, test } from "bun:test"
import { BoundedMap } from "../../../src/core/bounded-map.ts"

describe("BoundedMap", () => {
  test("holds exactly the bound; the one unused longest goes, and reading is use", () => {
    const map = new BoundedMap<string, number>(2)
    map.set("a", 1)
    map.set("b", 2)
    expect(map.get("a")).toBe(1)
    map.set("c", 3)
    expect([map.get("a"), map.get("b"), map.get("c")]).toEqual([1, undefined, 3])
    expect([...map.keys()]).toHaveLength(2)
  })

  test("a key that is set again takes no second place, and a deleted one none", () => {
    const map = new BoundedMap<string, number>(2)
    map.set("a", 1)
    map.set("a", 2)
    map.set("b", 3)
    expect([...map.values()]).toEqual([2, 3])
    map.delete("a")
    expect([...map.values()]).toEqual([3])
  })

  test("a key that was the newest is put behind those that came after it", () => {
    const map = new BoundedMap<string, number>(3)
    map.set("a", 1)
    map.set("b", 2)
    map.set("a", 3)
    map.delete("a")
    map.set("c", 4)
    map.set("a", 5)
    map.set("a", 6)
    map.get("b")
    expect([...map.values()]).toEqual([4, 6, 2])
  })
})
