import { describe, expect, test } from "bun:test"
import { createOwnFaults, nameAlone } from "../../../src/host/own-fault.ts"
import { type Guard, heldResponse } from "../../../src/transport/held-response.ts"

const unguarded: Guard = (run) => run()

/** A body that gives these pieces one by one, and then ends or fails. */
function source(pieces: readonly string[], failure?: Error) {
  const left = [...pieces]
  const cancelled: unknown[] = []
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const next = left.shift()
        if (next !== undefined) controller.enqueue(new TextEncoder().encode(next))
        else if (failure) controller.error(failure)
        else controller.close()
      },
      cancel: (reason) => void cancelled.push(reason),
    },
    { highWaterMark: 0 },
  )
  return { response: new Response(body, { status: 203, headers: { "x-kind": "test" } }), left, cancelled }
}

describe("a response that is held back", () => {
  test("comes with all of it, and no more was read than was needed", async () => {
    const { response, left } = source(["a", "b", "c"])
    const held = await heldResponse(response, () => left.length === 1, unguarded)
    expect(left).toEqual(["c"])
    expect([held.status, held.headers.get("x-kind"), await held.text()]).toEqual([203, "test", "abc"])
  })

  test("comes when it is over", async () => {
    const { response } = source(["a"])
    expect(await (await heldResponse(response, () => false, unguarded)).text()).toBe("a")
  })

  test("that breaks breaks for whoever takes it", async () => {
    const { response } = source(["a"], new Error("reset"))
    const held = await heldResponse(response, () => false, unguarded)
    expect(await held.text().catch(String)).toBe("Error: reset")
  })

  test("is let go of to the source", async () => {
    const { response, cancelled } = source(["a", "b"])
    const held = await heldResponse(response, () => true, unguarded)
    await held.body?.cancel("gone")
    expect(cancelled).toEqual(["gone"])
  })

  test("comes when the wait is over, and nothing that comes later is lost", async () => {
    const { promise: later, resolve } = Promise.withResolvers<void>()
    const body = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        controller.enqueue(new TextEncoder().encode("a"))
        await later
        controller.enqueue(new TextEncoder().encode("b"))
        controller.close()
      },
    })
    const held = await heldResponse(new Response(body), () => false, unguarded, Promise.resolve(undefined))
    resolve()
    expect(await held.text()).toBe("ab")
  })

  test("is passed on whole after a fault of ours, which is told", async () => {
    const faults: string[] = []
    const { response, left } = source(["a", "b", "c"])
    const held = await heldResponse(
      response,
      () => {
        if (left.length === 1) throw new Error("ours")
        return false
      },
      createOwnFaults({ log: (_, text) => void faults.push(text) }, nameAlone).guard,
    )
    expect(await held.text()).toBe("abc")
    expect(faults).toEqual([expect.stringContaining("an internal error")])
  })

  test("without a body is itself", async () => {
    const response = new Response(null)
    expect(await heldResponse(response, () => false, unguarded)).toBe(response)
  })
})
