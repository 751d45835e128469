import { describe, expect, test } from "bun:test"
import type { Catalog } from "../../../src/core/catalog.ts"
import { type CircuitKey, heldCircuit, keyCircuit } from "../../../src/core/circuit.ts"
import type { Decision } from "../../../src/core/decide.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import type { Skipped } from "../../../src/core/select.ts"
import type { FailureKind } from "../../../src/core/verdict.ts"
import type { Toast } from "../../../src/host/host.ts"
import { createIncidents, withIncidents } from "../../../src/notify/incidents.ts"
import { createNotices } from "../../../src/notify/notices.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import { exhaust, recover, type SwitchReason, switchTo } from "../../../src/turn/transitions.ts"
import type { Turn } from "../../../src/turn/turn.ts"
import { catalogOf } from "../catalog-of.ts"
import { turnOf } from "../turn/turn-of.ts"

let serial = 0

type Options = { readonly notify?: boolean; readonly start?: number; readonly catalog?: Catalog }

const unknown: Catalog = { known: false }

/** Incidents are one for the process: each test gets models of its own by their provider's name. */
function setUp({ start = 1_000_000, catalog = unknown }: Options = {}) {
  let time = start
  const now = (): number => time
  const toasts: Toast[] = []
  const logs: string[] = []
  const incidents = createIncidents(now)
  const shared = createMemoryStore({ now })
  const store = withIncidents(shared, incidents)
  const host = {
    catalog: (): Promise<Catalog> => Promise.resolve(catalog),
    toast: (toast: Toast) => Promise.resolve(void toasts.push(toast)),
    log: (level: string, message: string) => void logs.push(`${level}: ${message}`),
  }
  const notices = createNotices({ host, store, now, incidents })
  serial += 1
  const provider = `p${serial}`
  const turn = (change: Partial<Turn> = {}): Turn => turnOf({ own: { model: `${provider}/own` }, ...change })
  const cooling = (seconds: number, key: CircuitKey = `model:${provider}/own`): void => {
    store.updateCircuit(key, () => ({
      key,
      failures: 1,
      kind: "rate_limit",
      failedAt: now(),
      until: now() + seconds * 1_000,
    }))
  }
  const texts = (): readonly string[] =>
    toasts.map(({ message }) => message.replaceAll(new RegExp(`${provider}(?=[/.])`, "g"), "a"))
  const pass = (ms: number): void => {
    time += ms
  }
  return { notices, store, shared, toasts, logs, texts, turn, cooling, provider, now, pass }
}

