import { describe, expect, test } from "bun:test"
import * as fc from "fast-check"
import { gatherEvidence } from "../../../../src/core/classify/evidence.ts"
import { fromBody } from "../../../../src/core/retry-at/from-body.ts"
import { parseDuration } from "../../../../src/core/retry-at/parse-duration.ts"
import { parseMoment } from "../../../../src/core/retry-at/parse-moment.ts"
import { retryAtOf } from "../../../../src/core/retry-at/retry-at.ts"
import type { Failure } from "../../../../src/core/verdict.ts"

const now = Date.UTC(2026, 4, 10, 12)
const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

function retryAt(failure: Failure, at: number): number | undefined {
  return retryAtOf(failure, gatherEvidence(failure), at)
}

function waitMs(failure: Failure): number | undefined {
  const at = retryAt(failure, now)
  return at === undefined ? undefined : at - now
}

describe("headers", () => {
  const rows: readonly (readonly [string, Record<string, string>, number | undefined])[] = [
    ["seconds", { "retry-after": "17" }, 17 * second],
    ["fractional seconds", { "retry-after": "1.5" }, 1500],
    ["an HTTP date", { "retry-after": "Sun, 10 May 2026 12:01:00 GMT" }, minute],
    ["a past HTTP date", { "retry-after": "Sun, 10 May 2020 12:01:00 GMT" }, undefined],
    ["zero", { "retry-after": "0" }, undefined],
    ["nonsense", { "retry-after": "soon" }, undefined],
    ["milliseconds before seconds", { "retry-after-ms": "250", "retry-after": "9" }, 250],
    ["names in any case", { "Retry-After": "3" }, 3 * second],
    ["a span", { "x-ratelimit-reset-tokens": "6m0s" }, 6 * minute],
    ["milliseconds as a span", { "x-ratelimit-reset-requests": "915ms" }, 915],
    ["epoch milliseconds", { "x-ratelimit-reset": String(now + minute) }, minute],
    ["epoch seconds", { "x-ratelimit-reset": String((now + minute) / 1000) }, minute],
    ["seconds from now", { "ratelimit-reset": "30" }, 30 * second],
    ["words before the name", { "x-ratelimit-user-retry-after": "90" }, 90 * second],
    ["milliseconds under a vendor's name", { "x-ms-retry-after-ms": "5000" }, 5 * second],
    ["the draft's single header", { ratelimit: "limit=100, remaining=0, reset=30" }, 30 * second],
    ["the draft's later form", { ratelimit: '"default";r=0;t=30' }, 30 * second],
    ["nothing where it is over", { ratelimit: "limit=100, remaining=0, reset=0" }, undefined],
    ["nothing while something is left", { ratelimit: "limit=100, remaining=7, reset=30" }, undefined],
    ["RFC 3339", { "anthropic-ratelimit-requests-reset": "2026-05-10T12:00:30Z" }, 30 * second],
    [
      "only the exhausted limit's reset",
      {
        "anthropic-ratelimit-requests-remaining": "40",
        "anthropic-ratelimit-requests-reset": "2026-05-10T12:00:05Z",
        "anthropic-ratelimit-tokens-remaining": "0",
        "anthropic-ratelimit-tokens-reset": "2026-05-10T12:00:40Z",
      },
      40 * second,
    ],
    [
      "the soonest when none is exhausted",
      { "x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s" },
      second,
    ],
    ["a span of ISO 8601", { "retry-after": "PT1M30S" }, 90 * second],
    [
      "the used-up one of several policies in one header",
      { ratelimit: '"burst";r=5;t=20, "daily";r=0;t=3600' },
      hour,
    ],
    [
      "the used-up Codex window",
      {
        "x-codex-primary-used-percent": "100",
        "x-codex-primary-reset-after-seconds": "3600",
        "x-codex-secondary-used-percent": "80",
        "x-codex-secondary-reset-after-seconds": "99999",
      },
      hour,
    ],
    [
      "Codex' point in time",
      { "x-codex-primary-used-percent": "100", "x-codex-primary-reset-at": String((now + 2 * hour) / 1000) },
      2 * hour,
    ],
  ]
  test.each(rows)("%s", (_, headers, expected) => expect(waitMs({ status: 429, headers })).toBe(expected))

  const codex = (primary: number, secondary: number) => ({
    "x-codex-primary-used-percent": String(primary),
    "x-codex-primary-reset-after-seconds": "3600",
    "x-codex-secondary-used-percent": String(secondary),
    "x-codex-secondary-reset-after-seconds": "7200",
  })
  test.each([
    [100, 100, 2 * hour],
    [100, 99, hour],
    [99, 120, 2 * hour],
    [99, 99, undefined],
  ])("of Codex' windows only those that are used up count, the last of them: %d and %d", (one, two, wait) => {
    // Under a status of its own, so that it is not read as any other window.
    expect(waitMs({ status: 500, headers: codex(one, two) })).toBe(wait as never)
  })

  test("a window that lets requests through, or has passed, says nothing", () => {
    const headers = { "x-ratelimit-reset-requests": "1s" }
    expect(
      waitMs({ status: 429, headers: { ...headers, "x-ratelimit-status-requests": "allowed" } }),
    ).toBeUndefined()
    expect(waitMs({ status: 429, headers: { "x-ratelimit-reset": String(now - minute) } })).toBeUndefined()
  })

  test("of exhausted windows the last counts, before one of which nothing is known", () => {
    const headers = {
      "x-ratelimit-reset-requests": "10s",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-tokens": "30s",
      "x-ratelimit-remaining-tokens": "0",
      "x-ratelimit-reset-images": "1s",
    }
    expect(waitMs({ status: 429, headers })).toBe(30 * second)
    expect(waitMs({ status: 500, headers })).toBe(30 * second)
  })

  test("one that cannot be read, or is over, hides no other", () => {
    const reset = { "x-ratelimit-reset-tokens": "6m0s" }
    for (const other of ["never", "0", String(now - minute)])
      expect(waitMs({ status: 429, headers: { "x-ratelimit-reset-requests": other, ...reset } })).toBe(
        6 * minute,
      )
    const codexHeaders = { ...codex(100, 100), "x-codex-secondary-reset-at": String((now - hour) / 1000) }
    expect(waitMs({ status: 500, headers: codexHeaders })).toBe(hour)
  })

  test("what is reset without being a limit is none", () => {
    expect(waitMs({ status: 429, headers: { "x-daily-reset": "30" } })).toBeUndefined()
  })

  test("the status may stand in the body alone", () => {
    const headers = { "x-ratelimit-reset-requests": "1s" }
    expect(waitMs({ headers, body: '{"error":{"code":503}}' })).toBeUndefined()
    expect(waitMs({ headers, body: '{"error":{"code":429}}' })).toBe(second)
    expect(waitMs({ headers })).toBe(second)
  })

  test("a window's reset says nothing of a server error", () => {
    expect(waitMs({ status: 500, headers: { "x-ratelimit-reset-requests": "1s" } })).toBeUndefined()
  })
})

