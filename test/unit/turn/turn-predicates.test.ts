import { describe, expect, test } from "bun:test"
import { isFirstOnOwn, isOnUntriedStandIn, isOfEarlierTurn } from "../../../src/turn/turn-predicates.ts"
import type { Turn } from "../../../src/turn/turn.ts"
import { turnOf } from "./turn-of.ts"

describe("late news of an earlier turn", () => {
  test.each<[string, string | undefined, Partial<Turn>, boolean]>([
    ["answers an older message", "msg_0", {}, true],
    ["not where it answers this one", "msg_1", {}, false],
    ["not where it answers a newer one", "msg_2", {}, false],
    ["says nothing, and this turn has asked nobody yet", undefined, {}, true],
    [
      "not where this turn has asked",
      undefined,
      { inUse: { model: "b/1", requests: 1, step: "announced" } },
      false,
    ],
  ])("%s", (_, answers, change, expected) => {
    expect(isOfEarlierTurn(turnOf(change), answers)).toBe(expected)
  })
})

describe("the first request of a turn, to the own model", () => {
  const asked = { model: "a/own", requests: 1 } as const
  test.each<[string, Partial<Turn>, boolean]>([
    ["is about to be sent", { inUse: asked }, true],
    ["is not prepared yet", {}, false],
    ["was sent before", { inUse: { ...asked, requests: 2 } }, false],
    ["goes to another model", { inUse: { ...asked, model: "b/1" } }, false],
    ["comes after a switch", { inUse: asked, tried: [{ model: "b/1", kind: "auth" }] }, false],
    ["comes after a wait", { inUse: asked, walksAnew: true }, false],
    ["comes after an exhausted chain", { inUse: asked, phase: { is: "exhausted", gives: "failure" } }, false],
    ["comes after Esc", { inUse: asked, phase: { is: "aborted" } }, false],
  ])("%s", (_, change, expected) => {
    expect(isFirstOnOwn(turnOf(change))).toBe(expected)
  })
})

describe("a stand-in that has not answered", () => {
  test.each<[Turn["inUse"], boolean]>([
    [{ model: "b/1", requests: 0 }, true],
    [{ model: "b/1", requests: 2 }, true],
    [{ model: "b/1", requests: 1, hasAnswered: true }, false],
    [{ model: "a/own", requests: 1 }, false],
  ])("%o: %p", (inUse, expected) => {
    expect(isOnUntriedStandIn(turnOf({ inUse }))).toBe(expected)
  })
})
