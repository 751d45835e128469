import { describe, expect, test } from "bun:test"
import type { NextMove } from "../../../../../src/failover/next-move.ts"
import type { RetryDecision, RetryEvent } from "../../../../../src/opencode/v2/host/context.ts"
import { boundedRetry, perform, refuse } from "../../../../../src/opencode/v2/turns/perform-move.ts"
import { beginTurn, end, switchTo } from "../../../../../src/turn/transitions.ts"
import type { Turn } from "../../../../../src/turn/turn.ts"
import { retryEvent } from "../world.ts"

const needs = { images: false, pdf: false, tools: false, contextTokens: 0 }
const own = { model: "a/1", variant: "high" } as const
const running = beginTurn({ sessionID: "s", messageID: "m", agent: "build", own, needs, keepsOwn: false })
const decision = { do: "exhausted", why: "no-model-left", skipped: [], mayRecover: false } as const
const later: RetryDecision = { retry: true, delay: 900_000 }

type Without<Next> = Next extends NextMove ? Omit<Next, "verdict" | "after"> : never
type Move = Without<NextMove>

type Given = {
  readonly turn?: Turn
  /** The session's turn once OpenCode has switched. */
  readonly turnNow?: Turn | undefined
  readonly attempt?: number
  readonly hasBegun?: boolean
  readonly proposed?: RetryDecision
  /** When the model in use has said that it is back. */
  readonly retryAt?: number
}

/** What is done, in order, and what OpenCode is told. */
async function done(move: Move, given: Given = {}) {
  const { turn = running, attempt = 2, hasBegun = false, proposed = later, retryAt } = given
  const calls: string[] = []
  const note =
    (name: string) =>
    (...values: readonly unknown[]): never => {
      calls.push([name, ...values.filter((value) => typeof value === "string")].join(" "))
      return undefined as never
    }
  const event: RetryEvent = {
    sessionID: "s",
    agent: "build",
    model: { id: "1", providerID: "a" },
    error: { type: "provider.quota", message: "the provider's words" },
    attempt,
    decision: proposed,
  }
  const notice =
    (name: string) =>
    (_: Turn, { forMs, durationMs }: { readonly forMs?: number; readonly durationMs?: number }): never =>
      note(name)(String(forMs ?? durationMs ?? ""))
  const deps = {
    sessions: {
      turn: () => ("turnNow" in given ? given.turnNow : turn),
      change: (_: Turn, what: string) => note("change")(what),
    },
    ownChoice: {
      lend: (_: Turn, to: string, kind: string) => note("own lent")(to, kind),
      giveBack: note("own back"),
    },
    notices: { exhausted: notice("tell exhausted"), switched: notice("tell switched") },
    loans: {
      lend: (_: string, from: unknown, to: unknown, idleAt: unknown) =>
        note("lend")(JSON.stringify(from), JSON.stringify(to), String(idleAt)),
      giveBack: note("give back"),
    },
    nextMove: { afterFailure: note("judge") },
    setUp: { failureOf: () => Promise.resolve(undefined) },
    now: () => 1_007,
  }
  const failed = {
    event,
    turn,
    own: { id: "1", providerID: "a", variant: "high" },
    idleAt: 900,
    startedAt: 1_000,
    hasBegun,
  }
  const verdict = { kind: "quota", scope: "model", rule: "a rule", ...(retryAt && { retryAt }) } as const
  await perform(deps as never, failed, { ...move, verdict, after: (same) => same })
  return { calls, decision: event.decision, message: event.error.message }
}

const words = "the provider's words"

test("what is left to OpenCode stays as it came", async () => {
  expect(await done({ do: "pass", why: "not-a-reason" })).toEqual({
    calls: ["change pass"],
    decision: later,
    message: words,
  })
})

test("the same model is asked once more after a short pause", async () => {
  expect(await done({ do: "repeat", afterMs: 300 })).toEqual({
    calls: [],
    decision: { retry: true, delay: 300 },
    message: words,
  })
})

test.each([
  ["is over", end(running)],
  ["is gone with its session", undefined],
  ["has made room for the next one", { ...running, messageID: "n" }],
])("a turn that %s once the session is switched leaves nothing lent", async (_, turnNow) => {
  const { calls } = await done(
    { do: "switch", to: { model: "b/1" }, skipped: [], why: { kind: "quota" } },
    { turnNow },
  )
  expect(calls.map((call) => call.split(" {")[0])).toEqual(["lend", "give back s"])
})

