import { expect, test } from "bun:test"
import { createConcernsProject } from "../../../../src/opencode/v2/follow-bus.ts"

const of = (sessionID: string, directory?: string) => ({
  type: "session.model.selected",
  data: { sessionID },
  ...(directory !== undefined && { location: { directory } }),
})

test("an event concerns the project of its place, and where it names none the one its session was last seen in", () => {
  const concerns = createConcernsProject("/here")
  expect(
    [
      of("a", "/here"),
      of("a"),
      of("b", "/there"),
      of("b"),
      of("unseen"),
      // A session may be moved.
      of("b", "/here"),
      of("b"),
      of("a", "/there"),
      of("a"),
    ].map(concerns),
  ).toEqual([true, true, false, false, true, true, true, false, false])
})

test("an event of no session concerns whoever is in its place, or anyone", () => {
  const concerns = createConcernsProject("/here")
  const events = [{ directory: "/here" }, { directory: "/there" }, {}, undefined]
  expect(events.map((location) => concerns({ type: "model.updated", location }))).toEqual([
    true,
    false,
    true,
    true,
  ])
})
