import { expect, test } from "bun:test"
import { createSessions, sessionsOfProcess } from "../../../src/turn/sessions.ts"
import { abort, claim, continueWith, forgetEarlyEnds } from "../../../src/turn/transitions.ts"
import { turnOf } from "./turn-of.ts"

test("a session that is not known is fresh", () => {
  expect(createSessions().get("ses_1")).toEqual({ contextTokens: 0 })
})

test("a change of the turn reaches only the message that it is about", () => {
  const sessions = createSessions()
  sessions.open(turnOf({ messageID: "msg_2" }))
  const old = { sessionID: "ses_1", messageID: "msg_1" }
  expect(sessions.change(old, "abort", abort)).toBeUndefined()
  expect(sessions.turn("ses_1")?.phase.is).toBe("running")
  const current = { sessionID: "ses_1", messageID: "msg_2" }
  expect(sessions.change(current, "abort", abort)?.phase.is).toBe("aborted")
  expect(sessions.turn("ses_1")?.phase.is).toBe("aborted")
  expect(sessions.change({ ...current, sessionID: "ses_2" }, "abort", abort)).toBeUndefined()
})

test("a transition that the phase does not allow is told, and the turn stays as it is", () => {
  const refused: string[] = []
  const sessions = createSessions((what, turn) => void refused.push(`${what} while ${turn.phase.is}`))
  const turn = turnOf({ phase: { is: "aborted" } })
  sessions.open(turn)
  expect(sessions.change(turn, "claim", claim)).toBeUndefined()
  expect(refused).toEqual(["claim while aborted"])
  expect(sessions.turn("ses_1")).toEqual(turn)
})

test("a transition that changes nothing gives the turn and writes nothing", () => {
  const sessions = createSessions()
  const turn = turnOf()
  sessions.open(turn)
  const state = sessions.get("ses_1")
  expect(sessions.change(turn, "forgetEarlyEnds", forgetEarlyEnds)).toBe(turn)
  sessions.endCompaction("ses_1")
  expect(sessions.get("ses_1")).toBe(state)
})

test("off is off for whoever works for a session, until a nearer word", () => {
  const sessions = createSessions()
  sessions.patch("child", { parentID: "root" })
  sessions.patch("grandchild", { parentID: "child" })
  const off = (): readonly boolean[] => ["root", "child", "grandchild", "other"].map(sessions.isOff)
  expect(off()).toEqual([false, false, false, false])
  sessions.patch("root", { off: true })
  expect(off()).toEqual([true, true, true, false])
  sessions.patch("child", { off: false })
  expect(off()).toEqual([true, false, false, false])
  sessions.patch("root", { off: false })
  sessions.patch("child", { off: true })
  expect(off()).toEqual([false, true, true, false])
})

test("sessions that name each other as parents end the search", () => {
  const sessions = createSessions()
  sessions.patch("a", { parentID: "b" })
  sessions.patch("b", { parentID: "a" })
  expect(sessions.isOff("a")).toBe(false)
})

test("the sessions are known to all instances of a process", () => {
  const [one, other] = [sessionsOfProcess(() => undefined), sessionsOfProcess(() => undefined)]
  one.patch("ses_everywhere", { off: true })
  expect(other.get("ses_everywhere").off).toBe(true)
  one.forget("ses_everywhere")
})

test("the loop may go on with a newer message", () => {
  const sessions = createSessions()
  const turn = turnOf()
  sessions.open(turn)
  sessions.change(turn, "continueWith", continueWith("msg_9"))
  expect(sessions.turn("ses_1")?.messageID).toBe("msg_9")
})

test("a chain given by hand stays until an empty one takes it away", () => {
  const sessions = createSessions()
  sessions.setChain("ses_1", [{ model: "b/1" }, { model: "c/1" }])
  expect(sessions.get("ses_1").chain).toEqual([{ model: "b/1" }, { model: "c/1" }])
  sessions.setChain("ses_1", [])
  expect("chain" in sessions.get("ses_1")).toBe(false)
})

test("the end of a compaction leaves the rest as it is", () => {
  const sessions = createSessions()
  const compaction = { turn: turnOf(), isAutomatic: false, repeating: false }
  sessions.patch("ses_1", { off: true, compaction })
  sessions.endCompaction("ses_1")
  expect(sessions.get("ses_1")).toEqual({ off: true, contextTokens: 0 })
})

test("a session that was deleted is forgotten", () => {
  const sessions = createSessions()
  sessions.patch("ses_1", { off: true })
  sessions.forget("ses_1")
  expect(sessions.isOff("ses_1")).toBe(false)
})

test("of ten thousand sessions the newest are known", () => {
  const sessions = createSessions()
  for (let number = 0; number < 10_000; number += 1) sessions.patch(`ses_${number}`, { off: true })
  expect(sessions.get("ses_9999").off).toBe(true)
  expect(sessions.get("ses_0").off).toBeUndefined()
})