test("another model is asked at once, with the user's variant unless it has one of its own", async () => {
  const why = { kind: "quota" } as const
  const toMove = (to: { readonly model: "b/1"; readonly variant?: string }): Move => ({
    do: "switch",
    to,
    skipped: [],
    why,
  })
  const from = '{"id":"1","providerID":"a","variant":"high"}'
  expect(await done(toMove({ model: "b/1" }))).toEqual({
    calls: [
      `lend ${from} {"id":"1","providerID":"b","variant":"high"} 900`,
      "change switch",
      "own lent b/1 quota",
      "tell switched 7",
    ],
    decision: { retry: true, delay: 0 },
    message: `Continuing with b/1 · ${words}`,
  })
  const { calls } = await done(toMove({ model: "b/1", variant: "low" }))
  expect(calls[0]).toBe(`lend ${from} {"id":"1","providerID":"b","variant":"low"} 900`)
})

test("what a step leaves in the history keeps its provider's words", async () => {
  const move: Move = { do: "switch", to: { model: "b/1" }, skipped: [], why: { kind: "quota" } }
  expect((await done(move, { hasBegun: true })).message).toBe(words)
})

test("a wait is told and taken", async () => {
  const wait: Move = { do: "wait", forMs: 30_000, decision }
  expect(await done(wait)).toEqual({
    calls: ["tell exhausted 30000", "change wait"],
    decision: { retry: true, delay: 30_000 },
    message: words,
  })
})

test("with nobody left the turn ends in our words", async () => {
  const giveUp: Move = { do: "giveUp", refusal: "nobody is left", decision }
  const ends = { decision: { retry: false }, message: "nobody is left" } as const
  const back = ["change giveUp", "give back s", "own back s"]
  expect(await done(giveUp)).toEqual({ calls: ["tell exhausted ", ...back], ...ends })
})

test("or OpenCode's own retries go on, in pauses that are not the provider's hours", async () => {
  const giveUp: Move = { do: "giveUp", decision }
  const calls = ["tell exhausted ", "change giveUp", "give back s", "own back s", "change comeBack"]
  expect(await done(giveUp)).toEqual({ calls, decision: { retry: true, delay: 4_000 }, message: words })
  const short = { retry: true, delay: 2_000 } as const
  expect((await done(giveUp, { proposed: short })).decision).toEqual(short)
})

describe("where somebody is back soon, OpenCode asks again then", () => {
  const back = (until: number): Move => ({
    do: "giveUp",
    decision: { ...decision, soonest: { model: "b/1", until: 1_007 + until } },
  })
  const onStandIn = switchTo({ model: "b/1" }, { kind: "quota" })(running) ?? running
  const told = switchTo({ model: "b/1" }, { kind: "quota", retryAt: 90_000 })(running) ?? running
  const rows: readonly (readonly [string, Move, Given, number])[] = [
    ["the own model has said when it is back", back(60_000), { retryAt: 90_000 }, 60_000],
    ["it has said so before another took over", back(60_000), { turn: told }, 60_000],
    ["it may be well at any time", back(60_000), {}, 4_000],
    ["it may, whatever the other has said", back(60_000), { turn: onStandIn, retryAt: 90_000 }, 4_000],
    ["that is beyond OpenCode's own retries", back(75_001), { retryAt: 90_000 }, 4_000],
    ["that is the last moment of them", back(75_000), { retryAt: 90_000 }, 75_000],
    ["that is at once", back(0), { retryAt: 90_000 }, 4_000],
  ]
  for (const [what, move, given, delay] of rows)
    test(what, async () => expect((await done(move, given)).decision).toEqual({ retry: true, delay }))
})

test("without a chain what OpenCode does not ask again about ends as without us", async () => {
  const ends: RetryDecision = { retry: false }
  const alone: Move = { do: "giveUp", decision: { ...decision, why: "no-chain" } }
  expect((await done(alone, { proposed: ends })).decision).toEqual(ends)
  expect((await done(alone)).decision).toEqual({ retry: true, delay: 4_000 })
  expect((await done({ do: "giveUp", decision }, { proposed: ends })).decision).toEqual({
    retry: true,
    delay: 4_000,
  })
})

test("a retry never waits for hours", () => {
  expect(boundedRetry({ retry: true, delay: 15_000 })).toEqual({ retry: true, delay: 15_000 })
  expect(boundedRetry({ retry: true, delay: 15_001 })).toEqual({ retry: true, delay: 4_000 })
  expect(boundedRetry({ retry: false })).toEqual({ retry: true, delay: 4_000 })
})

test.each([
  ["provider.auth", "provider.unknown"],
  ["provider.quota", "provider.quota"],
])(
  "a turn that ends in our words is no longer of the class %s over which they would not be shown",
  (type, shown) => {
    const event = retryEvent("s", "a/1", type)
    refuse(event, "nobody is left")
    expect(event).toMatchObject({
      error: { type: shown, message: "nobody is left" },
      decision: { retry: false },
    })
  },
)
