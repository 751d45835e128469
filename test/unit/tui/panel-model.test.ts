import { describe, expect, test } from "bun:test"
import { type CircuitKey, type CircuitRecord, heldCircuit, keyCircuit } from "../../../src/core/circuit.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { circuitReason } from "../../../src/core/select.ts"
import type { AccountLimits, JournalEntry } from "../../../src/store/store.ts"
import {
  type Panel,
  type PanelFacts,
  panelModel,
  clockText,
  panelName,
} from "../../../src/tui/panel-model.ts"

const noon = Date.UTC(2026, 0, 1, 12)
const hourMs = 3_600_000

const open = (key: CircuitKey, forMs: number, kind: CircuitRecord["kind"] = "rate_limit"): CircuitRecord => ({
  key,
  failures: 1,
  kind,
  failedAt: noon - 1_000,
  until: noon + forMs,
})

const entry = (
  event: JournalEntry["event"],
  agoMs: number,
  more: Partial<JournalEntry> = {},
): JournalEntry => ({
  at: noon - agoMs,
  sessionID: "ses_1",
  event,
  from: "a/one",
  ...more,
})
const switched = entry("switched", 60_000, { to: "b/two", kind: "rate_limit" })

type Given = {
  readonly own?: ModelKey
  readonly inUse?: ModelKey
  readonly chain?: readonly ModelKey[]
  readonly circuits?: readonly CircuitRecord[]
  readonly journal?: readonly JournalEntry[]
  readonly limits?: readonly AccountLimits[]
}

/** The fullest stands first, as the store keeps them. */
const limits = (account: string, usedPercent: number, resetsAt = noon + hourMs): AccountLimits => ({
  account,
  windows: [
    { name: "5 h", usedPercent, resetsAt, seenAt: noon },
    { name: "7 d", usedPercent: 1, resetsAt, seenAt: noon },
  ],
  updatedAt: noon,
})

function facts(given: Given): PanelFacts {
  const nothing = { own: undefined, inUse: undefined, chain: [], circuits: [], journal: [], limits: [] }
  return { ...nothing, ...given, nameOf: (model) => model, now: noon }
}

/** One string for each line, as it would stand on the screen; the model in use is underlined. */
function drawn({ lines }: Panel): readonly string[] {
  return lines.map((line) => {
    if (line.line === "text") return line.text
    const name = line.nameTone === "text" ? `_${line.name}_` : line.name
    return [line.mark, name, line.note].filter((part) => part !== "").join(" ")
  })
}

const usual = { own: "a/one", inUse: "a/one", chain: ["b/two", "c/three"] } as const

describe("the panel is silent", () => {
  const rows: readonly (readonly [title: string, given: Given])[] = [
    ["before the first prompt", { circuits: [open("model:a/one", 5_000)], journal: [switched] }],
    ["while all models are well and nothing has happened", usual],
    ["without a chain", { own: "a/one", inUse: "a/one" }],
    ["when only models of others are in trouble", { ...usual, circuits: [open("model:x/y", 5_000)] }],
    [
      "an hour after the last event, once all is well",
      { ...usual, journal: [entry("returned", hourMs, { to: "a/one" })] },
    ],
    ["about a limit of which enough is left", { ...usual, limits: [limits("a", 74.9)] }],
    ["about a limit of a provider that is not in use", { ...usual, limits: [limits("b", 99)] }],
    ["about a window that is over", { ...usual, limits: [limits("a", 99, noon)] }],
    ["about a cooldown that is over", { ...usual, circuits: [open("model:b/two", 0)] }],
    [
      "about what happened to another model than the one the user has now",
      { own: "x/y", inUse: "x/y", journal: [switched] },
    ],
  ]
  test.each(rows)("%s", (_title, given) => {
    expect(panelModel(facts(given))).toEqual({ lines: [], countsDown: false })
  })
})