describe("bodies", () => {
  const rows: readonly (readonly [string, unknown, number])[] = [
    ["RetryInfo", { error: { details: [{ "@type": "RetryInfo", retryDelay: "44.5s" }] } }, 44_500],
    ["resets_at", { error: { resets_at: (now + hour) / 1000 } }, hour],
    ["resets_in_seconds", { error: { resets_in_seconds: 13_872 } }, 13_872 * second],
    ["a name without a gap", { error: { retryafter: 30 } }, 30 * second],
    ["metadata", { error: { metadata: { retry_after_seconds: 17 } } }, 17 * second],
    ["headers in the body", { headers: { "Retry-After": "9" } }, 9 * second],
    [
      "OpenRouter's reset",
      { error: { code: 429, metadata: { headers: { "X-RateLimit-Reset": String(now + minute) } } } },
      minute,
    ],
    ["JSON in a message", { error: { message: JSON.stringify({ retryDelay: "9s" }) } }, 9 * second],
    [
      "quotaResetDelay",
      { error: { details: [{ metadata: { quotaResetDelay: "108h48m20.795762633s" } }] } },
      391_700_796,
    ],
    ["estimated_time", { error: "loading", estimated_time: 20 }, 20 * second],
    ["retry_in", { error: { retry_in: "2h30m" } }, 2.5 * hour],
    ["reset_seconds", { error: { reset_seconds: 3600 } }, hour],
    ["a number that is no share of a window", { reset_seconds: 60, cost: 0.5, tries: 3 }, minute],
    ["several, the last", { a: { reset_seconds: 60 }, b: { reset_seconds: 90 } }, 90 * second],
    ["reset", { limits: [{ reset: "2026-05-10T13:00:00Z" }] }, hour],
  ]
  test.each(rows)("%s", (_, body, expected) => {
    const wait = waitMs({ body: JSON.stringify(body) })
    expect(wait).toBe(expected)
  })
})

