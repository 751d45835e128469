import { describe, expect, test } from "bun:test"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import type { Failure } from "../../../src/core/verdict.ts"
import {
  abort,
  abortReplay,
  announce,
  beginReplay,
  changeAgent,
  chooseOwn,
  claim,
  comeBack,
  continueWith,
  end,
  endReplay,
  exhaust,
  forgetEarlyEnds,
  giveOriginal,
  keepOriginal,
  switchTo,
  noteUnclassified,
  markStep,
  noteEarlyEnd,
  noteOverwritten,
  noteTool,
  recover,
  sendReplay,
  startOn,
  acceptReplay,
  type Transition,
  waitForModel,
  waitPatiently,
} from "../../../src/turn/transitions.ts"
import { isOverwritten } from "../../../src/turn/turn-predicates.ts"
import type { Turn, TurnPhase } from "../../../src/turn/turn.ts"
import { turnOf } from "./turn-of.ts"

const phases = {
  running: { is: "running" },
  exhausted: { is: "exhausted", gives: "original" },
  ended: { is: "ended" },
  aborted: { is: "aborted" },
  ending: { is: "replaying", stage: "ending", cut: false },
  starting: { is: "replaying", stage: "starting", next: { is: "running" } },
} satisfies Record<string, TurnPhase>
type PhaseName = keyof typeof phases

const onStandIn: Partial<Turn> = { inUse: { model: "b/1", requests: 2, step: "answered" }, attempts: 2 }
const original = { model: "a/own", kind: "overloaded", failure: { message: "first" } } as const

/** What a transition makes of each phase: another one, `same` for the very same turn, `refused`. */
type Outcome = PhaseName | "same" | "refused" | TurnPhase
type Outcomes = Readonly<Record<PhaseName, Outcome>>
const all = (outcome: Outcome): Outcomes => ({
  running: outcome,
  exhausted: outcome,
  ended: outcome,
  aborted: outcome,
  ending: outcome,
  starting: outcome,
})
const kept: Outcomes = {
  running: "running",
  exhausted: "exhausted",
  ended: "ended",
  aborted: "aborted",
  ending: "ending",
  starting: "starting",
}
const unlessAborted: Outcomes = { ...kept, exhausted: "running", aborted: "refused" }

const rows: readonly (readonly [string, Transition, Outcomes])[] = [
  ["announce", announce("build"), { ...kept, ended: "running" }],
  ["continueWith", continueWith("msg_2"), kept],
  ["markStep", markStep("in-flight"), kept],
  ["claim", claim, { ...all("refused"), running: "running" }],
  ["noteUnclassified", noteUnclassified, kept],
  ["switchTo", switchTo({ model: "c/1" }, {}), unlessAborted],
  ["startOn", startOn({ model: "c/1" }, {}), unlessAborted],
  ["comeBack", comeBack, { ...kept, aborted: "refused" }],
  [
    "exhaust",
    exhaust("all gone"),
    {
      ...all("refused"),
      running: { is: "exhausted", gives: "refusal", text: "all gone" },
      exhausted: { is: "exhausted", gives: "refusal", text: "all gone" },
    },
  ],
  ["giveOriginal", giveOriginal, { ...all("refused"), exhausted: { is: "exhausted", gives: "failure" } }],
  ["waitForModel", waitForModel({}), { ...all("refused"), running: "running", exhausted: "exhausted" }],
  ["recover", recover("b/1"), { ...kept, exhausted: "running" }],
  [
    "beginReplay",
    beginReplay,
    { ...all("ending"), aborted: "refused", ending: "refused", starting: "refused" },
  ],
  ["sendReplay", sendReplay(phases.running), all("starting")],
  ["acceptReplay", acceptReplay, { ...all("refused"), starting: "running" }],
  [
    "abort",
    abort,
    { ...all("aborted"), ending: { is: "replaying", stage: "ending", cut: true }, starting: "same" },
  ],
  ["abortReplay", abortReplay, all("aborted")],
  ["endReplay", endReplay, { ...all("refused"), ending: "ended", starting: "ended" }],
  ["end", end, { ...kept, running: "ended", ending: "same", starting: "same" }],
]

