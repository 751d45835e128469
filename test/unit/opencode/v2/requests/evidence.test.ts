import { expect, test } from "bun:test"
import { createEvidence } from "../../../../../src/opencode/v2/requests/evidence.ts"

test("evidence is given once, and only of the model that it is about", () => {
  const box = createEvidence()
  const known = { saw: "known-down" } as const
  box.put("s", "a/1", known)
  expect([box.has("s", "a/1"), box.has("s", "b/1"), box.has("t", "a/1")]).toEqual([true, false, false])
  expect(box.take("s", "a/1")).toBe(known)
  expect(box.take("s", "a/1")).toBeUndefined()
  box.put("s", "a/1", known)
  expect(box.take("s", "b/1")).toBeUndefined()
  expect(box.has("s", "a/1")).toBe(false)
  box.put("s", "a/1", known)
  box.clear("s")
  expect(box.has("s", "a/1")).toBe(false)
})
