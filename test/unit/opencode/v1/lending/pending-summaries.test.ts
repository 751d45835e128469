import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test"
import {
  createSummaries,
  noSummaries,
  type PendingSummaries,
} from "../../../../../src/opencode/v1/lending/pending-summaries.ts"

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

function setUp() {
  const summaries = createSummaries()
  const session: PendingSummaries = { ...noSummaries }
  const settled = async (): Promise<boolean> => {
    let isSettled = false
    void summaries.settled(session).then(() => (isSettled = true))
    await Promise.resolve()
    await Promise.resolve()
    return isSettled
  }
  return { summaries, session, settled }
}

/** A summary that begins, and is not over with what we write ourselves. */
async function endsWithTheSecond({ summaries, session, settled }: ReturnType<typeof setUp>): Promise<void> {
  summaries.onBegin(session)
  summaries.onRewriting(session)
  summaries.onStored(session, true)
  expect(await settled()).toBe(false)
  summaries.onStored(session, true)
  expect(await settled()).toBe(true)
}

describe("a rewriting waits for the summary under way", () => {
  test("not where there is none", async () => {
    expect(await setUp().settled()).toBe(true)
  })

  test("until OpenCode has stored it, and leaves no timer behind", async () => {
    const { summaries, session, settled } = setUp()
    summaries.onBegin(session)
    expect(await settled()).toBe(false)
    const waited = summaries.settled(session)
    summaries.onStored(session, false)
    await waited
    expect(await settled()).toBe(true)
  })

  test("until the last of several is stored", async () => {
    const { summaries, session, settled } = setUp()
    summaries.onBegin(session)
    summaries.onBegin(session)
    expect(await settled()).toBe(false)
    summaries.onStored(session, false)
    expect(await settled()).toBe(false)
    summaries.onStored(session, false)
    expect(await settled()).toBe(true)
    summaries.onStored(session, false)
    summaries.onBegin(session)
    expect(await settled()).toBe(false)
  })

  test("and is not taken for it: what we wrote ourselves ends no summary, once", async () => {
    await endsWithTheSecond(setUp())
  })

  test("which an older copy of the message ends, also while ours is to be told", async () => {
    const { summaries, session, settled } = setUp()
    summaries.onBegin(session)
    summaries.onRewriting(session)
    summaries.onStored(session, false)
    expect(await settled()).toBe(true)
    summaries.onBegin(session)
    summaries.onStored(session, true)
    expect(await settled()).toBe(false)
  })

  test("and what OpenCode has refused to write is not waited for, however often", async () => {
    const world = setUp()
    const { summaries, session } = world
    summaries.onRewriting(session)
    summaries.onRefused(session)
    summaries.onRefused(session)
    await endsWithTheSecond(world)
  })

  /** Whether it is still waited for after this many milliseconds, and is no longer after one more. */
  async function isWaitedFor({ summaries, session }: ReturnType<typeof setUp>, ms: number): Promise<void> {
    let isOver = false
    const waited = summaries.settled(session).then(() => (isOver = true))
    jest.advanceTimersByTime(ms - 1)
    await Promise.resolve()
    expect(isOver).toBe(false)
    jest.advanceTimersByTime(1)
    await waited
  }

  test("for a second at most where none has ended yet, and not again before one does", async () => {
    const world = setUp()
    const { summaries, session, settled } = world
    summaries.onBegin(session)
    await isWaitedFor(world, 1_000)
    summaries.onBegin(session)
    expect(await settled()).toBe(true)
    summaries.onStored(session, false)
    summaries.onBegin(session)
    expect(await settled()).toBe(false)
  })

  test("for a minute at most where one has ended, and no other session less for that", async () => {
    const world = setUp()
    const { summaries, session } = world
    summaries.onBegin(session)
    summaries.onStored(session, false)
    for (const one of [session, { ...noSummaries }]) {
      summaries.onBegin(one)
      await isWaitedFor({ ...world, session: one }, 60_000)
    }
  })

  test("without a timer once it has ended", async () => {
    const { summaries, session } = setUp()
    summaries.onBegin(session)
    const waited = summaries.settled(session)
    expect(jest.getTimerCount()).toBe(1)
    summaries.onStored(session, false)
    await waited
    expect(jest.getTimerCount()).toBe(0)
  })

  test("never where OpenCode takes no snapshots", async () => {
    const { summaries, session, settled } = setUp()
    summaries.expectNone()
    summaries.onBegin(session)
    expect(await settled()).toBe(true)
  })
})