describe("a switch is told", () => {
  test("with the time that the provider has named, where that is later than the next try", async () => {
    const { notices, turn, cooling, store, provider, now, texts } = setUp()
    cooling(45)
    store.updateCircuit(
      `model:${provider}/own`,
      (record) => record && { ...record, toldBackAt: now() + 7_200_000 },
    )
    await notices.switched(turn(), {
      to: { model: "b/1" },
      why: { kind: "rate_limit" },
      skipped: [],
      durationMs: 1,
    })
    expect(texts()).toEqual([
      "a/own: rate limit reached. Continuing with b/1. a/own is back in about 2 hours.",
    ])
  })

  const passed: Skipped = { model: "b/0", reason: { why: "no-images" } }
  const tried: Skipped = { model: "b/9", reason: { why: "tried", kind: "auth" } }
  const rows: readonly (readonly [string, FailureKind | undefined, number, readonly Skipped[], string])[] = [
    [
      "with who, why, what now, until when",
      "rate_limit",
      45,
      [],
      "a/own: rate limit reached. Continuing with b/1. a/own is back in about 45 seconds.",
    ],
    [
      "without a time that nobody knows",
      "overloaded",
      0,
      [],
      "a/own: model is overloaded. Continuing with b/1.",
    ],
    [
      "without a reason that nobody knows",
      undefined,
      0,
      [],
      "a/own: cannot be used now. Continuing with b/1.",
    ],
    [
      "with the candidates that were passed over",
      "auth",
      0,
      [passed],
      "a/own: key was rejected. Continuing with b/1. Skipped: b/0 (cannot read the image). Check the key of a.",
    ],
    [
      "without those that were told before",
      "auth",
      0,
      [tried],
      "a/own: key was rejected. Continuing with b/1. Check the key of a.",
    ],
    [
      "with what a person has to do about an empty wallet",
      "billing",
      45,
      [],
      "a/own: out of credit. Continuing with b/1. Top up a.",
    ],
  ]
  test.each(rows)("%s", async (_, kind, seconds, skipped, text) => {
    const { notices, turn, cooling, texts, toasts } = setUp()
    if (seconds > 0) cooling(seconds)
    await notices.switched(turn(), { to: { model: "b/1" }, why: { kind }, skipped, durationMs: 12.4 })
    expect(texts()).toEqual([text])
    expect(toasts[0]).toMatchObject({ title: "Understudy: b/1", variant: "warning", durationMs: 8_000 })
  })

  test("without a time for a model that is held by hand", async () => {
    const { notices, turn, store, texts, provider } = setUp()
    const key = `model:${provider}/own` as const
    store.updateCircuit(key, () => heldCircuit(key, 0))
    const why = { obstacle: { why: "held" } } as const
    await notices.switched(turn(), { to: { model: "b/1" }, why, skipped: [], durationMs: 0 })
    expect(texts()).toEqual(["a/own: held by hand. Continuing with b/1."])
    expect(store.journal({ limit: 1 })).toMatchObject([{ event: "switched", cause: "held by hand" }])
  })

  test.each<[string, "store" | "shared", (provider: string) => CircuitKey]>([
    ["the model", "store", (provider) => `model:${provider}/own`],
    ["its provider", "store", (provider) => `provider:${provider}`],
    ["the model (as another process has found)", "shared", (provider) => `model:${provider}/own`],
    ["its provider (as another process has found)", "shared", (provider) => `provider:${provider}`],
  ])("again once %s was well in between, however long its rest was to be", async (_, finder, closed) => {
    const { notices, turn, cooling, texts, store, provider, ...others } = setUp()
    const key = closed(provider)
    const fail = async (): Promise<void> => {
      cooling(3_600, key)
      await notices.switched(turn(), {
        to: { model: "b/1" },
        why: { kind: "rate_limit" },
        skipped: [],
        durationMs: 0,
      })
    }
    await fail()
    await fail()
    expect(texts()).toHaveLength(1)
    store.updateCircuit(`model:${provider}x/own`, () => undefined)
    store.updateCircuit(keyCircuit(provider, "f00"), () => undefined)
    await fail()
    expect(texts()).toHaveLength(1)
    const { [finder]: found } = { ...others, store }
    found.updateCircuit(key, () => undefined)
    await fail()
    expect(texts()).toHaveLength(2)
  })

  describe("with what the toast said whose place it takes", () => {
    const hop = (from: ModelKey, messageID: string): Partial<Turn> => ({
      inUse: { model: from, requests: 1 },
      messageID,
    })
    const rows: readonly (readonly [string, string, number, string])[] = [
      [
        "where that is still to be read",
        "msg_1",
        7_999,
        "a/own: rate limit reached. a/1: out of credit. Continuing with b/2. a/own is back in about 37 seconds. Top up a.",
      ],
      ["but not where it has gone", "msg_1", 8_000, "a/1: out of credit. Continuing with b/2. Top up a."],
      ["but not of another turn", "msg_2", 1, "a/1: out of credit. Continuing with b/2. Top up a."],
    ]
    test.each(rows)("%s", async (_, messageID, ms, text) => {
      const { notices, turn, cooling, texts, toasts, logs, pass, provider } = setUp()
      const one: ModelKey = `${provider}/1`
      const told = { skipped: [], durationMs: 0 }
      cooling(45)
      await notices.switched(turn({ messageID: "msg_1" }), {
        to: { model: one },
        why: { kind: "rate_limit" },
        ...told,
      })
      pass(ms)
      await notices.switched(turn(hop(one, messageID)), {
        to: { model: "b/2" },
        why: { kind: "billing" },
        ...told,
      })
      expect(texts()[1]).toBe(text)
      const line = `${one}: out of credit. Continuing with b/2. Top up ${provider}.`
      expect(toasts[1]?.line).toBe(line)
      expect(logs[1]).toBe(`warn: ${line}`)
    })

    test("but for a model that answers after all", async () => {
      const { notices, turn, texts, provider } = setUp()
      const own: ModelKey = `${provider}/own`
      const one: ModelKey = `${provider}/1`
      const leave = (from: ModelKey, to: ModelKey) =>
        notices.switched(turn(hop(from, "msg_1")), {
          to: { model: to },
          why: { kind: "overloaded" },
          skipped: [],
          durationMs: 0,
        })
      await leave(own, one)
      await leave(one, "b/2")
      await leave("b/2", one)
      expect(texts()[2]).toBe("a/own: model is overloaded. b/2: model is overloaded. Continuing with a/1.")
    })
  })

  test("once for twelve sessions that hit the same outage, and again after it", async () => {
    const { notices, turn, cooling, texts, pass, store } = setUp()
    cooling(45)
    for (let number = 0; number < 12; number += 1)
      await notices.switched(turn({ sessionID: `ses_${number}` }), {
        to: { model: "b/1" },
        why: { kind: "rate_limit" },
        skipped: [],
        durationMs: 0,
      })
    expect(texts()).toHaveLength(1)
    expect(store.journal({ limit: 100 })).toHaveLength(12)
    pass(45_000)
    await notices.switched(turn(), {
      to: { model: "b/1" },
      why: { kind: "rate_limit" },
      skipped: [],
      durationMs: 0,
    })
    expect(texts()).toHaveLength(2)
  })

  test.each<[string, (now: number) => SwitchReason, number]>([
    ["for a minute where nobody knows its end", () => ({ kind: "overloaded" }), 60_000],
    [
      "for a minute where a time was named to this session alone, and no circuit keeps it",
      (now) => ({ kind: "rate_limit", retryAt: now + 3_600_000 }),
      60_000,
    ],
    [
      "until a limit is reset that is nearly used up",
      (now) => ({ limit: "95 % of the week are used", retryAt: now + 3_600_000 }),
      3_600_000,
    ],
  ])("once %s", async (_, why, ms) => {
    const { notices, turn, texts, pass, now } = setUp()
    const leaving = why(now())
    const tell = () =>
      notices.switched(turn(), { to: { model: "b/1" }, why: leaving, skipped: [], durationMs: 0 })
    await tell()
    pass(ms - 1)
    await tell()
    expect(texts()).toHaveLength(1)
    pass(1)
    await tell()
    expect(texts()).toHaveLength(2)
  })

  test("in the journal", async () => {
    const { notices, turn, store, toasts, logs, provider } = setUp()
    await notices.switched(turn(), {
      to: { model: "b/1" },
      why: { kind: "auth" },
      skipped: [passed],
      durationMs: 12.4,
    })
    expect(store.journal({ limit: 1 })).toEqual([
      {
        at: 1_000_000,
        sessionID: "ses_1",
        event: "switched",
        from: `${provider}/own`,
        to: "b/1",
        kind: "auth",
        durationMs: 12,
        detail: "b/0 (cannot read the image)",
      },
    ])
    expect([toasts.length, logs.length]).toEqual([1, 1])
  })
})

