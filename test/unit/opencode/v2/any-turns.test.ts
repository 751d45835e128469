/** What holds of sessions on OpenCode 2 whatever their models answer, whoever picks, ends or waits, in whatever order. */
import { expect, test } from "bun:test"
import * as fc from "fast-check"
import type { ModelKey } from "../../../../src/core/model-ref.ts"
import { referenceTo } from "../../../../src/opencode/v2/host/model-reference.ts"
import { anyRuntime, type Runtime } from "../any-runtime.ts"
import { answer, failure, makeWorld, type Provider, sse, type Step } from "./world.ts"

const list: readonly ModelKey[] = ["b/1", "c/1"]
/** Nobody's but the user's: it has the same list. */
const picked: ModelKey = "user/1"

const answers: Readonly<Record<string, Provider>> = {
  well: () => answer("hello"),
  "429": () => failure(429),
  "429, a second": () => failure(429, {}, { "retry-after": "1" }),
  "429, an hour": () => failure(429, {}, { "retry-after": "3600" }),
  "500": () => failure(500),
  "503": () => failure(503),
  "a dead key": () => failure(401),
  "an empty account": () => failure(402),
  "a refused request": () => failure(400, { error: { message: "no such field" } }),
  "a reset": () => Object.assign(new Error("reset"), { code: "ECONNRESET" }),
  "half an answer": () => sse('data: {"choices":[{"index":0,"delta":{"content":"half"}}]}\n\n'),
  nothing: () => answer(""),
}

const session = fc.constantFrom("s", "t")
const said = fc.constantFrom(...Object.keys(answers))
const did = <Name extends string>(name: Name) => fc.record({ do: fc.constant(name), session })

const step = fc.record({ do: fc.constant("step"), session, own: said, b: said, c: said })
const others = [
  { weight: 3, arbitrary: did("end") },
  { weight: 2, arbitrary: did("join") },
  { weight: 1, arbitrary: did("escape") },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("pick"), session, model: fc.constantFrom("a/1", picked) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("pass"), ms: fc.constantFrom(10, 2_000, 90_000, 4_000_000) }),
  },
] as const

/** What happens to two sessions, where steps go like this. */
const actionsWith = (given: typeof step) =>
  fc.array(fc.oneof({ weight: 6, arbitrary: given }, ...others), { maxLength: 25 })
type Actions = ReturnType<typeof actionsWith> extends fc.Arbitrary<infer Each> ? Each : never

/** Plays them, and looks at each session whenever it is at rest. */
async function play(actions: Actions, runtime_fallback: Runtime): Promise<readonly Step[]> {
  const agents = { build: { fallback_models: [...list] } }
  const world = makeWorld({ settings: { agents, runtime_fallback } })
  const own = new Map<string, ModelKey>()
  const ownOf = (id: string): ModelKey => own.get(id) ?? "a/1"
  const running = new Set<string>()
  const steps: Step[] = []
  const end = async (id: string, outcome: string): Promise<void> => {
    if (!running.delete(id)) return
    await world.end(id, outcome)
    await world.wait()
    expect(world.modelOf(id)).toBe(ownOf(id))
    expect(world.store.session(id)?.lent).toBeUndefined()
  }
  const ask = async (id: string, providers: Readonly<Record<ModelKey, Provider>>): Promise<void> => {
    if (!running.has(id)) await world.prompt(id)
    running.add(id)
    const done = await world.step(id, providers)
    steps.push(done)
    for (const model of done.asked) expect([ownOf(id), ...list]).toContain(model)
    if (done.outcome === "failed") await end(id, "failed")
  }
  const act = async (action: Actions[number]): Promise<void> => {
    switch (action.do) {
      case "pass":
        return world.at(action.ms)
      case "pick":
        own.set(action.session, action.model)
        return world.select(action.session, referenceTo(action.model, undefined))
      case "step": {
        const { [action.own]: mine, [action.b]: b, [action.c]: c } = answers
        if (mine && b && c) await ask(action.session, { [ownOf(action.session)]: mine, "b/1": b, "c/1": c })
        return
      }
      case "join":
        return running.has(action.session) ? world.join(action.session) : undefined
      case "end":
        return end(action.session, "succeeded")
      case "escape":
        return end(action.session, "interrupted")
    }
  }
  for (const id of ["s", "t"]) world.open(id, "a/1")
  for (const action of actions) await act(action)
  for (const id of running) await end(id, "succeeded")
  expect(world.logs.filter((line) => /internal error|refused: /.test(line))).toEqual([])
  return steps
}

test("each session is on the user's own model when it is at rest, and nobody else is ever asked", () =>
  fc.assert(
    fc.asyncProperty(actionsWith(step), anyRuntime, async (actions, how) => void (await play(actions, how))),
    { numRuns: 100 },
  ))

test("with one model that is well every step is answered, as long as no request is refused", () => {
  const without = (how: string): string => (how === "a refused request" ? "503" : how)
  const asWell = step.map((each) => ({ ...each, own: without(each.own), b: without(each.b), c: "well" }))
  return fc.assert(
    fc.asyncProperty(actionsWith(asWell), anyRuntime, async (actions, how) => {
      for (const { outcome } of await play(actions, how)) expect(outcome).toBe("answered")
    }),
    { numRuns: 100 },
  )
})