test("of a body no more is read than any error holds", () => {
  const fields = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`f${at}`, "x"]))
  const parts = (count: number) => Array.from({ length: count }, () => fields)
  const after = (count: number) => fromBody([...parts(count), { reset_seconds: 60 }], 0)
  expect([after(2), after(150)]).toEqual([minute, undefined])
})

describe("sentences", () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ["并发过高，等待 2.50 秒后重试", 2_500],
    ["1.5 分钟后重试", 90_000],
    ["retried 5 times (total retry wait time: 95.06 seconds): overloaded", undefined],
    ["quota threshold (reset after 19h 24m 10s)", 19 * hour + 24 * minute + 10 * second],
    ["Monthly usage limit reached. Resets in 6 days. To continue", 6 * day],
    ["It will reset in 2 days 8 hours", 2 * day + 8 * hour],
    ["It will reset in 4 hours 22 minutes. To continue", 4 * hour + 22 * minute],
    ["It will reset in less than a minute", minute],
    ["Please try again in 44s", 44 * second],
    ["Please try again in 9m38.016s. Need more tokens", 9 * minute + 38_016],
    ["Please retry in 44.097740004s.", 44_098],
    ["Please retry after 86400 seconds.", day],
    ["Try again in 2 seconds.", 2 * second],
    ["Please try again in half an hour", 30 * minute],
    ["Please wait a minute", minute],
    ["Try again in a couple of hours", 2 * hour],
    ["try again in about two minutes", 2 * minute],
    ["Please wait thirty seconds", 30 * second],
    ["wait at least 60 seconds", minute],
    ["wait 5 more minutes", 5 * minute],
    ["Rate limited. 15 seconds left.", 15 * second],
    ["Rate limit: 15s remaining", 15 * second],
    ["7 days left of your trial", undefined],
    ["冷却中，剩余 30 秒", 30 * second],
    ["30分ほどお待ちください", 30 * minute],
    ["Your quota refills in 30 minutes", 30 * minute],
    ["The limit will be lifted at 14:30 UTC", 2 * hour + 30 * minute],
    ["Next request allowed in 12 seconds", 12 * second],
    ["You can send another request in 20 seconds", 20 * second],
    ["Weekly limit reached, resets Monday 9am", 21 * hour],
    ["Weekly limit reached. Resets on Thursday at 5:00 PM UTC.", 4 * day + 5 * hour],
    ["Available again on Friday", 4 * day + 12 * hour],
    ["Quota exhausted until Monday", 12 * hour],
    ["Ihr Limit wird am Montag um 9:00 zurückgesetzt", 21 * hour],
    ["Réinitialisation lundi à 9h", 21 * hour],
    ["El límite se restablece el lunes a las 9:00", 21 * hour],
    ["Tente novamente na segunda-feira", 12 * hour],
    ["Il limite si rinnova lunedì alle 9:00", 21 * hour],
    ["Лимит обновится в понедельник в 9:00 utc", 21 * hour],
    ["월요일 9:00에 초기화됩니다", 12 * hour],
    ["月曜日 9:00 にリセットされます", 12 * hour],
    ["Try again at the top of the hour", hour],
    ["Wait for the second request", undefined],
    ["Try again tomorrow at 3:00 PM UTC", day + 3 * hour],
    ["Resets tomorrow (in 14 hours)", 14 * hour],
    ["Resets at midnight (in 12 hours)", 12 * hour],
    ["Réessayez demain à 9h", 21 * hour],
    ["Ihr Limit wird morgen um 9 Uhr zurückgesetzt", 21 * hour],
    ["今日额度已用完，将于明天 00:00 重置", 4 * hour],
    ["额度已用尽，请明天再试", 4 * hour],
    ["本周额度已用完，下周一重置", 4 * hour],
    ["请于 23:30 后重试", 3 * hour + 30 * minute],
    ["リセットは明日 00:00 です", 3 * hour],
    ["Quota will be replenished in 02:12:41.", 2 * hour + 12 * minute + 41 * second],
    ["Quota will be replenished in 2.02:12:41.", 50 * hour + 12 * minute + 41 * second],
    ["Please try after 2026-05-10T12:00:37.255Z", 37 * second],
    ["limit=1000;type=DAILY;reset_in=3600", hour],
    ["Resets in 4hr 59min", 4 * hour + 59 * minute],
    ["Resets in 108h48m29s.", 108 * hour + 48 * minute + 29 * second],
    ["[retrying in 5h 59m attempt #15]", 5 * hour + 59 * minute],
    ["[retrying in 1m attempt #2]", minute],
    ["[retrying in ~1 week attempt #1]", 7 * day],
    ["Please wait 2 minutes before trying again", 2 * minute],
    ["wait 141 hours 28 minutes before trying again", 141 * hour + 28 * minute],
    ["or wait 6 seconds for your limit to reset.", 6 * second],
    ["status=429 retryAfterMs=42694000", 42_694_000],
    ["Retry-After: 17", 17 * second],
    ["Claude AI usage limit reached|1778500000", 1_778_500_000_000 - now],
    ["It will reset at 2026-05-11 01:20:12 +0800 CST. We", 5 * hour + 20 * minute + 12 * second],
    ["reset at 2026-05-12 03:00 UTC", 39 * hour],
    ["You will regain access on 2026-05-12 at 00:00 UTC.", day + 12 * hour],
    ["wait for your limit to reset on May 15, 2026 at 2:00 AM or switch", 4 * day + 14 * hour],
    ["try again at May 11th, 2026 3:12 PM.", 27 * hour + 12 * minute],
    ["Limite atteinte, de nouveau possible dans 30 secondes", 30 * second],
    ["Límite alcanzado: dentro de 2 minutos", 2 * minute],
    ["Лимит исчерпан: через 5 минут", 5 * minute],
    ["Claude AI usage limit reached|1578500000", undefined],
    ["retry-after: 0", undefined],
    ["retry-after: 0. Try again in 5 seconds", 5 * second],
    ["resets_in_seconds=60", minute],
    [`resets_at: ${(now + hour) / 1_000}`, hour],
    [`resets_at: ${(now - hour) / 1_000}`, undefined],
    ["limit reached ∙ resets 3pm", 3 * hour],
    ["resets 3pm (America/New_York)", 7 * hour],
    ["您的限额将在 2026-05-11 02:14:39 重置。", 6 * hour + 14 * minute + 39 * second],
    ["请在 30 秒后重试", 30 * second],
    ["将于 5 小时后恢复", 5 * hour],
    ["已达到 5 小时的使用上限", undefined],
    ["约 5 天后恢复", 5 * day],
    ["限制将于2026年5月11日 02:14重置", 6 * hour + 14 * minute],
    ["60秒後にもう一度お試しください", minute],
    ["約2時間後に再試行してください", 2 * hour],
    ["Please retry in 2h30m", 2.5 * hour],
    ["Try again in 1 hour 3 minutes", hour + 3 * minute],
    ["Try again in ~158 min.", 158 * minute],
    ["Please try again after 2026-05-10T13:00:00Z", hour],
    ["try again at 5:00 PM", 5 * hour],
    ["Try again at 17:30", 5.5 * hour],
    ["resets at 10:00 UTC. Top up", 22 * hour],
    ["Resets in 6hr 29min.", 6 * hour + 29 * minute],
    ["reset in: 3 days", 3 * day],
    ["Your quota resets in 4h22m", 4 * hour + 22 * minute],
    ["Resets in: 01:30:00", 1.5 * hour],
    ["The next window opens in 00:12:30", 12.5 * minute],
    ["usage limit reached, available in 42 minutes", 42 * minute],
    ["spend limit reached (daily; resets 2026-05-11 00:00 UTC)", 12 * hour],
    ["resets 3pm (Asia/Seoul)", 18 * hour],
    ["Your limit resets at 1778500000", 1_778_500_000_000 - now],
    ["Your limit resets at 1778500000000", 1_778_500_000_000 - now],
    ["{'type': 'usage_limit_reached', 'resets_at': 1778500000}", 1_778_500_000_000 - now],
    ["Retry-After: Sun, 10 May 2026 12:01:00 GMT", minute],
    ["Daily limit reached, resets tomorrow.", 12 * hour],
    ["wait one minute", minute],
    ["try again in an hour", hour],
    ["The quota will reset at 05-12 15:33:00 UTC.", 2 * day + 3 * hour + 33 * minute],
    ["rate limited until 2026-05-10T20:30:00+08:00", 30 * minute],
    ["retry_after: 30000ms", 30 * second],
    ["try again in half an hour", 30 * minute],
    ["请 1 分 30 秒后再试", 90 * second],
    ["2 小时 15 分钟后重置", 2 * hour + 15 * minute],
    ["Usage blocked until 2026-05-11T00:00:00+00:00 due to limits", 12 * hour],
    ["Try again after 10 May 2020", undefined],
    ["timed out again after 300 seconds", undefined],
    ["The limit was hit again on 2026-12-01", undefined],
    ["You may send messages again in 5 minutes", 5 * minute],
    ["Please try again in a few minutes", 3 * minute],
    ["Zu viele Versuche. Bitte 15 Minuten warten.", 15 * minute],
    ["Usage resets on the 1st.", 7 * day],
    ["reset at 2020-05-12 03:00 UTC", undefined],
    ["Please try again later. Limit 30000, used 20s", undefined],
    ["retry 3 models", undefined],
    ["nothing of the kind 44s", undefined],
  ]
  test.each(rows)("%s", (message, expected) => expect(waitMs({ message })).toBe(expected))

  test("a time without a zone is Beijing's where the vendor is Chinese", () => {
    const message = "Your limit will reset at 2026-05-10 22:00:00"
    expect(waitMs({ provider: "zai", message })).toBe(2 * hour)
    expect(waitMs({ provider: "opencode-go", message })).toBe(10 * hour)
  })
})