describe("names", () => {
  test("are OpenCode's own in the toast and ids in the log", async () => {
    const catalog = catalogOf({ "n/own": { name: "Claude Opus 4.5" }, "b/1": { name: "GPT-5.2" } })
    const { notices, toasts, logs } = setUp({ catalog })
    const turn = turnOf({ own: { model: "n/own" } })
    await notices.switched(turn, {
      to: { model: "b/1" },
      why: { kind: "overloaded" },
      skipped: [],
      durationMs: 0,
    })
    expect(toasts[0]).toMatchObject({
      title: "Understudy: GPT-5.2",
      message: "Claude Opus 4.5: model is overloaded. Continuing with GPT-5.2.",
    })
    expect(logs).toEqual(["warn: n/own: model is overloaded. Continuing with b/1."])
  })
})

describe("a fallback that is paid by token", () => {
  test.each([
    ["is named as such where the own model is not", "free1", false, true, "b/1, which is paid by token."],
    ["is no news where the own one is paid, too", "paid", true, true, "b/1."],
    ["is not what a free one is", "free2", false, false, "b/1."],
  ] as const)("%s", async (_, provider, own, fallback, text) => {
    const catalog = catalogOf({
      [`${provider}/own`]: { isPaidByToken: own },
      [`${provider}/second`]: { isPaidByToken: !own },
      "b/1": { isPaidByToken: fallback },
    })
    const { notices, toasts, logs } = setUp({ catalog })
    // Not the model that was left last, but the user's own one is what a user pays for.
    const turn = turnOf({
      own: { model: `${provider}/own` },
      inUse: { model: `${provider}/second`, requests: 1 },
    })
    await notices.switched(turn, { to: { model: "b/1" }, why: { kind: "quota" }, skipped: [], durationMs: 0 })
    const message = `${provider}/second: usage limit reached. Continuing with ${text}`
    expect(toasts.map((toast) => toast.message)).toEqual([message])
    expect(logs).toEqual([`warn: ${message}`])
  })
})