describe("the panel says", () => {
  const rows: readonly (readonly [
    title: string,
    given: Given,
    lines: readonly string[],
    countsDown: boolean,
  ])[] = [
    [
      "whose model is away, for how long, who stands in, who has not been asked, and why",
      { ...usual, inUse: "b/two", circuits: [open("model:a/one", 42_000)], journal: [switched] },
      ["◐ a/one yours, 42 s", "● _b/two_ in use", "○ c/three", "11:59 switched: rate limit reached"],
      true,
    ],
    [
      "the time that a provider has named, where that is later",
      {
        ...usual,
        inUse: "b/two",
        circuits: [{ ...open("model:a/one", 42_000), toldBackAt: noon + 2 * hourMs }],
      },
      ["◐ a/one yours, 2 h", "● _b/two_ in use", "○ c/three"],
      true,
    ],
    [
      "that the own model may be asked again",
      { ...usual, inUse: "b/two", circuits: [open("model:a/one", 0)], journal: [switched] },
      ["◐ a/one yours, ready", "● _b/two_ in use", "○ c/three", "11:59 switched: rate limit reached"],
      false,
    ],
    [
      "that another request tries it just now",
      {
        ...usual,
        inUse: "b/two",
        circuits: [{ ...open("model:a/one", 0), probeUntil: noon + 9_000 }],
        journal: [switched],
      },
      ["◐ a/one yours, ready", "● _b/two_ in use", "○ c/three", "11:59 switched: rate limit reached"],
      false,
    ],
    [
      "a return together with the switch that it ended",
      { ...usual, journal: [entry("returned", 0, { from: "b/two", to: "a/one" }), switched] },
      [
        "● _a/one_ in use",
        "● b/two",
        "○ c/three",
        "11:59 switched: rate limit reached",
        "12:00 back to yours",
      ],
      false,
    ],
    [
      "that the own model is well but the turn has not left its stand-in",
      { ...usual, inUse: "b/two" },
      ["● a/one yours", "● _b/two_ in use", "○ c/three"],
      false,
    ],
    [
      "a tripped provider for each of its models",
      {
        own: "a/one",
        inUse: "b/two",
        chain: ["a/other", "b/two"],
        circuits: [open("provider:a", 90_000, "billing")],
      },
      ["✕ a/one yours, top up", "✕ a/other top up", "● _b/two_ in use"],
      true,
    ],
    [
      "a tripped provider before what rests of it besides",
      { ...usual, circuits: [open("model:a/one", 5_000), open("provider:a", 90_000, "billing")] },
      ["✕ _a/one_ top up", "○ b/two", "○ c/three"],
      true,
    ],
    [
      "what is held by hand, without an end",
      { ...usual, circuits: [heldCircuit("model:b/two", noon), heldCircuit("provider:c", noon)] },
      ["● _a/one_ in use", "✕ b/two held", "✕ c/three held"],
      false,
    ],
    [
      "that nobody was left",
      {
        own: "a/one",
        inUse: "a/one",
        circuits: [open("model:a/one", 5_000)],
        journal: [entry("exhausted", 0, { kind: "quota" })],
      },
      ["◐ _a/one_ 5 s", "12:00 no model left: usage limit reached"],
      true,
    ],
    [
      "a switch for another reason than a failure",
      { ...usual, inUse: "b/two", journal: [entry("switched", 0, { to: "b/two" })] },
      ["● a/one yours", "● _b/two_ in use", "○ c/three", "12:00 switched: cannot be used now"],
      false,
    ],
    [
      "what a switch that is no failure's was for",
      { ...usual, inUse: "b/two", journal: [entry("switched", 0, { to: "b/two", cause: "held by hand" })] },
      ["● a/one yours", "● _b/two_ in use", "○ c/three", "12:00 switched: held by hand"],
      false,
    ],
    [
      "one line for a model that is spelled in two ways",
      { own: "a/One", inUse: "a/one", chain: ["A/ONE", "b/two"], circuits: [open("model:b/two", 1_000)] },
      ["● _a/One_ in use", "◐ b/two 1 s"],
      true,
    ],
  ]
  test.each(rows)("%s", (_title, given, lines, countsDown) => {
    const panel = panelModel(facts(given))
    expect(drawn(panel)).toEqual(lines)
    expect(panel.countsDown).toBe(countsDown)
  })
})

/** Times by which the shown record is known: 5 s of the model's own, 9 s of its provider's. */
const states = (
  key: CircuitKey,
  forMs: number,
): readonly (readonly [string, CircuitRecord | undefined])[] => [
  ["is well", undefined],
  ["rests", open(key, forMs)],
  ["is held", heldCircuit(key, noon)],
  ["is ready", open(key, -1)],
]
describe("what keeps a request off is what is shown", () => {
  const rows = states("model:a/one", 5_000).flatMap(([single, one]) =>
    states("provider:a", 9_000).map(([whole, all]) => [single, whole, one, all] as const),
  )
  test.each(rows)("of a model that %s at a provider that %s", (_single, _whole, one, all) => {
    const circuits = [one, all].flatMap((record) => record ?? [])
    const circuit = (key: CircuitKey) => circuits.find((record) => record.key === key)
    const reason = circuitReason({ circuit, now: noon }, "a/one")
    const [line] = panelModel(facts({ own: "a/one", inUse: "b/two", circuits })).lines
    const note = line?.line === "model" ? line.note.replace(/^yours(?:, )?/, "") : undefined
    const shown = !reason
      ? circuits.length > 0
        ? "ready"
        : ""
      : "until" in reason
        ? `${(reason.until - noon) / 1_000} s`
        : "held"
    expect(note).toBe(shown)
  })
})

