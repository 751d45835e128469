import { describe, expect, test } from "bun:test"
import type { TurnPlan } from "../../../../script/soak/plan-turn.ts"
import type { SeenRequest, SeenTurn } from "../../../../script/soak/seen.ts"
import { isExhausted, turnPromises } from "../../../../script/soak/turn-promises.ts"
import { failedRequest, good } from "./seen-turn.ts"

const { plan } = good
const second: TurnPlan = { ...plan, tag: "[s0.t0.second]", tasks: [] }

const lasting = ["a/own", "b/next"].map((model) => ({ ...failedRequest(model), fault: "404" }))

const ended = "a turn ends with its answer, or with an error that every model of its chain is behind"
const twice = "no tool runs twice, none is left out"

const found = (change: Partial<SeenTurn>, requests: readonly SeenRequest[] = []): readonly string[] =>
  turnPromises({ ...good, ...change }, requests).map(({ promise }) => promise)

describe("a turn that is as it should be", () => {
  const error = { is: "failed", error: "No model is left" } as const
  const cases: readonly (readonly [string, Partial<SeenTurn>])[] = [
    ["answered", {}],
    ["failed with its whole chain", { end: error, lines: new Map() }],
    ["a tool that OpenCode reports as failed has not run", { lines: new Map(), tools: ["bash:error"] }],
    [
      "hosts that keep no model with a message",
      { users: [{ text: "[s0.t0] please", model: undefined, isCompaction: false }] },
    ],
    [
      "killed before its prompt was stored",
      { end: { is: "killed" }, users: [], standsOn: "", lines: new Map() },
    ],
    [
      "a compaction's own message",
      { users: [...good.users, { text: "", model: "a/own", isCompaction: true }] },
    ],
    [
      "a prompt that was killed earlier is not there",
      { prompts: [{ text: "[s0.t9] please", mayMiss: true }, ...good.prompts] },
    ],
    [
      "a prompt that was killed earlier is there without its text",
      {
        prompts: [{ text: "[s0.t9] please", mayMiss: true }, ...good.prompts],
        users: [{ text: "", model: "a/own", isCompaction: false }, ...good.users],
      },
    ],
    [
      "two prompts with one answer",
      {
        plan: { ...plan, event: { kind: "second-prompt", afterMs: 1, plan: second } },
        text: "done [s0.t0.second]",
        lines: new Map(),
        users: [...good.users, { text: "[s0.t0.second] please", model: "a/own", isCompaction: false }],
        prompts: [...good.prompts, { text: "[s0.t0.second] please", mayMiss: false }],
      },
    ],
    [
      "Esc before the answer",
      { plan: { ...plan, event: { kind: "escape", afterMs: 1 } }, text: "", lines: new Map() },
    ],
  ]
  for (const [what, change] of cases) test(what, () => expect(found(change, lasting)).toEqual([]))
})

