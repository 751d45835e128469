import { describe, expect, test } from "bun:test"
import {
  journalStatistics,
  type OutageWorld,
  outagesOf,
} from "../../../../src/cli/status/journal-statistics.ts"
import type { JournalEntry } from "../../../../src/store/store.ts"

const minute = 60_000
const hour = 60 * minute

/** `switched 5 a/one`: event, minute, model that failed or came back. */
function entry(text: string): JournalEntry {
  const [event = "", at = "", model = "", kind] = text.split(" ")
  const base = { at: Number(at) * minute, sessionID: "ses_1" }
  if (event === "returned") return { ...base, event, from: "z/last", to: model as `${string}/${string}` }
  return {
    ...base,
    event: event as "switched" | "exhausted",
    from: model as `${string}/${string}`,
    ...(event === "switched" && { to: "z/last", durationMs: 100 * Number(at) }),
    kind: (kind ?? "overloaded") as "overloaded",
  }
}

const span = { since: 0, until: 100 * minute }
const nothingOpen: OutageWorld = { standing: () => "back", longestGapMs: hour }
const lines = (outages: ReturnType<typeof outagesOf>): readonly string[] =>
  outages.map(
    ({ model, from, to, isOver }) => `${model} ${from / minute}-${to / minute}${isOver ? "" : " open"}`,
  )

describe("outagesOf", () => {
  test.each([
    [
      "lasts from the first switch to the return",
      ["switched 10 a/one", "returned 25 a/one"],
      ["a/one 10-25"],
    ],
    [
      "is one, however often the model failed in it",
      ["switched 10 a/one", "switched 14 a/one", "returned 25 a/one"],
      ["a/one 10-25"],
    ],
    ["begins with a turn that ran dry, too", ["exhausted 3 a/one", "returned 4 a/one"], ["a/one 3-4"]],
    [
      "without a return it lasts to the last failure",
      ["switched 10 a/one", "switched 30 a/one"],
      ["a/one 10-30 open"],
    ],
    [
      "a failure after a long quiet time begins a new one",
      ["switched 1 a/one", "switched 90 a/one"],
      ["a/one 1-1 open", "a/one 90-90 open"],
    ],
    [
      "a return the next morning ends it at the longest cooldown",
      ["switched 10 a/one", "returned 99 a/one"],
      ["a/one 10-70"],
    ],
    [
      "a return of another model ends nothing",
      ["switched 10 a/one", "returned 11 b/two"],
      ["a/one 10-10 open"],
    ],
    ["a return without a failure is none", ["returned 11 a/one"], []],
  ] as const)("an outage %s", (_title, entries, outages) => {
    expect(lines(outagesOf(entries.map(entry), span, nothingOpen))).toEqual([...outages])
  })

  test("goes on until now while the circuit is open", () => {
    const world = {
      standing: (model: string) => (model === "a/one" ? ("out" as const) : ("back" as const)),
      longestGapMs: hour,
    }
    expect(lines(outagesOf([entry("switched 60 a/one"), entry("switched 60 b/two")], span, world))).toEqual([
      "a/one 60-100 open",
      "b/two 60-60 open",
    ])
  })

  test("is cut to the span that is asked for", () => {
    const late = { since: 20 * minute, until: 100 * minute }
    expect(
      lines(outagesOf([entry("switched 10 a/one"), entry("returned 25 a/one")], late, nothingOpen)),
    ).toEqual(["a/one 20-25"])
  })
})

describe("journalStatistics", () => {
  const entries = [
    "returned 30 a/one",
    "switched 10 a/one rate_limit",
    "switched 20 a/two overloaded",
    "returned 40 a/two",
    "switched 50 b/three auth",
    "returned 52 b/three",
    "exhausted 60 b/three auth",
  ].map(entry)
  const statistics = journalStatistics(entries, span, nothingOpen)

  test("counts time that two models of one provider were down together only once", () => {
    expect(statistics.byProvider.map(({ provider, lostMs }) => [provider, lostMs / minute])).toEqual([
      ["a", 30],
      ["b", 2],
    ])
  })

  test("so too where one was down within the other's time", () => {
    const nested = ["switched 12 a/two", "returned 14 a/two", "switched 16 a/three", "returned 18 a/three"]
    const all = ["switched 10 a/one", ...nested, "returned 30 a/one"].map(entry)
    expect(journalStatistics(all, span, nothingOpen).byProvider[0]?.lostMs).toBe(20 * minute)
  })

  test("names the mean time to recovery of outages that are over", () => {
    expect(statistics.byProvider[0]?.meanRecoveryMs).toBe(20 * minute)
    expect(statistics.meanRecoveryMs).toBe(14 * minute)
  })

  test.each([
    ["back", ["back", "back"]],
    ["unasked", ["back", "unasked"]],
    ["out", ["unasked", "out"]],
  ] as const)("a provider is %s when its models are %j", (expected, [one, two]) => {
    const world = {
      standing: (model: string) => (model === "a/one" ? one : two),
      longestGapMs: hour,
    }
    const { byProvider } = journalStatistics(
      ["switched 10 a/one", "switched 20 a/two"].map(entry),
      span,
      world,
    )
    expect(byProvider[0]?.standing).toBe(expected)
  })

  test("counts switches, turns that ran dry and the time a switch took", () => {
    expect(statistics).toMatchObject({ switches: 3, returns: 3, exhausted: 1 })
    expect(statistics.meanSwitchMs).toBeCloseTo((1_000 + 2_000 + 5_000) / 3)
    expect(statistics.byModel.find((row) => row.model === "b/three")).toEqual({
      model: "b/three",
      switches: 1,
      exhausted: 1,
      kinds: { auth: 2 },
    })
  })

  test("a model that was passed over without being asked made no unknown error", () => {
    const { kind: _, ...held } = { ...entry("switched 10 a/one"), cause: "held by hand" }
    expect(journalStatistics([held], span, nothingOpen).byModel[0]?.kinds).toEqual({ not_asked: 1 })
  })

  test("of an empty journal it knows nothing, and says so", () => {
    expect(journalStatistics([], span, nothingOpen)).toMatchObject({
      switches: 0,
      byModel: [],
      byProvider: [],
      meanRecoveryMs: undefined,
      meanSwitchMs: undefined,
    })
  })
})
