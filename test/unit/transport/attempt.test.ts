import { describe, expect, test } from "bun:test"
import { asWithoutUs, sendAttempt } from "../../../src/transport/attempt.ts"
import { callerSignal } from "../../../src/transport/caller-signal.ts"
import { pause } from "../../../src/transport/pause.ts"

const url = "http://localhost/"

describe("sendAttempt", () => {
  const send = (answer: Promise<Response>, silenceMs = 0, init: RequestInit = {}) => {
    const sent: RequestInit[] = []
    const attempt = sendAttempt(
      {
        input: url,
        init,
        send: (_, given) => {
          if (given) sent.push(given)
          return answer
        },
      },
      silenceMs,
      () => 7,
    )
    return { attempt, sent }
  }

  test("gives the response, or what was thrown, as it came", async () => {
    const response = new Response()
    const error = new Error("refused")
    const first = await send(Promise.resolve(response)).attempt.result
    expect(first).toEqual({ type: "response", response })
    expect(await send(Promise.reject(error)).attempt.result).toEqual({ type: "thrown", error })
    expect(await asWithoutUs({ type: "response", response })).toBe(response)
    expect(await asWithoutUs({ type: "thrown", error }).catch((thrown: unknown) => thrown)).toBe(error)
  })

  test("says silence after the limit, and still gives the answer later", async () => {
    const late = Promise.withResolvers<Response>()
    const result = await send(late.promise, 10).attempt.result
    if (result.type !== "silence") throw new Error(`not silent but ${result.type}`)
    const response = new Response()
    late.resolve(response)
    expect(await result.later).toEqual({ type: "response", response })
  })

  test("is aborted by itself without the caller's signal, and by the caller's", () => {
    const caller = new AbortController()
    const never = new Promise<Response>(() => undefined)
    const first = send(never, 0, { signal: caller.signal })
    first.attempt.abandon()
    first.attempt.abandon()
    expect([first.sent[0]?.signal?.aborted, caller.signal.aborted]).toEqual([true, false])
    const second = send(never, 0, { signal: caller.signal })
    const reason = new Error("Esc")
    caller.abort(reason)
    expect(second.sent[0]?.signal?.reason).toBe(reason)
    expect(second.attempt.sentAt).toBe(7)
  })

  test("keeps every other option", () => {
    const init = { method: "POST", body: "x", decompress: false } as RequestInit
    expect(send(new Promise(() => undefined), 0, init).sent[0]).toMatchObject(init)
  })
})

describe("callerSignal", () => {
  const one = new AbortController().signal
  test("is that of init; else that of the request; else none", () => {
    const request = new Request(url, { signal: one })
    const two = new AbortController().signal
    expect(callerSignal(request, { signal: two })).toBe(two)
    expect(callerSignal(request, { signal: null })).toBeUndefined()
    expect(callerSignal(request, {})).toBe(request.signal)
    expect(callerSignal(url, undefined)).toBeUndefined()
  })
})

describe("pause", () => {
  test("ends at once when the signal is or becomes aborted", async () => {
    await pause(60_000, AbortSignal.abort())
    const controller = new AbortController()
    const pausing = pause(60_000, controller.signal)
    controller.abort()
    await pausing
  })
  test("ends by itself", () => pause(1, undefined))
})

describe("the body of an error comes to an end", () => {
  const sendsFor = async (start: (controller: ReadableStreamDefaultController<Uint8Array>) => void) => {
    let signal: AbortSignal | null | undefined
    const body = new ReadableStream<Uint8Array>({ start })
    const send = (_input: unknown, init: RequestInit | undefined) => {
      signal = init?.signal
      return Promise.resolve(new Response(body, { status: 503, headers: { "retry-after": "7" } }))
    }
    const result = await sendAttempt({ input: url, init: {}, send }, 0, () => 7).result
    if (result.type !== "response") throw new Error(`no response but ${result.type}`)
    return { response: result.response, isAbandoned: () => signal?.aborted === true }
  }
  const bytes = (length: number) => new Uint8Array(length).fill(65)

  test("that the provider ends, as it came", async () => {
    const { response, isAbandoned } = await sendsFor((controller) => {
      controller.enqueue(bytes(10))
      controller.close()
    })
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "7"])
    expect(await response.text()).toBe("A".repeat(10))
    expect(isAbandoned()).toBe(false)
  })

  test("that never ends: after the bytes that are enough", async () => {
    const { response, isAbandoned } = await sendsFor((controller) => {
      for (let count = 0; count < 100; count += 1) controller.enqueue(bytes(10_000))
    })
    expect((await response.text()).length).toBe(256 * 1024)
    expect(isAbandoned()).toBe(true)
  })

  test("that falls silent: after a time", async () => {
    const { response, isAbandoned } = await sendsFor((controller) => controller.enqueue(bytes(10)))
    expect(await response.text()).toBe("A".repeat(10))
    expect(isAbandoned()).toBe(true)
  })

  test("that breaks off: with what came so far", async () => {
    const { response } = await sendsFor((controller) => {
      controller.enqueue(bytes(10))
      setTimeout(() => controller.error(new Error("reset")), 1)
    })
    expect(await response.text()).toBe("A".repeat(10))
  })
})
