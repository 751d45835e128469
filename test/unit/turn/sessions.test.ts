import { expect, test } from "bun:test"
import { createSessions } from "../../../src/turn/sessions.ts"
import { turnOf } from "./turn-of.ts"

test("a session that is not known is fresh", () => {
  expect(createSessions().get("ses_1")).toEqual({ off: false, contextTokens: 0, inserting: false })
})

test("a change of the turn reaches only the message that it is about", () => {
  const sessions = createSessions()
  sessions.patch("ses_1", { turn: turnOf({ messageID: "msg_2" }) })
  expect(sessions.patchTurn({ sessionID: "ses_1", messageID: "msg_1" }, { attempts: 5 })).toBeUndefined()
  expect(sessions.turn("ses_1")?.attempts).toBe(0)
  expect(sessions.patchTurn({ sessionID: "ses_1", messageID: "msg_2" }, { attempts: 1 })?.attempts).toBe(1)
  expect(sessions.turn("ses_1")?.attempts).toBe(1)
  expect(sessions.patchTurn({ sessionID: "ses_2", messageID: "msg_2" }, { attempts: 1 })).toBeUndefined()
})

test("a chain given by hand stays until an empty one takes it away", () => {
  const sessions = createSessions()
  sessions.setChain("ses_1", ["b/1", "c/1"])
  expect(sessions.get("ses_1").chain).toEqual([{ model: "b/1" }, { model: "c/1" }])
  sessions.setChain("ses_1", [])
  expect("chain" in sessions.get("ses_1")).toBe(false)
})

test("the end of a compaction leaves the rest as it is", () => {
  const sessions = createSessions()
  const compaction = { turn: turnOf({}), isAutomatic: false, repeating: false }
  sessions.patch("ses_1", { off: true, compaction })
  sessions.endCompaction("ses_1")
  expect(sessions.get("ses_1")).toEqual({ off: true, contextTokens: 0, inserting: false })
})

test("a session that was deleted is forgotten", () => {
  const sessions = createSessions()
  sessions.patch("ses_1", { off: true })
  sessions.forget("ses_1")
  expect(sessions.size()).toBe(0)
})

test("ten thousand sessions leave a bounded trace, the newest among them", () => {
  const sessions = createSessions()
  for (let number = 0; number < 10_000; number += 1) sessions.patch(`ses_${number}`, { off: true })
  expect(sessions.size()).toBeLessThanOrEqual(4_000)
  expect(sessions.get("ses_9999").off).toBe(true)
  expect(sessions.get("ses_0").off).toBe(false)
})
