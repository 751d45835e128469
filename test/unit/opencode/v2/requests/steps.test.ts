import { expect, test } from "bun:test"
import { createSteps } from "../../../../../src/opencode/v2/requests/steps.ts"
import { retryEvent } from "../world.ts"

const known = { saw: "known-down" } as const
const about = (sessionID: string, providerID: string) => ({ sessionID, model: { id: "1", providerID } })

test("what was seen of a request is told once, and only of the model that it is about", () => {
  const steps = createSteps()
  steps.saw(about("s", "a"), known)
  expect(
    (
      [
        ["s", "a"],
        ["s", "b"],
        ["t", "a"],
      ] as const
    ).map(([session, provider]) => steps.hasEvidence(about(session, provider))),
  ).toEqual([true, false, false])
  expect(steps.asked(retryEvent("s", "a/1"))?.evidence).toBe(known)
  expect(steps.asked(retryEvent("s", "a/1"))?.evidence).toBeUndefined()
  steps.saw(about("s", "a"), known)
  expect(steps.asked(retryEvent("s", "b/1"))).toBeUndefined()
  expect(steps.hasEvidence(about("s", "a"))).toBe(false)
  steps.saw(about("s", "a"), known)
  steps.begin(about("s", "a"))
  expect(steps.hasEvidence(about("s", "a"))).toBe(false)
})

test("the end of a step, of which is told late, takes nothing of the next one's request", () => {
  const steps = createSteps()
  steps.asked({ ...retryEvent("s", "a/1"), attempt: 11 })
  steps.saw(about("s", "a"), known)
  steps.ended("s")
  expect(steps.attempt("s")).toBe(0)
  expect(steps.hasEvidence(about("s", "a"))).toBe(true)
  steps.forget("s")
  expect(steps.hasEvidence(about("s", "a"))).toBe(false)
})

test("repeats are counted from the first of a row of attempts on the same model", () => {
  const steps = createSteps()
  const attempts = [
    ["a/1", 2, 0],
    ["a/1", 3, 1],
    ["b/1", 4, 0],
    ["b/1", 6, 0],
    ["b/1", 7, 1],
    ["b/1", 2, 0],
  ] as const
  for (const [model, attempt, repeats] of attempts)
    expect(steps.repeats({ ...retryEvent("s", model), attempt })).toBe(repeats)
})
