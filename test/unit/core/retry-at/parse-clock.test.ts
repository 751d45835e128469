import { describe, expect, test } from "bun:test"
import { parseClock } from "../../../../src/core/retry-at/parse-clock.ts"

/** A Wednesday. */
const now = Date.UTC(2026, 10, 25, 18, 0, 0)

const rows: readonly (readonly [text: string, at: number | undefined])[] = [
  ["2026-06-25 02:06:16 +0800", Date.UTC(2026, 5, 24, 18, 6, 16)],
  ["2026-06-25 02:06:16 -0130", Date.UTC(2026, 5, 25, 3, 36, 16)],
  ["2026-06-25 02:06:16 utc+8", Date.UTC(2026, 5, 24, 18, 6, 16)],
  ["2026-06-25 02:06 (gmt-03:30)", Date.UTC(2026, 5, 25, 5, 36)],
  ["2026-06-25", Date.UTC(2026, 5, 25)],
  ["2026年6月25日 02:06", Date.UTC(2026, 5, 25, 2, 6)],
  ["12-27 15:33:07 utc", Date.UTC(2026, 11, 27, 15, 33, 7)],
  ["8月27日 15:33 utc", Date.UTC(2027, 7, 27, 15, 33)],
  ["08-27 15:33 utc", Date.UTC(2027, 7, 27, 15, 33)],
  ["10 may 2026 12:01:00 gmt", Date.UTC(2026, 4, 10, 12, 1)],
  ["10 may 2026 at 2:30 pm", Date.UTC(2026, 4, 10, 14, 30)],
  ["10th may 2026", Date.UTC(2026, 4, 10)],
  ["10 de jul. de 2026, 11:52", Date.UTC(2026, 6, 10, 11, 52)],
  ["3. okt. 2026 um 09:00 utc+2", Date.UTC(2026, 9, 3, 7)],
  ["1 aout 2026 a 08:30", Date.UTC(2026, 7, 1, 8, 30)],
  ["april 20, 2026 at 2:00 am", Date.UTC(2026, 3, 20, 2)],
  ["april 20, 2025", Date.UTC(2025, 3, 20)],
  ["dec 1", Date.UTC(2026, 11, 1)],
  ["jan 2 at 3:15 pm", Date.UTC(2027, 0, 2, 15, 15)],
  ["jan 2, 3pm (america/new_york)", Date.UTC(2027, 0, 2, 20)],
  ["3pm (america/new_york)", Date.UTC(2026, 10, 25, 20)],
  ["3pm (nowhere/at_all)", Date.UTC(2026, 10, 26, 15)],
  ["11月25日 20:33 utc", Date.UTC(2026, 10, 25, 20, 33)],
  ["11月25日 9:33 utc", Date.UTC(2026, 10, 25, 9, 33)],
  ["11月25日下午9点 utc", Date.UTC(2026, 10, 25, 21)],
  ["11月25日", Date.UTC(2026, 10, 25)],
  ["retry with 5 separate requests", undefined],
  ["wait for 2 marked jobs", undefined],
  ["only 5 may be sent", undefined],
  ["on 1 dezember", Date.UTC(2026, 11, 1)],
  ["3pm (etc/gmt+5)", Date.UTC(2026, 10, 25, 20)],
  ["4pm (america/argentina/buenos_aires)", Date.UTC(2026, 10, 25, 19)],
  ["12:00 am ist", Date.UTC(2026, 10, 25, 18, 30)],
  ["3:15 pm est", Date.UTC(2026, 10, 25, 20, 15)],
  ["nov 26, 2026 3:15 pm pt", Date.UTC(2026, 10, 26, 23, 15)],
  ["resets at midnight pacific time", Date.UTC(2026, 10, 26, 8)],
  ["resets 12am (pacific/auckland)", Date.UTC(2026, 10, 26, 11)],
  ["10:57 pm gmt-3", Date.UTC(2026, 10, 26, 1, 57)],
  ["at 20:00 (utc+1)", Date.UTC(2026, 10, 25, 19)],
  ["7:30 pm", Date.UTC(2026, 10, 25, 19, 30)],
  ["12am", Date.UTC(2026, 10, 26)],
  ["12:05 pm", Date.UTC(2026, 10, 26, 12, 5)],
  ["until 17:30:20", Date.UTC(2026, 10, 26, 17, 30, 20)],
  ["20:00 utc", Date.UTC(2026, 10, 25, 20)],
  ["try again tomorrow", Date.UTC(2026, 10, 26)],
  ["resets at midnight", Date.UTC(2026, 10, 26)],
  ["resets at noon", Date.UTC(2026, 10, 26, 12)],
  ["end of the day", Date.UTC(2026, 10, 26)],
  ["tomorrow at 11:00 pm", Date.UTC(2026, 10, 26, 23)],
  ["tomorrow at 9:00 am", Date.UTC(2026, 10, 26, 9)],
  ["demain à 9h30", Date.UTC(2026, 10, 26, 9, 30)],
  ["monday 9am", Date.UTC(2026, 10, 30, 9)],
  ["9 am on monday", Date.UTC(2026, 10, 30, 9)],
  ["wednesday 7pm", Date.UTC(2026, 10, 25, 19)],
  ["wed 5pm", Date.UTC(2026, 11, 2, 17)],
  ["friday", Date.UTC(2026, 10, 27)],
  ["sun 1am (asia/tokyo)", Date.UTC(2026, 10, 28, 16)],
  ["7pm. we are closed on mondays", Date.UTC(2026, 10, 25, 19)],
  ["on the 1st.", Date.UTC(2026, 11, 1)],
  ["on the 1st of each month at 00:00", Date.UTC(2026, 11, 1)],
  ["at the beginning of next month", Date.UTC(2026, 11, 1)],
  ["end of the month (asia/tokyo)", Date.UTC(2026, 10, 30, 15)],
  ["下个月", Date.UTC(2026, 11, 1)],
  ["on 12/31/2026", Date.UTC(2026, 11, 31)],
  ["on 31/12/2026, 10:00 pm", Date.UTC(2026, 11, 31, 22)],
  ["on 1 june", Date.UTC(2027, 5, 1)],
  ["1st of december at 8:00", Date.UTC(2026, 11, 1, 8)],
  ["2 out of 3", undefined],
  ["7 days. next month we ship", undefined],
  ["later", undefined],
]

