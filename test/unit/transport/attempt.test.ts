import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test"
import { pause } from "../../../src/async/pause.ts"
import { asWithoutUs, sendAttempt } from "../../../src/transport/attempt.ts"
import { boundedError } from "../../../src/transport/bounded-error.ts"
import { joinBytes } from "../../../src/transport/bytes.ts"
import { callerSignal } from "../../../src/transport/fetch-arguments.ts"
import { rebuiltResponse } from "../../../src/transport/rebuilt-response.ts"

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
    const before = performance.now()
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
    expect(second.attempt.sentAt).toBeWithin(before, performance.now() + 1)
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

describe("on a clock of the test", () => {
  beforeEach(() => void jest.useFakeTimers())
  afterEach(() => void jest.useRealTimers())

  /** Whether it has been resolved by now. */
  async function isDone(promise: Promise<unknown>): Promise<boolean> {
    let done = false
    void promise.then(() => (done = true))
    for (let count = 0; count < 20; count += 1) await Promise.resolve()
    return done
  }

  test("a pause lasts as long as it is to last, and leaves no listener behind", async () => {
    const { signal } = new AbortController()
    const removed: string[] = []
    Object.defineProperty(signal, "removeEventListener", { value: (type: string) => void removed.push(type) })
    const pausing = pause(100, signal)
    jest.advanceTimersByTime(99)
    expect(await isDone(pausing)).toBe(false)
    jest.advanceTimersByTime(1)
    expect(await isDone(pausing)).toBe(true)
    expect(removed).toEqual(["abort"])
  })

  test("a pause that was aborted leaves no timer behind", async () => {
    const controller = new AbortController()
    const pausing = pause(100, controller.signal)
    expect(await isDone(pausing)).toBe(false)
    controller.abort()
    expect(await isDone(pausing)).toBe(true)
    expect(jest.getTimerCount()).toBe(0)
  })

  test("an answer in time leaves no timer behind", async () => {
    const send = (): Promise<Response> => Promise.resolve(new Response())
    await sendAttempt({ input: url, init: {}, send }, 100).result
    expect(jest.getTimerCount()).toBe(0)
  })

  test("the body of an error is waited for two seconds in all, however often it says something", async () => {
    let source: ReadableStreamDefaultController<Uint8Array> | undefined
    let isCancelled = false
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => (source = controller),
      cancel: () => void (isCancelled = true),
    })
    let abandoned = 0
    const text = boundedError(new Response(body, { status: 503 }), () => (abandoned += 1)).text()
    for (let count = 0; count < 3; count += 1) {
      await isDone(text)
      jest.advanceTimersByTime(500)
      source?.enqueue(new Uint8Array([65]))
    }
    await isDone(text)
    jest.advanceTimersByTime(499)
    expect(await isDone(text)).toBe(false)
    jest.advanceTimersByTime(1)
    expect(await isDone(text)).toBe(true)
    expect(await text).toBe("AAA")
    expect([isCancelled, abandoned]).toEqual([true, 1])
  })

  test("the body of an error ends at once when it is as long as may be", async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(256 * 1024)),
    })
    const text = boundedError(new Response(body, { status: 503 })).text()
    expect(await isDone(text)).toBe(true)
  })
})

test("an error without a body is given as it is", () => {
  const response = new Response(null, { status: 503 })
  expect(boundedError(response)).toBe(response)
})

describe("a response with another body", () => {
  const body = (): ReadableStream<Uint8Array> => new Response("new").body ?? new ReadableStream()
  test.each([
    [200, 200],
    [204, 200],
    [205, 200],
    [304, 200],
    [503, 503],
    [999, 999],
  ])("keeps what it can: status %d becomes %d", async (status, expected) => {
    const headers = new Headers({ "x-id": "7" })
    const original = { status, statusText: "as it was", headers, url: "http://provider/v1" }
    const copy = rebuiltResponse(original, body())
    expect([copy.status, copy.statusText, copy.headers.get("x-id"), copy.url, await copy.text()]).toEqual([
      expected,
      "as it was",
      "7",
      "http://provider/v1",
      "new",
    ])
  })
})

describe("bytes that are joined", () => {
  const [one, two, none] = [new Uint8Array([1]), new Uint8Array([2, 3]), new Uint8Array(0)]
  test("a single part is not copied", () => {
    expect(joinBytes([none, two, none])).toBe(two)
    expect(joinBytes([]).length).toBe(0)
  })
  test("several stand one behind the other", () => {
    expect([...joinBytes([one, none, two, one])]).toEqual([1, 2, 3, 1])
  })
})

describe("the body of an error comes to an end", () => {
  const sendsFor = async (start: (controller: ReadableStreamDefaultController<Uint8Array>) => void) => {
    let signal: AbortSignal | null | undefined
    const body = new ReadableStream<Uint8Array>({ start })
    const send = (_input: unknown, init: RequestInit | undefined) => {
      signal = init?.signal
      return Promise.resolve(new Response(body, { status: 503, headers: { "retry-after": "7" } }))
    }
    const result = await sendAttempt({ input: url, init: {}, send }, 0).result
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

  test("that breaks off: with what came so far", async () => {
    const { response } = await sendsFor((controller) => {
      controller.enqueue(bytes(10))
      setTimeout(() => controller.error(new Error("reset")), 1)
    })
    expect(await response.text()).toBe("A".repeat(10))
  })
})
