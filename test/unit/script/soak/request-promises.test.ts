import { describe, expect, test } from "bun:test"
import { requestPromises } from "../../../../script/soak/request-promises.ts"
import type { SeenRequest, SeenRun } from "../../../../script/soak/seen.ts"

const chains = [["a/own", "b/next"]]

const request = (change: Partial<SeenRequest>): SeenRequest => ({
  tag: "[s0.t0]",
  step: "0",
  model: "a/own",
  atMs: 0,
  endedAtMs: (change.atMs ?? 0) + 10,
  holds: "words",
  fault: undefined,
  retryAfterMs: undefined,
  isSilent: false,
  traces: [],
  ...change,
})

const at = (times: readonly number[], change: Partial<SeenRequest> = {}): readonly SeenRequest[] =>
  times.map((atMs) => request({ ...change, atMs, fault: "500" }))

const found = (requests: readonly SeenRequest[], run: Partial<SeenRun> = {}): readonly string[] =>
  requestPromises({ requests, escapes: [], chains, kills: [], cutShort: new Set(), ...run }).map(
    ({ promise }) => promise,
  )

describe("a storm", () => {
  test("is four requests of one step to one model without a pause", () => {
    expect(found(at([0, 100, 200, 300]))).toEqual(["no storm"])
  })
  test("is also what slow retries come to in the end", () => {
    expect(found(at(Array.from({ length: 23 }, (_, index) => index * 2_000)))).toEqual(["no storm"])
  })
  test("is not OpenCode's own retries, each repeated once", () => {
    expect(found(at([0, 300, 2_300, 2_600, 6_600, 6_900]))).toEqual([])
  })
  test("is not three requests of two steps or to two models", () => {
    expect(found([...at([0, 100, 200]), ...at([300, 400, 500], { step: "1" })])).toEqual([])
    expect(found([...at([0, 100, 200]), ...at([300, 400, 500], { model: "b/next" })])).toEqual([])
  })
})

test("a trace of ours in a request is found", () => {
  expect(found([request({ traces: ["x-understudy-step"] })])).toEqual(["nothing of ours leaves or stays"])
})

describe("after Esc", () => {
  const escapes = [{ tag: "[s0.t0]", atMs: 1_000 }]
  test("a later request is found", () => {
    expect(found([request({ atMs: 2_000 })], { escapes })).toEqual(["after Esc nobody is asked"])
  })
  test("one that was on its way, one of another turn and a compaction are not", () => {
    expect(found([request({ atMs: 2_000, step: "compaction" })], { escapes })).toEqual([])
    expect(found([request({ atMs: 1_100 }), request({ tag: "[s0.t1]", atMs: 2_000 })], { escapes })).toEqual(
      [],
    )
  })
})

describe("a model that its provider said is down for three seconds", () => {
  const down = request({ fault: "529 retry-after 3", retryAfterMs: 3_000 })
  const promise = "who is known to be down is not asked"
  const later = request({ tag: "[s1.t0]", atMs: 2_000 })
  test("and is asked within them, is found", () => expect(found([down, later])).toEqual([promise]))
  test("an answer that had begun before excuses nothing, nor does another's failure of long ago", () => {
    const underWay = request({ tag: "[s2.t0]", atMs: -500, endedAtMs: 900 })
    const before = request({ tag: "[s3.t0]", atMs: -4_000, model: "b/next", fault: "503" })
    expect(found([before, down, underWay, later])).toEqual([promise])
  })

  test("and is asked by a turn that stands on it but could go on, is found", () => {
    expect(found([down, request({ tag: "[s1.t0]", atMs: -900 }), later])).toEqual([promise])
  })

  const cases: readonly (readonly [string, readonly SeenRequest[], Partial<SeenRun>])[] = [
    ["at once: both were under way", [down, request({ tag: "[s1.t0]", atMs: 500 })], {}],
    ["afterwards", [down, request({ tag: "[s1.t0]", atMs: 2_900 })], {}],
    ["for a compaction, by the user's word", [down, { ...later, step: "compaction" }], {}],
    ["after it has answered somebody since", [down, request({ tag: "[s2.t0]", atMs: 200 }), later], {}],
    ["with the whole chain down", [down, request({ model: "b/next", fault: "503" }), later], {}],
    [
      "by a turn that stands on it, the last of its chain",
      [{ ...down, model: "b/next" }, ...[-900, 2_000].map((atMs) => ({ ...later, model: "b/next", atMs }))],
      {},
    ],
    ["by a turn whose session was deleted", [down, later], { cutShort: new Set(["[s1.t0]"]) }],
    ["when the turn that met it was ended", [down, later], { cutShort: new Set(["[s0.t0]"]) }],
    ["when the power was cut at that moment", [down, later], { kills: [{ server: 0, atMs: 100 }] }],
  ]
  for (const [what, requests, run] of cases)
    test(`and is asked ${what}, is not`, () => expect(found(requests, run)).toEqual([]))
})

describe("a silence of five seconds", () => {
  const silent = request({ fault: "silence mid text", isSilent: true, endedAtMs: 5_100 })
  test("that nobody put an end to is found", () =>
    expect(found([silent])).toEqual(["a silent model is left"]))

  test("that another model's later failure does not excuse, nor one of long ago, is found", () => {
    const other = { tag: "[s2.t0]", model: "b/next", fault: "503" }
    const failures = [-9_000, 4_000].map((atMs) => request({ ...other, atMs }))
    expect(found([silent, ...failures])).toEqual(["a silent model is left"])
  })

  const cases: readonly (readonly [string, readonly SeenRequest[], Partial<SeenRun>])[] = [
    ["that was left after two", [{ ...silent, endedAtMs: 2_100 }], {}],
    ["that goes on", [{ ...silent, endedAtMs: undefined }], {}],
    ["of a model that nobody of ours hears", [{ ...silent, isSilent: false }], {}],
    ["in a turn that was ended", [silent], { cutShort: new Set(["[s0.t0]"]) }],
    ["with the rest of the chain down", [silent, request({ model: "b/next", fault: "503", atMs: 900 })], {}],
    [
      "with the rest of the chain tried",
      [silent, request({ model: "b/next", fault: "503", atMs: -9e3 })],
      {},
    ],
  ]
  for (const [what, requests, run] of cases)
    test(`${what} is not`, () => expect(found(requests, run)).toEqual([]))
})