describe("a point in time in words", () => {
  test.each(rows)("%s", (text, at) => {
    expect(parseClock(text, { now, offset: 0 })).toBe(at as never)
  })

  test.each([
    ["2026-11-26 02:00:00", Date.UTC(2026, 10, 25, 18)],
    ["2026-11-26 02:00:00 utc", Date.UTC(2026, 10, 26, 2)],
    ["12-27 15:33:00", Date.UTC(2026, 11, 27, 7, 33)],
    ["12-27 15:33:00 utc+9", Date.UTC(2026, 11, 27, 6, 33)],
    ["12-27 15:33:00 utc", Date.UTC(2026, 11, 27, 15, 33)],
    ["at 03:00", Date.UTC(2026, 10, 25, 19)],
    ["3pm utc", Date.UTC(2026, 10, 26, 15)],
    ["明天 00:00", Date.UTC(2026, 10, 26, 16)],
    ["次日零点", Date.UTC(2026, 10, 26, 16)],
    ["今晚24点", Date.UTC(2026, 10, 26, 16)],
    ["下周一", Date.UTC(2026, 10, 29, 16)],
    ["星期天 8点", Date.UTC(2026, 10, 29)],
  ])("%s, where a time without a zone is Beijing's", (text, at) => {
    expect(parseClock(text, { now, offset: 8 * 3_600_000 })).toBe(at)
  })

  test("that has passed less than a minute ago is now; one that has passed by a minute is tomorrow's", () => {
    const at = (seconds: number): number | undefined =>
      parseClock("at 18:00:00", { now: now + seconds * 1_000, offset: 0 })
    expect([at(0), at(59), at(60)]).toEqual([now + 1_000, now + 60_000, now + 86_400_000])
  })
})