describe("what a transition makes of each phase", () => {
  const cells = rows.flatMap(([name, transition, outcomes]) =>
    Object.keys(phases).map((from) => {
      const phase = from as PhaseName
      return [name, phase, transition, outcomes[phase]] as const
    }),
  )
  test.each(cells)("%s while %s", (_, from, transition, outcome) => {
    const turn = turnOf({ ...onStandIn, phase: phases[from] })
    const after = transition(turn)
    if (outcome === "refused") expect(after).toBeUndefined()
    else if (outcome === "same") expect(after).toBe(turn)
    else expect(after?.phase).toEqual(typeof outcome === "string" ? phases[outcome] : outcome)
  })
})

describe("a request that OpenCode prepares", () => {
  test("is counted for the model in use, and names the agent", () => {
    expect(announce("plan")(turnOf())).toMatchObject({
      agent: "plan",
      inUse: { model: "a/own", requests: 1, step: "announced" },
    })
  })

  test("for a model that nobody has put there is the new agent's own choice", () => {
    const own = { model: "d/1", variant: "low" } as const
    expect(changeAgent("msg_2", "plan", own)(turnOf(onStandIn))).toMatchObject({
      messageID: "msg_2",
      agent: "plan",
      own,
      inUse: { ...own, requests: 1, step: "announced" },
    })
  })
})

test("the host may tell later whose choice a turn's model is", () => {
  expect(chooseOwn({ model: "d/1" })(turnOf(onStandIn))).toEqual({
    ...turnOf(onStandIn),
    own: { model: "d/1" },
  })
})

test("waits in a row are counted until a model answers, whichever was waited for", () => {
  const once = waitPatiently(1)(turnOf())
  const left = once && switchTo({ model: "b/1" }, {})(once)
  const twice = left && waitPatiently(2)(left)
  expect(twice).toMatchObject({ patientTries: 2, inUse: { patientSince: 2 } })
  expect(twice && recover("b/1")(twice)?.patientTries).toBeUndefined()
})

test("a proper answer is noted of the model in use alone", () => {
  expect(recover("b/1")(turnOf(onStandIn))?.inUse.hasAnswered).toBe(true)
  expect(recover("a/own")(turnOf(onStandIn))?.inUse.hasAnswered).toBeUndefined()
})

describe("leaving a model", () => {
  test("forgets all that was known of it, and counts one attempt", () => {
    const turn = turnOf({ inUse: { model: "a/own", requests: 3, step: "decided", isUnclassified: true } })
    expect(switchTo({ model: "b/1", variant: "low" }, { kind: "overloaded", retryAt: 7 })(turn)).toEqual({
      ...turn,
      inUse: { model: "b/1", variant: "low", requests: 0 },
      tried: [{ model: "a/own", kind: "overloaded", retryAt: 7 }],
      attempts: 1,
    })
  })

  test("costs no attempt at the start of a turn", () => {
    expect(startOn({ model: "b/1" }, { kind: "auth" })(turnOf())).toMatchObject({
      inUse: { model: "b/1", requests: 0 },
      tried: [{ model: "a/own", kind: "auth" }],
      attempts: 0,
    })
  })

  test("a second time names it once, with its newest reason, as the last one", () => {
    const turn = turnOf({ tried: [{ model: "a/own", kind: "auth" }, { model: "b/1" }] })
    expect(switchTo({ model: "c/1" }, { kind: "network" })(turn)?.tried).toEqual([
      { model: "b/1" },
      { model: "a/own", kind: "network" },
    ])
  })
})

describe("what OpenCode is given where nobody is left", () => {
  const failure: Failure = { message: "second" }
  const why = { kind: "rate_limit", retryAt: 5_000 } as const

  test("is what the own model has said last, and when it will be well again", () => {
    expect(keepOriginal(failure, why)(turnOf({ original }))?.original).toEqual({
      model: "a/own",
      ...why,
      failure,
    })
  })

  test("is what a stand-in has said only where the own model was not asked", () => {
    expect(keepOriginal(failure, why)(turnOf({ ...onStandIn, original }))?.original).toBe(original)
    const unasked = keepOriginal(failure, why)(turnOf(onStandIn))
    expect(unasked?.original).toEqual({ model: "b/1", ...why, failure })
    expect(unasked && exhaust(undefined)(unasked)?.phase).toEqual({ is: "exhausted", gives: "failure" })
  })

  test("is dropped at the turn's end", () => {
    const ended = end(turnOf({ original }))
    expect(ended && "original" in ended).toBe(false)
  })

  test.each<[string, Partial<Turn>, string | undefined, string]>([
    ["is owed to OpenCode when all others have failed", { ...onStandIn, original }, undefined, "original"],
    ["is owed by nobody who has none", onStandIn, undefined, "failure"],
    ["is not owed where it has just been seen", { original }, undefined, "failure"],
    ["is not owed where the turn is refused", { ...onStandIn, original }, "all gone", "refusal"],
  ])("%s", (_, change, refusal, gives) => {
    expect(exhaust(refusal)(turnOf(change))).toMatchObject({
      tried: [],
      walksAnew: true,
      phase: { is: "exhausted", gives },
    })
  })

  test("counts as decided once it was given", () => {
    const turn = turnOf({ phase: phases.exhausted })
    expect(giveOriginal(turn)?.inUse.step).toBe("decided")
  })
})

