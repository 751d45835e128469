/** What holds of turns on OpenCode 1 whatever their models answer: the in-flight way, with OpenCode's loop played. */
import { expect, test } from "bun:test"
import * as fc from "fast-check"
import type { ModelKey } from "../../../../../src/core/model-ref.ts"
import { anyRuntime, type Runtime } from "../../any-runtime.ts"
import { makeWorld, type World } from "../world.ts"
import {
  type Answer,
  call,
  delta,
  failed,
  finish,
  isEnded,
  ok,
  own,
  request,
  reset,
  textOf,
  whole,
} from "./step.ts"

const list: readonly ModelKey[] = ["b/1", "c/1"]
const ownRetries = 5

const answers: Readonly<Record<string, () => Answer>> = {
  well: () => whole("hello"),
  "a tool call": () => ok(call, finish("tool_calls"), "[DONE]"),
  "429": () => failed(429, "slow down"),
  "429, a second": () => failed(429, "slow down", { "retry-after": "1" }),
  "429, an hour": () => failed(429, "slow down", { "retry-after": "3600" }),
  "500": () => failed(500),
  "503": () => failed(503),
  "a dead key": () => failed(401, "invalid api key"),
  "an empty account": () => failed(402, "insufficient balance"),
  "a refused request": () => failed(400, "no such field"),
  "a reset": reset,
  "half an answer": () => ok(delta("half")),
  "a tool call without an end": () => ok(call),
  "half a tool call": () => ok(call.replace("{}", "{")),
  nothing: () => ok(finish("stop"), "[DONE]"),
}

const said = fc.array(fc.constantFrom(...Object.keys(answers)), { minLength: 1, maxLength: 3 })
const action = fc.record({
  /** What each model answers, request by request; the last for ever. */
  own: said,
  b: said,
  c: said,
  pauseMs: fc.constantFrom(10, 2_000, 90_000, 4_000_000),
})
type Turn = typeof action extends fc.Arbitrary<infer Each> ? Each : never

type Asked = { readonly model: ModelKey; readonly how: string; readonly atMs: number }
type Played = { readonly asked: readonly Asked[]; readonly outcome: "answered" | "failed" }

const isCall = (how: string): boolean => how.startsWith("a tool call")

/** OpenCode's loop over one prompt. */
async function playTurn(world: World, id: string, given: Turn): Promise<Played> {
  const asked: Asked[] = []
  const queues: Record<ModelKey, readonly string[]> = { [own]: given.own, "b/1": given.b, "c/1": given.c }
  const answerOf = (model: ModelKey): Answer => {
    const queue = queues[model] ?? []
    const at = asked.filter((each) => each.model === model).length
    // Nobody calls tools for ever.
    const how = queue[at] ?? queue.findLast((each) => !isCall(each)) ?? "well"
    asked.push({ model, how, atMs: world.now() })
    const answer = answers[how]
    if (answer === undefined) throw new Error(`nobody answers ${how}`)
    return answer()
  }
  const done = (outcome: Played["outcome"]): Played => {
    world.idle()
    return { asked, outcome }
  }
  let model = await world.message(id, own)
  for (let retries = 0, steps = 0; steps < 60; steps += 1) {
    const refusal = await world.step(id, model)
    if (refusal !== undefined) throw new Error(refusal)
    const got = await request(world, model, {
      messageID: id,
      send: async () => {
        const answer = answerOf(model)
        if (answer instanceof Error || answer === "silence") throw answer
        return answer
      },
    }).then(
      async (response) => ({ status: response.status, text: await textOf(response) }),
      (error: unknown) => ({ status: 503, text: String(error) }),
    )
    model = world.turn()?.inUse.model ?? model
    if (got.status < 400 && isEnded(got)) continue
    if (got.status < 400 && got.text.includes('"finish_reason":"stop"')) return done("answered")
    if (got.status >= 400 && got.status < 500 && got.status !== 429) return done("failed")
    if (retries === ownRetries) return done("failed")
    world.pass(2_000 * 2 ** retries)
    retries += 1
  }
  throw new Error(`no end: ${asked.map(({ model }) => model).join(" ")}`)
}

/** How often one model was asked without a pause and without a call of it that has run. */
function mostAtOnce(asked: readonly Asked[]): number {
  const inVain = asked.filter(({ how }) => !isCall(how))
  return Math.max(
    0,
    ...inVain.map(
      (one) => inVain.filter((other) => other.model === one.model && other.atMs === one.atMs).length,
    ),
  )
}

async function play(turns: readonly Turn[], runtime_fallback: Runtime): Promise<readonly Played[]> {
  const agents = { build: { fallback_models: [...list] } }
  const world = makeWorld({ settings: { agents, runtime_fallback } })
  const played: Played[] = []
  for (const [index, turn] of turns.entries()) {
    const done = await playTurn(world, `msg_${index + 1}`, turn)
    played.push(done)
    for (const { model } of done.asked) expect([own, ...list]).toContain(model)
    // Each way to fail may be answered by one more try: at once, or by OpenCode over an empty answer.
    expect(mostAtOnce(done.asked)).toBeLessThanOrEqual(4)
    expect(world.logs.filter((line) => line.includes("internal error"))).toEqual([])
    expect(world.refused).toEqual([])
    world.pass(turn.pauseMs)
  }
  return played
}

test("a turn ends, whatever its models answer, and asks nobody else and nobody without a pause", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(action, { maxLength: 5 }),
      anyRuntime,
      async (turns, how) => void (await play(turns, how)),
    ),
    { numRuns: 80 },
  ))

test("with one model that is well every turn is answered, as long as no request is refused", () => {
  const without = (said: readonly string[]): string[] =>
    said.map((each) => (each === "a refused request" ? "503" : each))
  const asWell = action.map((each) => ({ ...each, own: without(each.own), b: without(each.b), c: ["well"] }))
  return fc.assert(
    fc.asyncProperty(fc.array(asWell, { maxLength: 5 }), anyRuntime, async (turns, how) => {
      for (const { outcome } of await play(turns, how)) expect(outcome).toBe("answered")
    }),
    { numRuns: 80 },
  )
})
