import { describe, expect, test } from "bun:test"
import { apiError, makeWorld, type World, type WorldOptions } from "./world.ts"

const badKey = apiError(401, "invalid api key")

/** A session that compacts on its own model; with `isAutomatic` in the middle of a turn. */
async function compacting(isAutomatic: boolean, options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  if (!isAutomatic) world.idle()
  await world.step("msg_2", "a/own", "compaction")
  return world
}

describe("a compaction that fails", () => {
  test("is ended and repeated on the next model, and the turn is not replayed", async () => {
    const world = await compacting(false)
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "summarize b/1"])
    expect(world.toasts.map(({ message }) => message)).toEqual([
      "a/own: rate limit reached. Going on with b/1. a/own again in about a minute.",
    ])
  })

  test("goes on with the turn afterwards when it had interrupted one", async () => {
    const world = await compacting(true)
    await world.retry("rate limited")
    expect(world.calls).toEqual(["abort", "summarize b/1 and go on"])
  })

  test("is repeated once, though the error is told twice", async () => {
    const world = await compacting(false)
    await world.fail("msg_2", "a/own", badKey)
    expect(world.calls).toEqual(["summarize b/1"])
    expect(world.store.journal({ limit: 9 })).toHaveLength(1)
  })

  test("walks the chain to its end and no further", async () => {
    const world = await compacting(false)
    for (const model of ["a/own", "b/1", "c/1"] as const) {
      await world.step("msg_2", model, "compaction")
      await world.fail("msg_2", model, badKey)
    }
    await world.fail("msg_2", "c/1", badKey)
    expect(world.calls).toEqual(["summarize b/1", "summarize c/1"])
    expect(world.toasts.at(-1)?.variant).toBe("error")
  })

  test("is left to OpenCode when its request is at fault", async () => {
    const world = await compacting(false)
    await world.fail("msg_2", "a/own", apiError(400, "max_tokens too large"))
    expect(world.calls).toEqual([])
  })

  test("is left to OpenCode when we are off", async () => {
    const world = await compacting(false)
    world.sessions.patch("ses_1", { off: true })
    await world.retry("rate limited")
    expect(world.calls).toEqual([])
  })

  test("and cannot be repeated is logged, and the session is not stuck in it", async () => {
    const world = await compacting(false, { onSummarize: () => Promise.reject(new Error("no such session")) })
    await world.retry("rate limited")
    expect(world.logs.join("\n")).toContain("no such session")
    expect(world.sessions.get("ses_1").compaction).toBeUndefined()
  })
})

test("the end of a compaction is its end: later failures are the turn's", async () => {
  const world = await compacting(true)
  await world.event("session.compacted", {})
  await world.step("msg_1", "a/own")
  await world.retry("rate limited")
  expect(world.calls).toEqual(["abort", "replay b/1"])
})
