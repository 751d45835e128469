import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import {
  describeWindow,
  describeWindows,
  currentWindows,
  fullestWindow,
  type LimitWindow,
  mergeWindows,
  mostWindows,
  nearLimit,
} from "../../../../src/core/limits/limit-window.ts"
import { readWindows } from "../../../../src/core/limits/read-windows.ts"

const now = Date.parse("2026-11-25T12:00:00Z")
const epoch = (iso: string): string => String(Date.parse(iso) / 1_000)

const read = (headers: Readonly<Record<string, string>>): readonly string[] =>
  readWindows(new Headers(headers), now).map(
    ({ name, usedPercent, resetsAt }) =>
      `${name}: ${usedPercent} %${resetsAt === undefined ? "" : ` until ${new Date(resetsAt).toISOString().slice(0, 19)}`}`,
  )

describe("the windows of an answer's headers", () => {
  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    [
      "a Claude subscription",
      {
        "anthropic-ratelimit-unified-status": "allowed",
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
        "anthropic-ratelimit-unified-reset": epoch("2026-11-25T14:20:00Z"),
        "anthropic-ratelimit-unified-fallback-percentage": "0.5",
        "anthropic-ratelimit-unified-5h-status": "allowed_warning",
        "anthropic-ratelimit-unified-5h-utilization": "0.83",
        "anthropic-ratelimit-unified-5h-reset": epoch("2026-11-25T14:20:00Z"),
        "anthropic-ratelimit-unified-7d-utilization": "0.1549",
        "anthropic-ratelimit-unified-7d-reset": epoch("2026-11-30T09:00:00Z"),
        "anthropic-ratelimit-unified-7d_sonnet-utilization": "1.02",
        "anthropic-ratelimit-unified-7d_sonnet-reset": epoch("2026-11-30T09:00:00Z"),
      },
      [
        "5 h: 83 % until 2026-11-25T14:20:00",
        "7 d: 15.5 % until 2026-11-30T09:00:00",
        "7 d sonnet: 100 % until 2026-11-30T09:00:00",
      ],
    ],
    [
      "an Anthropic key",
      {
        "anthropic-ratelimit-requests-limit": "4000",
        "anthropic-ratelimit-requests-remaining": "3999",
        "anthropic-ratelimit-requests-reset": "2026-11-25T12:00:01Z",
        "anthropic-ratelimit-input-tokens-limit": "2000000",
        "anthropic-ratelimit-input-tokens-remaining": "500000",
        "anthropic-ratelimit-input-tokens-reset": "2026-11-25T12:00:45Z",
      },
      ["input tokens: 75 % until 2026-11-25T12:00:45", "requests: 0 % until 2026-11-25T12:00:01"],
    ],
    [
      "a ChatGPT subscription (Codex)",
      {
        "x-codex-primary-used-percent": "12.5",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-at": epoch("2026-11-25T15:00:00Z"),
        "x-codex-secondary-used-percent": "89",
        "x-codex-secondary-window-minutes": "10080",
        "x-codex-secondary-reset-after-seconds": "86400",
        "x-codex-credits-has-credits": "False",
      },
      ["5 h: 12.5 % until 2026-11-25T15:00:00", "7 d: 89 % until 2026-11-26T12:00:00"],
    ],
    [
      "Copilot",
      {
        "x-quota-snapshot-chat": "ent=-1&ov=0.0&ovPerm=false&rem=100.0&rst=2026-12-01T00%3A00%3A00Z",
        "x-quota-snapshot-premium_interactions":
          "ent=1500&ov=0.0&ovPerm=false&rem=31.3&rst=2026-12-01T00%3A00%3A00Z",
        "x-usage-ratelimit-session": "rem=5.7&rst=2026-11-25T14:35:37Z",
      },
      ["premium interactions: 68.7 % until 2026-12-01T00:00:00", "session: 94.3 % until 2026-11-25T14:35:37"],
    ],
    [
      "OpenAI",
      {
        "x-ratelimit-limit-requests": "5000",
        "x-ratelimit-limit-tokens": "160000",
        "x-ratelimit-remaining-requests": "4999",
        "x-ratelimit-remaining-tokens": "40000",
        "x-ratelimit-reset-requests": "12ms",
        "x-ratelimit-reset-tokens": "6m0s",
      },
      ["requests: 0 % until 2026-11-25T12:00:00", "tokens: 75 % until 2026-11-25T12:06:00"],
    ],
    [
      "Cerebras",
      {
        "x-ratelimit-limit-requests-day": "1000",
        "x-ratelimit-remaining-requests-day": "100",
        "x-ratelimit-reset-requests-day": "33011.382867",
        "x-ratelimit-limit-tokens-minute": "64000",
        "x-ratelimit-remaining-tokens-minute": "32000",
        "x-ratelimit-reset-tokens-minute": "11.382867",
      },
      [
        "requests per day: 90 % until 2026-11-25T21:10:11",
        "tokens per minute: 50 % until 2026-11-25T12:00:11",
      ],
    ],
    [
      "Mistral",
      {
        "x-ratelimit-limit-req-minute": "50",
        "x-ratelimit-remaining-req-minute": "49",
        "x-ratelimit-limit-tokens-minute": "50000",
        "x-ratelimit-remaining-tokens-minute": "47300",
        "x-ratelimit-tokens-query-cost": "1300",
      },
      ["requests per minute: 2 %", "tokens per minute: 5.4 %"],
    ],
    ["xAI", { "x-ratelimit-limit-tokens": "100", "x-ratelimit-remaining-tokens": "7" }, ["tokens: 93 %"]],
    [
      "OpenRouter, in milliseconds",
      {
        "x-ratelimit-limit": "50",
        "x-ratelimit-remaining": "0",
        "x-ratelimit-reset": String(Date.parse("2026-11-26T00:00:00Z")),
      },
      ["requests: 100 % until 2026-11-26T00:00:00"],
    ],
    [
      "a limit of 0, which is a model that the plan does not have",
      { "x-ratelimit-limit-req-minute": "0", "x-ratelimit-remaining-req-minute": "0" },
      [],
    ],
    [
      "a limit of -1, which is none",
      { "x-ratelimit-limit-requests": "-1", "x-ratelimit-remaining-requests": "5" },
      [],
    ],
    ["what is left without its limit", { "x-ratelimit-remaining-requests": "3" }, []],
    [
      "values that are no numbers",
      { "anthropic-ratelimit-unified-5h-utilization": "high", "x-codex-primary-used-percent": "" },
      [],
    ],
    ["an answer that says nothing", { "content-type": "text/event-stream", "x-request-id": "req_1" }, []],
  ])("%s", (_, headers, windows) => {
    expect(read(headers).toSorted()).toEqual(windows.toSorted())
  })

  test("whatever a server sends, the result is small and in bounds", () => {
    const name = fc
      .tuple(
        fc.constantFrom("x-ratelimit-", "anthropic-ratelimit-", "x-codex-", "x-quota-snapshot-"),
        fc.constantFrom("limit", "remaining", "reset", "primary-used-percent", "chat"),
        fc.constantFrom("", "-a", "-b", "-tokens-day", `-${"z".repeat(100)}`),
      )
      .map((parts) => parts.join(""))
    const value = fc.oneof(fc.integer().map(String), fc.constantFrom("1e400", "-5", "NaN", "", "rem=-1"))
    fc.assert(
      fc.property(fc.dictionary(name, value), (headers) => {
        const windows = readWindows(new Headers(headers), now)
        expect(windows.length).toBeLessThanOrEqual(mostWindows)
        for (const window of windows) {
          expect(window.name.length).toBeLessThanOrEqual(60)
          expect(window.usedPercent).toBeWithin(0, 100.1)
        }
      }),
    )
  })
})

