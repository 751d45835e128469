import { expect, test } from "bun:test"
import { describeOrigin } from "../../../src/core/describe-origin.ts"
import { createIncidents } from "../../../src/notify/incidents.ts"

test("an incident is new once, and again when it is over", () => {
  let time = 0
  const incidents = createIncidents(() => time)
  expect(incidents.open("one", 100)).toBe(true)
  expect(incidents.open("one", 500)).toBe(false)
  expect(incidents.open("two", 100)).toBe(true)
  time = 100
  expect(incidents.open("one", 200)).toBe(true)
})

test("all plugin instances of a process share their incidents", () => {
  expect(createIncidents(() => 0).open("shared", 100)).toBe(true)
  expect(createIncidents(() => 0).open("shared", 100)).toBe(false)
})

test("what the terminals of one project were told is news in another's, and over for all at once", () => {
  const [here, there] = ["/here", "/there"].map((project) => createIncidents(() => 0, project))
  const open = (incidents: typeof here) => incidents?.open("model:a/1 > b/1", 100)
  expect([here, there, here, there].map(open)).toEqual([true, true, false, false])
  here?.ended("model:a/1")
  expect([here, there].map(open)).toEqual([true, true])
})

test("very many incidents leave a bounded trace: the oldest counts as new again", () => {
  const incidents = createIncidents(() => 0)
  incidents.open("oldest", 100)
  for (let number = 0; number < 2_000; number += 1) incidents.open(`incident ${number}`, 100)
  expect(incidents.open("oldest", 100)).toBe(true)
})

test.each([
  [{ from: "session" }, "set for this session"],
  [{ from: "agent", name: "build" }, "agents.build"],
  [{ from: "category", name: "deep" }, "categories.deep"],
  [{ from: "model", name: "a/own" }, "models.a/own"],
  [{ from: "global" }, "fallback_models"],
  [{ from: "none" }, "none"],
] as const)("the origin %p is named %p", (origin, text) => {
  expect(describeOrigin(origin)).toBe(text)
})