test("a turn that waits may try everybody again, its own model first", () => {
  const turn = turnOf({ ...onStandIn, tried: [{ model: "a/own" }] })
  expect(waitForModel({})(turn)).toMatchObject({ tried: [], attempts: 0, walksAnew: true })
})

test("whoever has refused what the turn holds is not asked on a later walk, all others are", () => {
  const tried = [
    { model: "c/1", kind: "overloaded" },
    { model: "c/2", kind: "bad_request" },
  ] as const
  const turn = turnOf({ ...onStandIn, tried })
  const refused: Turn["tried"] = [
    { model: "c/2", kind: "bad_request", isEarlier: true },
    { model: "b/1", kind: "context_overflow", isEarlier: true },
  ]
  for (const walkAnew of [
    exhaust(undefined, { kind: "context_overflow" }),
    waitForModel({ kind: "context_overflow" }),
  ])
    expect(walkAnew(turn)?.tried).toEqual(refused)
})

test("a turn that goes back is on the own model as on a new one", () => {
  const turn = turnOf({ ...onStandIn, own: { model: "a/own", variant: "high" } })
  expect(comeBack(turn)?.inUse).toEqual({ model: "a/own", variant: "high", requests: 0 })
})

test("a failure is claimed once", () => {
  expect(claim(turnOf())?.inUse.step).toBe("decided")
})

describe("answers without an end", () => {
  test("are counted once each, until a proper one comes", () => {
    const first = noteEarlyEnd("msg_2")(turnOf()) ?? turnOf()
    expect(noteEarlyEnd("msg_2")(first)).toBe(first)
    const second = noteEarlyEnd("msg_3")(first) ?? first
    expect(second.inUse.earlyEnds).toEqual(["msg_2", "msg_3"])
    const after = forgetEarlyEnds(second)
    expect(after?.inUse).toEqual(turnOf().inUse)
    expect(after && forgetEarlyEnds(after)).toBe(after as never)
  })
})

test("that nobody could read a failure, and that a tool has run, is remembered", () => {
  expect(noteUnclassified(turnOf())?.inUse.isUnclassified).toBe(true)
  expect(noteTool(turnOf())?.hasRunTool).toBe(true)
})

describe("a lent message that names a model again which the turn has left", () => {
  const lent = turnOf({ inUse: { model: "b/1", requests: 1 } })
  const lentTwice = turnOf({ inUse: { model: "c/1", requests: 1 }, tried: [{ model: "b/1" }] })
  test.each<[string, Turn, string, ModelKey, boolean]>([
    ["was overwritten by the host", lent, "msg_1", "a/own", true],
    ["was overwritten with a state in which it was lent to another", lentTwice, "msg_1", "b/1", true],
    ["is on the model in use", lentTwice, "msg_1", "c/1", false],
    ["is another message", lent, "msg_2", "a/own", false],
    ["names a third model", lent, "msg_1", "c/1", false],
    ["was not lent", turnOf(), "msg_1", "a/own", false],
    ["up to five times", { ...lent, overwritten: 4 }, "msg_1", "a/own", true],
    ["and no more: then somebody wants it", { ...lent, overwritten: 5 }, "msg_1", "a/own", false],
  ])("%s", (_, turn, messageID, model, expected) => {
    expect(isOverwritten(turn, messageID, model)).toBe(expected)
  })

  test("is counted", () => {
    const once = noteOverwritten(lent)
    expect([once?.overwritten, once && noteOverwritten(once)?.overwritten]).toEqual([1, 2])
  })
})