const window = (name: string, usedPercent: number, resetsAt?: number, seenAt = now): LimitWindow => ({
  name,
  usedPercent,
  seenAt,
  ...(resetsAt !== undefined && { resetsAt }),
})

test("a further answer replaces what it names; what is over goes", () => {
  const before = [window("5 h", 50, now + 1_000), window("7 d", 20, now + 9_000), window("tokens", 90, now)]
  const after = mergeWindows(before, [window("5 h", 60, now + 1_000)], now)
  expect(after.map(({ name, usedPercent }) => [name, usedPercent])).toEqual([
    ["5 h", 60],
    ["7 d", 20],
  ])
})

test("the full window that is new last says when the account may be asked again", () => {
  const windows = [window("5 h", 96, now + 1_000), window("7 d", 95, now + 9_000), window("tokens", 100)]
  expect(fullestWindow(windows, 95, now)?.name).toBe("tokens")
  expect(fullestWindow(windows.slice(0, 2), 95, now)?.name).toBe("7 d")
  expect(fullestWindow(windows.slice(0, 2), 95, now + 9_000)).toBeUndefined()
  expect(fullestWindow(windows, 101, now)).toBeUndefined()
  // Without a reset nothing is known of it a minute later.
  expect(fullestWindow(windows, 100, now + 60_000)).toBeUndefined()
})

