/** What holds of every turn, whatever its models answer and however often OpenCode asks again. */
import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import type { Failure } from "../../../src/core/verdict.ts"
import { createNextMove, type NextMove } from "../../../src/failover/next-move.ts"
import {
  announce,
  comeBack,
  giveOriginal,
  keepOriginal,
  type Transition,
} from "../../../src/turn/transitions.ts"
import { owesOriginal } from "../../../src/turn/turn-predicates.ts"
import type { Turn } from "../../../src/turn/turn.ts"
import { catalogWith } from "../catalog-of.ts"
import { makeWorld } from "../opencode/v1/world.ts"
import { turnOf } from "../turn/turn-of.ts"

const own: ModelKey = "a/own"
const chain: readonly ModelKey[] = ["b/1", "b/2", "c/1", "d/1"]
const cooldownMs = 60_000
const ownRetries = 5
const maxAttempts = 3

const limited = (seconds: number): Failure => ({ status: 429, headers: { "retry-after": String(seconds) } })

/** Those that end by themselves, and those that last. */
const passing: readonly Failure[] = [
  { status: 429 },
  limited(1),
  limited(40),
  limited(3_600),
  { status: 500 },
  { status: 503 },
  { status: 529 },
  { message: "connect ECONNREFUSED 127.0.0.1:9" },
]
const lasting: readonly Failure[] = [
  { status: 401, message: "invalid api key" },
  { status: 402, message: "insufficient balance" },
  { status: 404, body: '{"error":{"code":"model_not_found","message":"no such model"}}' },
]
const refused: Failure = { status: 400, message: "no such parameter" }
const failures = [...passing, ...lasting, refused]

/** How long it must at least be left alone: as long as its provider has said, else the default cooldown. */
function awayMs({ headers }: Failure): number {
  const seconds = headers?.["retry-after"]
  return seconds === undefined ? cooldownMs : Number(seconds) * 1_000
}

/** What a model is asked for, and what came of it. */
type Asked = {
  readonly model: ModelKey
  readonly failure: Failure
  readonly move: NextMove["do"]
  readonly atMs: number
  /** How often OpenCode had asked again by itself. */
  readonly walk: number
  readonly repeats: number
}

const behaviours = fc.record({
  answers: fc.array(fc.constantFrom(...failures), { minLength: 60, maxLength: 60 }),
  /** How many of the list are set; OpenCode knows some of those. */
  chainLength: fc.integer({ min: 0, max: chain.length }),
  known: fc.subarray([...chain]),
  mostWaitMs: fc.constantFrom(undefined, 30_000),
  retries: fc.constantFrom(0, 1, 2),
})

/** A turn in which nobody ever answers. */
async function play({
  answers,
  chainLength,
  known,
  mostWaitMs,
  retries,
}: typeof behaviours extends fc.Arbitrary<infer Behaviour> ? Behaviour : never) {
  const list = chain.slice(0, chainLength)
  const { failover, now, pass } = makeWorld({
    catalog: catalogWith(own, ...known),
    settings: {
      agents: { build: { fallback_models: [...list] } },
      runtime_fallback: {
        max_fallback_attempts: maxAttempts,
        same_model_retries: { network: retries, server_error: retries },
      },
    },
  })
  const refusalText = (): Promise<string> => Promise.resolve("nobody is left")
  const { afterFailure, withoutAsking } = createNextMove({
    failover,
    refusalText,
    host: { log: () => undefined },
    mostWaitMs,
    now,
  })
  const asked: Asked[] = []
  const change = (turn: Turn, after: Transition): Turn => {
    const changed = after(turn)
    if (changed === undefined) throw new Error(`a transition was refused while ${turn.phase.is}`)
    return changed
  }
  let turn = turnOf()
  let repeats = 0
  for (let walk = 0; walk <= ownRetries;) {
    const unasked = await withoutAsking(turn)
    if (unasked) {
      turn = change(turn, unasked.after)
      continue
    }
    turn = change(turn, announce("build"))
    const failure = answers[asked.length]
    if (failure === undefined) throw new Error(`no end after ${asked.length} requests`)
    const asksAgain = walk === ownRetries ? "never" : "soon"
    const move = await afterFailure(turn, { failure, repeats, asksAgain })
    asked.push({ model: turn.inUse.model, failure, move: move.do, walk, repeats, atMs: now() })
    if (move.do !== "repeat" && move.do !== "pass") turn = change(turn, keepOriginal(failure, move.verdict))
    turn = change(turn, move.after)
    // OpenCode is given the own model's failure, and asks that one again.
    if (owesOriginal(turn)) turn = change(change(turn, comeBack), giveOriginal)
    repeats = move.do === "repeat" ? repeats + 1 : 0
    // OpenCode does not ask again after a request that was refused.
    const isTold = move.do === "pass" || (move.do === "giveUp" && move.refusal !== undefined)
    if (isTold) return { asked, known, list, isTold }
    if (move.do === "repeat" || move.do === "switch") continue
    pass((move.do === "wait" ? move.forMs : 0) + 2_000 * 2 ** walk)
    walk += 1
  }
  return { asked, known, list, isTold: false }
}

const always = async (holds: (turn: Awaited<ReturnType<typeof play>>) => void): Promise<void> => {
  await fc.assert(
    fc.asyncProperty(behaviours, async (behaviour) => holds(await play(behaviour))),
    { numRuns: 200 },
  )
}

describe("a turn in which nobody answers", () => {
  test("asks only the own model and those of its list that OpenCode knows", () =>
    always(({ asked, known, list }) => {
      const allowed = [own, ...list.filter((model) => known.includes(model))]
      for (const { model } of asked) expect(allowed).toContain(model)
    }))

  test("asks no model twice before OpenCode asks again, but where the settings repeat a request", () =>
    always(({ asked }) => {
      const requests = asked
        .filter(({ repeats }) => repeats === 0)
        .map(({ walk, model }) => `${walk} ${model}`)
      expect(new Set(requests).size).toBe(requests.length)
    }))

  test("makes no more switches than are allowed before OpenCode asks again", () =>
    always(({ asked }) => {
      for (const walk of asked.keys())
        expect(
          asked.filter((each) => each.walk === walk && each.move === "switch").length,
        ).toBeLessThanOrEqual(maxAttempts)
    }))

  test("asks no fallback before it is back, whatever OpenCode asks again", () =>
    always(({ asked }) => {
      for (const [index, { model, failure, move, atMs }] of asked.entries()) {
        const next = asked.slice(index + 1).find((each) => each.model === model)
        if (next === undefined || model === own || move === "repeat" || failure === refused) continue
        expect(next.atMs - atMs).toBeGreaterThanOrEqual(awayMs(failure))
      }
    }))

  test("is not ended by what a fallback refuses", () =>
    always(({ asked }) => {
      const ended = asked.filter(({ move }) => move === "pass").map(({ model, failure }) => [model, failure])
      expect(ended.filter(([model]) => model !== own)).toEqual([])
    }))

  test("ends with the text that names everybody when OpenCode does not ask again", () =>
    always(({ isTold, list }) => {
      if (list.length > 0) expect(isTold).toBe(true)
    }))
})