test("every unit is known", () => {
  const spans = ["1ms", "1 sec", "1 minute", "1hr", "1 day", "1 week", "1 month", "1 小时", "1 天", "1 个月"]
  expect(spans.map(parseDuration)).toEqual([
    1,
    second,
    minute,
    hour,
    day,
    7 * day,
    30 * day,
    hour,
    day,
    30 * day,
  ])
})

test("what is no moment is none", () => {
  const moments = ["mon nonsense", "2026-99", "", " ", "x".repeat(81), "12 parsecs"]
  expect(moments.map((text) => parseMoment(text, now))).toEqual(moments.map(() => undefined))
  expect(parseMoment(" 5 ", now)).toBe(now + 5 * second)
})

test("a span has at most seven parts", () => {
  expect(parseDuration("1s ".repeat(7))).toBe(7 * second)
  expect(parseDuration("1s ".repeat(8))).toBe(7 * second)
})

test("of several statements the latest counts: the window is over before the allowance is back", () => {
  expect(waitMs({ headers: { "retry-after": "60" }, message: "Resets in 6 days." })).toBe(6 * day)
})

test("a wait is capped at seven days", () => {
  const failure = { message: "Resets in 12 days" }
  expect(retryAt(failure, now)).toBe(now + 7 * day)
})