test.each<[string, LimitWindow, number, boolean]>([
  ["until its reset", window("5 h", 50, now + 1_000), now, true],
  ["not at its reset", window("5 h", 50, now + 1_000), now + 1_000, false],
  ["without one for a minute", window("tokens", 50), now + 59_999, true],
  ["not for longer", window("tokens", 50), now + 60_000, false],
  ["without one, on another machine whose clock is behind", window("tokens", 50), now - 60_000, true],
  ["not where the clock was set back since", window("tokens", 50), now - 60_001, false],
  ["until its reset also there", window("5 h", 50, now + 1_000), now - 3_600_000, true],
])("a window counts %s", (_when, seen, at, counts) => {
  expect(currentWindows([seen], at)).toEqual(counts ? [seen] : [])
})

test.each<[LimitWindow, string]>([
  [window("5 h", 83.4, Date.parse("2026-11-25T14:20:00")), "5 h window 83 % used, resets at 14:20"],
  [
    window("7 d sonnet", 10, Date.parse("2026-11-30T09:05:00")),
    "7 d sonnet window 10 % used, resets at 30 Nov, 09:05",
  ],
  [window("requests per day", 90), "requests per day 90 % used"],
])("in words for people", (seen, text) => {
  const noon = Date.parse("2026-11-25T12:00:00")
  expect(describeWindow(seen, noon)).toBe(text)
})

test("of several, those that are not over", () => {
  const windows = [window("5 h", 50, now), window("tokens", 20), window("requests", 10)]
  expect(describeWindows(windows, now)).toBe("tokens 20 % used; requests 10 % used")
})

describe("no turn begins at a provider", () => {
  const account = (name: string, usedPercent: number, resetsAt = now + 9_000) => ({
    account: name,
    windows: [window("5 h", usedPercent, resetsAt), window("7 d", 1, now + 99_000)],
  })
  test.each<[string, readonly ReturnType<typeof account>[], number, number | undefined]>([
    ["whose window is full enough", [account("a", 80)], 1, now + 9_000],
    ["unless it is not", [account("a", 79.9)], 1, undefined],
    ["unless the window is over", [account("a", 99, now)], 1, undefined],
    ["unless it is another's", [account("b", 99)], 1, undefined],
    [
      "of which all keys are full; the first that is back counts",
      [account("a#1", 90), account("a#2", 95, now + 5_000)],
      2,
      now + 5_000,
    ],
    ["unless one of its keys is not", [account("a#1", 90), account("a#2", 10)], 2, undefined],
    ["unless nothing is known of one of its keys", [account("a#1", 90)], 2, undefined],
  ])("%s", (_, accounts, accountCount, until) => {
    const near = nearLimit("a", accounts, { atPercent: 80, accountCount }, now)
    expect(near?.until).toBe(until as number)
  })
})