describe("a long chain", () => {
  const chain: readonly ModelKey[] = Array.from({ length: 9 }, (_, index): ModelKey => `p/m${index + 1}`)
  const ended = [entry("returned", 0, { from: "p/m1", to: "a/one" }), entry("switched", 0, { to: "p/m1" })]

  test("takes eight lines with the heading, the model in use among them", () => {
    const lines = drawn(panelModel(facts({ own: "a/one", inUse: "p/m8", chain, journal: [switched] })))
    expect(lines).toEqual([
      "● a/one yours",
      "○ p/m1",
      "○ p/m2",
      "○ p/m3",
      "● _p/m8_ in use",
      "and 5 more",
      "11:59 switched: rate limit reached",
    ])
  })

  test.each(chain)("never takes more, whoever is in use (%s)", (inUse) => {
    for (const journal of [[], [switched], ended]) {
      const lines = drawn(panelModel(facts({ own: "a/one", inUse, chain, journal })))
      expect(lines.length).toBe(7)
      expect(lines.filter((line) => line.includes("in use"))).toHaveLength(1)
    }
  })

  test("is shown whole when it just fits", () => {
    const lines = drawn(panelModel(facts({ own: "a/one", inUse: "p/m1", chain: chain.slice(0, 6) })))
    expect(lines.length).toBe(7)
    expect(lines.at(-1)).toBe("○ p/m6")
  })
})

test("a limit that is nearly used up is shown for the providers in use", () => {
  const clock = new Date(noon + hourMs)
  const time = `${String(clock.getHours()).padStart(2, "0")}:${String(clock.getMinutes()).padStart(2, "0")}`
  const known = [limits("a", 83.4), { ...limits("b#0123", 100), keyNumber: 2 }, limits("c", 100)]
  const lines = drawn(panelModel(facts({ ...usual, inUse: "b/two", limits: known })))
  expect(lines.filter((line) => line.includes("window"))).toEqual([
    `a: 5 h window 83 % used, resets at ${time}`,
    `b, key 2: 5 h window 100 % used, resets at ${time}`,
  ])
})

test("a key that rests is shown by its number for the providers in use, and counts down", () => {
  const key = (provider: string, keyNumber: number, forMs: number): CircuitRecord => ({
    ...open(keyCircuit(provider, `f${keyNumber}`), forMs, "quota"),
    keyNumber,
  })
  const circuits = [key("a", 2, 40_000), key("a", 3, 0), key("c", 1, 40_000)]
  const panel = panelModel(facts({ ...usual, circuits }))
  expect(drawn(panel).filter((line) => line.includes("key"))).toEqual(["a, key 2: usage limit reached, 40 s"])
  expect(panel.countsDown).toBe(true)
})

describe("clockText", () => {
  const now = new Date(2026, 0, 2, 9, 5, 30).getTime()
  const hourMs = 3_600_000

  describe("a moment in the panel", () => {
    const rows: readonly (readonly [at: number, text: string])[] = [
      [now, "09:05"],
      [now - 9 * hourMs, "00:05"],
      [now - 24 * hourMs + 60_000, "09:06"],
      [now - 24 * hourMs, "1 d ago"],
      [now - 71 * hourMs, "2 d ago"],
    ]
    test.each(rows)("%d is %s", (at, text) => {
      expect(clockText(at, now)).toBe(text)
    })
  })
})

test.each<[string | undefined, string]>([
  [undefined, "claude-opus-4-5"],
  ["anthropic/claude-opus-4-5", "claude-opus-4-5"],
  ["Claude Opus 4.5", "Claude Opus 4.5"],
])("a model that is told as %p is shown as %s", (told, shown) => {
  expect(panelName("anthropic/claude-opus-4-5", told)).toBe(shown)
})

test("models of one id are told apart by their providers", () => {
  const chain: readonly ModelKey[] = ["gateway/qwen3", "b/two"]
  const panel = panelModel({
    ...facts({ own: "local/qwen3", inUse: "gateway/qwen3", chain }),
    nameOf: (model) => panelName(model, undefined),
  })
  expect(drawn(panel)).toEqual(["● qwen3 (local) yours", "● _qwen3 (gateway)_ in use", "○ two"])
})
