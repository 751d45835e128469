import { expect, test } from "bun:test"
import { chainAt, makeWorld } from "../../../../script/soak/soak-world.ts"

const world = makeWorld("http://127.0.0.1:1")
const places = world.chains.map((_, place) => place)

test("sessions on OpenCode 1 meet every chain in turn, and the one that only a replay can leave", () => {
  expect(places.map((place) => chainAt(world, place, 1))).toEqual([...world.chains])
  expect(chainAt(world, world.chains.length, 1)).toBe(chainAt(world, 0, 1))
  expect(world.chains.some(({ isReactive }) => isReactive)).toBe(true)
})

test("on OpenCode 2 they have the same, but for those of packages that it lacks", () => {
  for (const place of places) {
    const [one, two] = [chainAt(world, place, 1), chainAt(world, place, 2)]
    expect(two.isOnlyFor1).toBe(false)
    expect(two === one).toBe(!one.isOnlyFor1)
  }
})