describe("a return is told", () => {
  test("once, however many sessions come back", async () => {
    const { notices, turn, texts, toasts, store } = setUp()
    await notices.returned(turn(), "b/1")
    await notices.returned(turn({ sessionID: "ses_2" }), "b/1")
    expect(texts()).toEqual(["a/own is back in use."])
    expect(toasts[0]?.variant).toBe("success")
    expect(store.journal({ limit: 1 })[0]).toMatchObject({ event: "returned", from: "b/1" })
    expect(store.journal({ limit: 9 })).toHaveLength(2)
  })
})

describe("the end of a chain is told", () => {
  type Exhausted = Extract<Decision, { do: "exhausted" }>
  const none = { do: "exhausted", why: "no-model-left", skipped: [], mayRecover: false } as const
  const b1: Skipped = { model: "b/1", reason: { why: "tried", kind: "auth" } }
  const c1: Skipped = { model: "c/1", reason: { why: "not-connected", provider: "c" } }
  const left: Partial<Turn> = { inUse: { model: "b/1", requests: 1 } }
  const rows: readonly (readonly [string, Partial<Turn>, Exhausted, number | undefined, string])[] = [
    [
      "with every candidate, the user's own model first, each with its reason",
      left,
      { ...none, skipped: [b1, c1] },
      undefined,
      "a/own: rate limit reached. No other model is left: b/1 (already tried: key was rejected); c/1 (c is not connected).",
    ],
    [
      "with the one that is back first",
      left,
      { ...none, skipped: [b1], soonest: { model: "b/1", until: 1_090_000 } },
      undefined,
      "a/own: rate limit reached. No other model is left: b/1 (already tried: key was rejected). b/1 is back first, in about 2 minutes.",
    ],
    [
      "with the time that its provider has named, where that is later than the next try",
      left,
      { ...none, skipped: [b1], soonest: { model: "b/1", until: 1_090_000, toldBackAt: 8_200_000 } },
      undefined,
      "a/own: rate limit reached. No other model is left: b/1 (already tried: key was rejected). b/1 is back first, in about 2 hours.",
    ],
    [
      "with the one that is back by then",
      left,
      { ...none, skipped: [b1], soonest: { model: "b/1", until: 1_000_000 } },
      undefined,
      "a/own: rate limit reached. No other model is left: b/1 (already tried: key was rejected). b/1 is back already.",
    ],
    [
      "with the wait, where there is one",
      left,
      { ...none, skipped: [b1], soonest: { model: "b/1", until: 1_090_000 } },
      90_000,
      "a/own: rate limit reached. No other model is left: b/1 (already tried: key was rejected). Waiting about 2 minutes for b/1.",
    ],
    [
      "with the setting that ended it",
      left,
      { ...none, why: "attempts-spent", skipped: [b1] },
      undefined,
      "a/own: rate limit reached. This turn has used all its attempts (max_fallback_attempts). The others: b/1 (already tried: key was rejected).",
    ],
    [
      "with the setting that is missing",
      {},
      { ...none, why: "no-chain" },
      undefined,
      "a/own: key was rejected. No fallback models are set for it. Check the key of a.",
    ],
  ]
  test.each(rows)("%s", async (_, change, decision, forMs, text) => {
    const { notices, turn, texts, toasts, provider } = setUp()
    const tried =
      change.inUse === undefined ? [] : [{ model: `${provider}/own`, kind: "rate_limit" } as const]
    await notices.exhausted(turn({ ...change, tried }), { verdict: { kind: "auth" }, decision, forMs })
    expect(texts()).toEqual([text])
    const variant = forMs === undefined ? "error" : "warning"
    expect(toasts[0]).toMatchObject({ title: "Understudy", variant })
  })

  test("with the others alone on a later walk, whose candidates are the own model and not the one just left", async () => {
    const { notices, turn, texts, provider } = setUp()
    const own: Skipped = { model: `${provider}/own`, reason: { why: "tried" } }
    const decision = { ...none, skipped: [own, c1] }
    await notices.exhausted(turn({ ...left, walksAnew: true }), { verdict: { kind: "auth" }, decision })
    expect(texts()).toEqual([
      "a/own: cannot be used now. No other model is left: c/1 (c is not connected); b/1 (already tried: key was rejected).",
    ])
  })

  test("once in a turn, until a model has answered; a wait is told each time", async () => {
    const { notices, turn, texts, store, pass } = setUp()
    const end = { verdict: { kind: "auth" }, decision: none } as const
    const told = exhaust(undefined)(turn()) ?? turn()
    await notices.exhausted(told, end)
    await notices.exhausted(switchTo({ model: "b/1" }, {})(told) ?? turn(), end)
    expect([texts(), store.journal({ limit: 9 })]).toEqual([[], []])
    await notices.exhausted(told, { ...end, forMs: 1_000 })
    expect(texts()).toHaveLength(1)
    pass(10_000)
    for (const well of [told, switchTo({ model: "b/1" }, {})(told) ?? turn()]) {
      await notices.exhausted(recover("a/own")(well) ?? well, end)
      pass(10_000)
    }
    expect(texts()).toHaveLength(3)
  })

  test("without a reason where nobody knows why the own model was left", async () => {
    const { notices, turn, texts } = setUp()
    await notices.exhausted(turn(left), { verdict: { kind: "auth" }, decision: { ...none, skipped: [b1] } })
    expect(texts()).toEqual([
      "a/own: cannot be used now. No other model is left: b/1 (already tried: key was rejected).",
    ])
  })

  test("once for sessions that run dry together, and again for a prompt a little later", async () => {
    const { notices, turn, texts, pass } = setUp()
    await notices.exhausted(turn(), { verdict: { kind: "auth" }, decision: none })
    await notices.exhausted(turn({ sessionID: "ses_2" }), { verdict: { kind: "auth" }, decision: none })
    expect(texts()).toHaveLength(1)
    pass(10_000)
    await notices.exhausted(turn(), { verdict: { kind: "auth" }, decision: none })
    expect(texts()).toHaveLength(2)
  })
})

test("a fault in telling is a line in the log and nobody's rejection", async () => {
  const { notices, store, turn, logs } = setUp()
  Object.assign(store, {
    appendJournal: () => {
      throw new Error("no journal")
    },
  })
  const decision = { do: "exhausted", why: "no-chain", skipped: [], mayRecover: false } as const
  await notices.switched(turn(), { to: { model: "b/1" }, why: {}, skipped: [], durationMs: 0 })
  await notices.returned(turn(), "b/1")
  await notices.exhausted(turn(), { verdict: {}, decision })
  expect(logs).toHaveLength(3)
  for (const line of logs) expect(line).toMatch(/^error: an internal error; .*no journal/)
})