describe("a promise that was not held is found", () => {
  const error = { is: "failed", error: "Overloaded" } as const
  const escape: TurnPlan = { ...plan, event: { kind: "escape", afterMs: 1 } }
  const cases: readonly (readonly [string, Partial<SeenTurn>, readonly string[]])[] = [
    ["no end", { end: { is: "hung", state: "busy" }, users: [], standsOn: "" }, ["every turn ends"]],
    ["no last words", { text: "Well, " }, [ended]],
    ["an error beside the answer", { sessionErrors: ["Overloaded"] }, [ended]],
    ["an error though nobody else was asked", { end: error }, [ended]],
    ["a tool that ran twice", { lines: new Map([["s0.t0.0", 2]]) }, [twice]],
    [
      "a tool that ran twice in a turn that was killed",
      { end: { is: "killed" }, lines: new Map([["s0.t0.0", 2]]) },
      [twice],
    ],
    ["a tool that never ran", { lines: new Map() }, [twice]],
    ["a prompt twice", { users: [...good.users, ...good.users] }, ["one prompt is one message"]],
    ["a prompt that is gone", { users: [] }, ["one prompt is one message"]],
    [
      "a message that nobody wrote",
      { users: [...good.users, { text: "", model: "a/own", isCompaction: false }] },
      ["one prompt is one message"],
    ],
    [
      "an empty message beside the one prompt that was killed earlier and is there",
      {
        prompts: [{ text: "[s0.t0] please", mayMiss: true }],
        users: [...good.users, { text: "", model: "a/own", isCompaction: false }],
      },
      ["one prompt is one message"],
    ],
    [
      "a message on the fallback",
      { users: [{ text: "[s0.t0] please", model: "b/next", isCompaction: false }] },
      ["every message names the user's own model after the turn"],
    ],
    [
      "a compaction on the fallback",
      { users: [...good.users, { text: "", model: "b/next", isCompaction: true }] },
      ["every message names the user's own model after the turn"],
    ],
    [
      "a message on the fallback after Esc",
      { plan: escape, users: [{ text: "[s0.t0] please", model: "b/next", isCompaction: false }] },
      ["every message names the user's own model after the turn"],
    ],
    [
      "a session on the fallback",
      { standsOn: "b/next" },
      ["the session stands on the user's own model after the turn"],
    ],
    ["our name in the history", { traces: ["understudy-1"] }, ["nothing of ours leaves or stays"]],
  ]
  for (const [what, change, expected] of cases) test(what, () => expect(found(change)).toEqual(expected))

  test("an error beside the answer, unless a compaction that was asked for has failed", () => {
    const turn: Partial<SeenTurn> = {
      plan: { ...plan, event: { kind: "compact" } },
      sessionErrors: ["Overloaded"],
    }
    const compaction = { ...failedRequest("a/own"), tag: plan.tag, step: "compaction" }
    expect(found(turn, [compaction])).toEqual([])
    const delegating: TurnPlan = {
      ...plan,
      event: { kind: "compact" },
      tasks: [{ do: "delegate", plan: second }],
    }
    expect(found({ ...turn, plan: delegating }, [{ ...compaction, tag: second.tag }])).toEqual([])
    expect(found(turn, [compaction, { ...compaction, fault: undefined }])).toEqual([])
    expect(found(turn, [{ ...compaction, fault: undefined }])).toEqual([ended])
    expect(found({ ...turn, sessionErrors: ["Overloaded", "Overloaded"] }, [compaction])).toEqual([ended])
    expect(found({ sessionErrors: ["Overloaded"] }, [compaction])).toEqual([ended])
  })

  test("a chain of which one model was well, or failed long before", () => {
    const end = { is: "failed", error: "Overloaded" } as const
    const [own = failedRequest("a/own")] = lasting
    expect(found({ end }, [own])).toEqual([ended])
    expect(found({ end }, [failedRequest("b/next", 5_000), own])).toEqual([ended])
  })

  test("but not one whose provider was refused as a whole", () => {
    const end = { is: "failed", error: "No model is left" } as const
    const chain = ["a/own", "a/next"]
    expect(found({ end, chain }, [{ ...failedRequest("a/own"), fault: "401" }])).toEqual([])
    expect(found({ end, chain }, [{ ...failedRequest("a/own"), fault: "404" }])).toEqual([ended])
  })

  test("a turn that is given up at once after a failure that may pass", () => {
    const end = { is: "failed", error: "No model is left" } as const
    const early = [{ ...failedRequest("a/own"), fault: "401" }, failedRequest("b/next")]
    expect(found({ end }, early)).toEqual(["no turn is given up while a model may be well again"])
    expect(found({ end }, early.toReversed())).toEqual([])
    expect(found({ end }, [...early, ...early, ...early])).toEqual([])
    expect(found({ end: { ...end, error: "Connection reset" } }, early)).toEqual([])
    expect(found({ end: { ...end, error: '{"statusCode":402}' } }, early)).toHaveLength(1)
    const joined: TurnPlan = { ...plan, event: { kind: "second-prompt", afterMs: 1, plan: second } }
    const refused = { ...failedRequest("b/next", 21_000), tag: second.tag, fault: "402" }
    expect(found({ end, plan: joined }, [...early, refused])).toEqual([])
    expect(found({ end, plan: joined }, early)).toHaveLength(1)
  })

  test("an error before the answer to the second of two prompts, unless the first one's chain had failed", () => {
    const [own = failedRequest("a/own")] = lasting
    const joined: TurnPlan = { ...plan, event: { kind: "second-prompt", afterMs: 1, plan: second } }
    const answered = (...errors: readonly string[]): Partial<SeenTurn> => ({
      plan: joined,
      text: "done [s0.t0.second]",
      sessionErrors: errors,
    })
    expect(found(answered("Overloaded"), lasting)).toEqual([])
    expect(found(answered("Overloaded", "Overloaded"), lasting)).toEqual([ended])
    expect(found(answered("Overloaded"), [own])).toEqual([ended])
    expect(found({ ...answered("Overloaded"), plan, text: good.text }, lasting)).toEqual([ended])
  })

  test("a failed turn whose last words were said", () => {
    const end = { is: "failed", error: "Overloaded" } as const
    const both = [failedRequest("a/own"), failedRequest("b/next")]
    const said = { ...failedRequest("a/own", 21_000), fault: undefined }
    expect(found({ end }, [...both, said])).toEqual([ended])
    expect(found({ end }, [...both, { ...said, holds: "call" }])).toEqual([])
    const joined: TurnPlan = { ...plan, event: { kind: "second-prompt", afterMs: 1, plan: second } }
    const refused = { ...failedRequest("b/next", 22_000), tag: second.tag, fault: "401" }
    expect(found({ end, plan: joined }, [...both, said, refused])).toEqual([])
  })
})

test("a turn has met the end of its chain when all of its models failed in it", () => {
  const both = [failedRequest("a/own"), failedRequest("b/next")]
  expect(isExhausted(good, both)).toBe(true)
  expect(isExhausted(good, both.slice(1))).toBe(false)
})