test("a client's own pause tells nothing of the provider", () => {
  const refused = "API Error (429 slow down)"
  expect(retryAt({ message: `${refused} · Retrying in 5 seconds… (attempt 4/10)` }, now)).toBeUndefined()
  expect(
    retryAt({ message: `Retrying acme._with_retry in 2.0 seconds as it raised ${refused}` }, now),
  ).toBeUndefined()
  expect(retryAt({ message: `${refused}. Try again in 17 s; retrying in 5 s` }, now)).toBe(now + 17_000)
  expect(retryAt({ message: "acme finish_reason: network_error retrying in 17s" }, now)).toBeUndefined()
})

test.each([
  ["consider retrying after 30 seconds", 30],
  ["Please try retrying in 30 seconds", 30],
  ["we recommend retrying the call in 30 seconds", 30],
  ["retrying after 45s in this region", 45],
  ["retrying at 12:00:30", 30],
])("what a provider advises is its own time: %s", (message, seconds) => {
  expect(waitMs({ message: `Rate limit exceeded, ${message}` })).toBe(seconds * second)
})

test.each([
  ["quota_reset in 5 hours", 5 * hour],
  ["rate_limit_resets in 3600s", hour],
  ["ratelimit_reset_at 2026-05-10T17:00:00Z", 5 * hour],
  ["next_reset=2026-05-10T17:00:00Z", 5 * hour],
])("a reset by any name: %s", (message, wait) => expect(waitMs({ message })).toBe(wait))

test("a time that has passed is no opinion", () => {
  expect(retryAt({ message: "Resets at 2020-06-25 02:06:16 utc" }, now)).toBeUndefined()
  expect(retryAt({ headers: { "retry-after": "0" } }, now)).toBeUndefined()
})

