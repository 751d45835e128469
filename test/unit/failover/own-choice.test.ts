import { describe, expect, test } from "bun:test"
import { createOwnChoice } from "../../../src/failover/own-choice.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import { turnOf } from "../turn/turn-of.ts"

function kept() {
  let time = 1
  const store = createMemoryStore({ now: () => time })
  const ownChoice = createOwnChoice(store, () => time)
  return { ownChoice, record: () => store.session("ses_1"), pass: () => void (time += 1) }
}

const turn = turnOf({ own: { model: "a/own", variant: "high" } })

describe("the record of a session", () => {
  test("names the chain from the first turn on, where there is one", () => {
    const { ownChoice, record } = kept()
    ownChoice.begin(turn, [])
    expect(record()).toBeUndefined()
    ownChoice.begin(turn, ["b/1", "c/1"])
    expect(record()).toEqual({
      sessionID: "ses_1",
      own: "a/own",
      ownVariant: "high",
      chain: ["b/1", "c/1"],
      updatedAt: 1,
    })
  })

  test("is not written again for the same chain, and keeps the stand-in when the chain changes", () => {
    const { ownChoice, record, pass } = kept()
    ownChoice.begin(turn, ["b/1", "c/1"])
    ownChoice.lend(turn, "b/1", "overloaded")
    pass()
    ownChoice.begin(turn, ["b/1", "c/1"])
    expect(record()?.updatedAt).toBe(1)
    ownChoice.begin(turn, ["c/1"])
    expect(record()).toMatchObject({ chain: ["c/1"], inUse: "b/1", reason: "overloaded", updatedAt: 2 })
  })

  test("names no chain any longer once the last list is gone", () => {
    const { ownChoice, record } = kept()
    ownChoice.begin(turn, ["b/1"])
    ownChoice.begin(turn, [])
    expect(record()?.chain).toEqual([])
  })

  test("of another choice is forgotten", () => {
    const { ownChoice, record } = kept()
    ownChoice.lend(turn, "b/1", "overloaded")
    ownChoice.begin(turnOf({ own: { model: "d/1" } }), [])
    expect(record()).toBeUndefined()
  })

  test("keeps chain and variant while the message is lent, and the reason where there is one", () => {
    const { ownChoice, record } = kept()
    ownChoice.begin(turn, ["b/1"])
    ownChoice.lend(turn, "b/1", undefined)
    expect(record()).toStrictEqual({
      sessionID: "ses_1",
      own: "a/own",
      ownVariant: "high",
      chain: ["b/1"],
      inUse: "b/1",
      lent: "msg_1",
      updatedAt: 1,
    })
    expect(ownChoice.leftLent("ses_1")).toEqual([
      { messageID: "msg_1", own: { model: "a/own", variant: "high" } },
    ])
  })

  test("names every lent message: a prompt thrown in may be lent while the first one still is", () => {
    const { ownChoice, record } = kept()
    const second = { ...turn, messageID: "msg_2" }
    for (const each of [turn, second, second]) ownChoice.lend(each, "b/1", "overloaded")
    expect(ownChoice.leftLent("ses_1").map(({ messageID }) => messageID)).toEqual(["msg_1", "msg_2"])
    ownChoice.giveBack("ses_1")
    expect(ownChoice.leftLent("ses_1")).toEqual([])
    expect(record()).not.toHaveProperty("lentBefore")
  })

  test("is not written by a giving back of nothing", () => {
    const { ownChoice, record, pass } = kept()
    ownChoice.giveBack("ses_1")
    expect(record()).toBeUndefined()
    ownChoice.begin(turn, ["b/1"])
    pass()
    ownChoice.giveBack("ses_1")
    expect(record()?.updatedAt).toBe(1)
  })

  test("tells of no return where a turn that another process has begun goes on, on what stands in", () => {
    const { ownChoice, record } = kept()
    ownChoice.lend(turn, "b/1", "overloaded")
    expect(ownChoice.comeBack({ ...turn, own: { model: "b/1" } })).toBeUndefined()
    expect(record()).toMatchObject({ own: "a/own", inUse: "b/1" })
  })

  test("tells what had stood in when the own model is back, once", () => {
    const { ownChoice, record } = kept()
    ownChoice.lend(turn, "b/1", "overloaded")
    ownChoice.giveBack("ses_1")
    expect(ownChoice.comeBack(turn)).toBe("b/1")
    expect(ownChoice.comeBack(turn)).toBeUndefined()
    expect(record()).toStrictEqual({ sessionID: "ses_1", own: "a/own", ownVariant: "high", updatedAt: 1 })
  })
})

test("a session at rest is looked up once, until something is lent in it again", () => {
  const store = createMemoryStore({ now: () => 1 })
  const asked: string[] = []
  const session = (sessionID: string) => {
    asked.push(sessionID)
    return store.session(sessionID)
  }
  const ownChoice = createOwnChoice({ ...store, session }, () => 1)
  for (let rest = 0; rest < 3; rest += 1) ownChoice.giveBack("ses_1")
  expect(asked).toEqual(["ses_1"])
  ownChoice.lend(turn, "b/1", "overloaded")
  ownChoice.giveBack("ses_1")
  expect(store.session("ses_1")?.lent).toBeUndefined()
})