test("no input leads into the past or above the cap", () => {
  const unit = fc.constantFrom("ms", "s", "m", "h", "days", "weeks", "months", "小时", "", "x")
  const number = fc.oneof(fc.nat(), fc.double({ noNaN: true }), fc.bigInt({ min: 0n, max: 10n ** 40n }))
  const value = fc.tuple(number, unit).map(([amount, name]) => `${amount}${name}`)
  const name = fc.constantFrom(
    "retry-after",
    "retry-after-ms",
    "x-ratelimit-reset",
    "anthropic-ratelimit-tokens-reset",
  )
  const text = fc.oneof(
    fc.string(),
    value,
    value.map((span) => `resets in ${span}`),
    value.map((span) => `{"resets_at":"${span}"}`),
  )
  fc.assert(
    fc.property(
      fc.dictionary(name, fc.oneof(value, fc.string())),
      text,
      fc.nat({ max: 3e12 }),
      (headers, message, at) => {
        const result = retryAt({ status: 429, headers, message }, at)
        if (result === undefined) return
        expect(result).toBeGreaterThan(at)
        expect(result).toBeLessThanOrEqual(at + 7 * day)
      },
    ),
    { numRuns: 1000 },
  )
})

describe("fields are read by what their names mean", () => {
  const rows: readonly (readonly [string, unknown, number | undefined])[] = [
    ["retryInSeconds", 30, 30 * second],
    ["seconds_until_reset", 30, 30 * second],
    ["clears_in", 30, 30 * second],
    ["limit_reset_in_seconds", 44, 44 * second],
    ["reset_limit_in_seconds", 44, undefined],
    ["waitMs", 30_000, 30 * second],
    ["cooldown_ms", 30_000, 30 * second],
    ["next_reset_at", "2026-05-10T12:00:30Z", 30 * second],
    ["availableAt", (now + 30_000) / 1000, 30 * second],
    ["resettime", "2026-05-10T12:00:30Z", 30 * second],
    ["reset", 5, undefined],
    ["retry_count", 5, undefined],
    ["max_retry_seconds", 5, undefined],
    ["window_seconds", 18_000, undefined],
  ]
  test.each(rows)("%s: %p", (name, value, wait) => {
    expect(waitMs({ body: JSON.stringify({ error: { message: "x", [name]: value } }) })).toBe(wait)
  })

  test("but not those of a window of which something is left", () => {
    const windows = {
      primary: { used_percent: 100, reset_after_seconds: 600 },
      secondary: { used_percent: 20, reset_after_seconds: 99_999 },
    }
    expect(waitMs({ body: JSON.stringify({ windows }) })).toBe(600 * second)
    const window = (use: object) => waitMs({ body: JSON.stringify({ ...use, reset_after_seconds: 60 }) })
    for (const use of [
      { used_percent: 99 },
      { utilization: 0.99 },
      { remaining: 1 },
      { "Utilization-Percent": 99 },
    ])
      expect(window(use)).toBeUndefined()
    for (const use of [
      { used_percent: 100 },
      { utilization: 1 },
      { remaining: 0 },
      { remaining: "1" },
      { left: 1 },
    ])
      expect(window(use)).toBe(minute)
  })

  test("nor what stands deeper than anybody puts it", () => {
    const nested = (levels: number): object =>
      levels === 0 ? { reset_seconds: 60 } : { error: nested(levels - 1) }
    expect(waitMs({ body: JSON.stringify(nested(14)) })).toBe(minute)
    expect(waitMs({ body: JSON.stringify(nested(15)) })).toBeUndefined()
  })
})

describe("a window's reset counts only when the window is the reason", () => {
  const unified = { "anthropic-ratelimit-unified-reset": String(now / 1000 + 10_800) }
  const rows: readonly (readonly [string, Failure, number | undefined])[] = [
    [
      "an overloaded answer with a window that allows",
      { status: 529, headers: { ...unified, "anthropic-ratelimit-unified-status": "allowed" } },
      undefined,
    ],
    [
      "a burst limit beside a window that allows",
      { status: 429, headers: { ...unified, "anthropic-ratelimit-unified-status": "allowed_warning" } },
      undefined,
    ],
    [
      "a window that rejects",
      { status: 429, headers: { ...unified, "anthropic-ratelimit-unified-status": "rejected" } },
      3 * hour,
    ],
    [
      "an outage with requests left today",
      {
        status: 503,
        headers: {
          "x-ratelimit-remaining-requests-day": "1430",
          "x-ratelimit-reset-requests-day": "33011.38",
        },
      },
      undefined,
    ],
    ["a vendor's own name", { status: 429, headers: { "ratelimitbysize-reset": "30" } }, 30 * second],
    ["two headers in one", { status: 429, headers: { "retry-after": "5, 10" } }, 10 * second],
  ]
  test.each(rows)("%s", (_, failure, wait) => expect(waitMs(failure)).toBe(wait))
})

describe("a wait in the languages of providers", () => {
  const rows: readonly (readonly [string, number | undefined])[] = [
    ["Bitte versuchen Sie es in 30 Sekunden erneut.", 30 * second],
    ["Versuchen Sie es in einer Stunde erneut", hour],
    ["Das Limit wird in 3 Stunden zurückgesetzt", 3 * hour],
    ["Veuillez patienter 45 secondes", 45 * second],
    ["O limite será redefinido em 4 horas", 4 * hour],
    ["20 saniye sonra tekrar deneyin", 20 * second],
    ["Thử lại sau 2 phút", 2 * minute],
    ["Coba lagi dalam 30 detik", 30 * second],
    ["Probeer het over 10 minuten opnieuw", 10 * minute],
    ["took over 30 seconds", undefined],
    ["Spróbuj ponownie za 15 sekund", 15 * second],
    ["Försök igen om 30 sekunder", 30 * second],
    ["下次重置时间：2026-05-11 08:00:00", 12 * hour],
    ["リセットまで 2時間30分", 2.5 * hour],
    ["Locked for 15 minutes", 15 * minute],
    ["Необходимо подождать 2500 мс", 2500],
    ["You can submit the request after 49 seconds", 49 * second],
    ["The request after 49 seconds was too late", undefined],
    // How long a window is, how long something has lasted, and how much of it: no waits.
    ["Free accounts can make 50 requests in 24 hours", undefined],
    ["You may send up to 1000 requests in 7 days", undefined],
    ["You can make 100 requests in 5 hours", undefined],
    ["You can make ten requests in 24 hours", undefined],
    ["Trial users can send 5 requests after 7 days", undefined],
    ["Anda hanya dapat mengirim 50 permintaan dalam 24 jam", undefined],
    ["Upstream has been unavailable for 30 minutes", undefined],
    ["Tidak ada respons dalam 30 detik", undefined],
    ["Yêu cầu đã hết thời gian sau 30 giây", undefined],
    ["İstek 30 saniye sonra zaman aşımına uğradı", undefined],
    ["This model is limited for 100 minutes of audio", undefined],
    ["Your account is suspended for 100 minutes of audio", undefined],
    ["Your account is locked for 10 minutes because of too many attempts", 10 * minute],
    ["Your account is suspended for 2 days on account of abuse", 2 * day],
    ["Uw limiet wordt om 10 uur gereset", undefined],
    ["De limiet wordt om 10.30 uur gereset", undefined],
    ["价格更新：8月19日", undefined],
    ["明日 0:00 以降に再度ご利用ください。", 3 * hour],
    ["将在明天 00:00 重置", 4 * hour],
    ["Rate limit resets @ 13:00 UTC", hour],
    ["resets 05/11/2026", 12 * hour],
    ["Please retry after PT2M30S", 150 * second],
    ["Veuillez réessayer dans 30 secondes.", 30 * second],
    ["Réessaie dans une minute.", minute],
    ["Inténtelo de nuevo en 30 segundos", 30 * second],
    ["Tente novamente em 30 segundos", 30 * second],
    ["Повторите попытку через 30 секунд", 30 * second],
    ["30초 후에 다시 시도하세요", 30 * second],
    ["请等待30秒", 30 * second],
    ["30秒後に再試行してください", 30 * second],
  ]
  test.each(rows)("%s", (message, wait) => expect(waitMs({ status: 429, message })).toBe(wait as never))
})

test("a time of day keeps its seconds, and one that has just passed is now", () => {
  expect(waitMs({ message: "Try again at 12:00:30 UTC" })).toBe(30 * second)
  expect(waitMs({ message: "Resets at 12:00 PM UTC" })).toBe(second)
  expect(waitMs({ message: "Resets at 11:58 AM UTC" })).toBe(day - 2 * minute)
})
