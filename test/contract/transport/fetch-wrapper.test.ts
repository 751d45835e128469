/** What wrapping the process's `fetch` promises to everybody else in the process. One promise per test. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { getEventListeners } from "node:events"
import { sendAttempt } from "../../../src/transport/attempt.ts"
import { type ClaimStep, wrapFetch } from "../../../src/transport/fetch-wrapper.ts"
import { stepMarkerHeader } from "../../../src/transport/step-marker.ts"

const wrapperFile = `${import.meta.dir}/../../../src/transport/fetch-wrapper.ts`
const pristine = Object.getOwnPropertyDescriptor(globalThis, "fetch")
const realFetch = globalThis.fetch
const undo: (() => void)[] = []

const install = (claim: ClaimStep = () => undefined): (() => void) => {
  const { dispose } = wrapFetch(claim)
  undo.push(dispose)
  return dispose
}

/** Handles what bears this token by sending it on as it is. */
const passOn =
  (token: string, seen: unknown[] = []): ClaimStep =>
  (found) =>
    found === token
      ? (input, init, send) => {
          seen.push([input, init])
          return send(input, init)
        }
      : undefined

type Seen = { readonly headers: Headers; readonly body: string; readonly aborted: Promise<void> }

let requests: Seen[] = []
let server: ReturnType<typeof Bun.serve>
/** What the server answers; a test that needs more than an echo puts its own here. */
let answer: (request: Request) => Response | Promise<Response>

beforeEach(() => {
  requests = []
  answer = () => new Response("hello")
  server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    fetch: async (request) => {
      const aborted = new Promise<void>((resolve) =>
        request.signal.addEventListener("abort", () => resolve()),
      )
      requests.push({ headers: request.headers, body: await request.clone().text(), aborted })
      return answer(request)
    },
  })
})

afterEach(async () => {
  for (const dispose of undo.splice(0).toReversed()) dispose()
  if (pristine) Object.defineProperty(globalThis, "fetch", pristine)
  Reflect.deleteProperty(globalThis, Symbol.for("opencode-understudy/fetch@3"))
  await server.stop(true)
})

const url = (): string => server.url.href
const marked = { [stepMarkerHeader]: "t1" }

describe("a request that is not ours", () => {
  test("reaches the original with the very same arguments, and its promise is returned as it is", () => {
    const calls: unknown[][] = []
    const promise = Promise.resolve(new Response("x"))
    const foreign = Object.assign((...args: unknown[]) => (calls.push(args), promise), {
      preconnect: () => {},
    })
    Object.defineProperty(globalThis, "fetch", { ...pristine, value: foreign })
    install()
    const headers = new Headers({ a: "b" })
    const init = { headers, decompress: false, timeout: false }
    const input = new URL("http://localhost/")
    expect(fetch(input, init)).toBe(promise)
    expect(calls[0]?.[0]).toBe(input)
    expect(calls[0]?.[1]).toBe(init)
    expect(calls[0]).toHaveLength(2)
    void fetch("http://localhost/")
    expect(calls[1]).toHaveLength(1)
  })

  test("keeps its receiver", () => {
    const receivers: unknown[] = []
    const foreign = function (this: unknown): Promise<Response> {
      receivers.push(this)
      return Promise.resolve(new Response())
    }
    Object.defineProperty(globalThis, "fetch", { ...pristine, value: foreign })
    install()
    const self = {}
    void Reflect.apply(fetch, self, ["http://localhost/"])
    expect(receivers[0]).toBe(self)
  })

  test("with arguments that nobody can read fails in the original, not in us", async () => {
    install()
    const hostile = {
      get headers(): never {
        throw new TypeError("not readable")
      },
    }
    const original = (): unknown => Reflect.apply(realFetch, undefined, [url(), hostile])
    const outcome = (run: () => unknown): Promise<string> =>
      Promise.resolve()
        .then(run)
        .then(
          () => "answered",
          (error: unknown) => String(error),
        )
    expect(await outcome(() => fetch(url(), hostile as RequestInit))).toBe("TypeError: not readable")
    expect(await outcome(original)).toBe("TypeError: not readable")
  })

  test("with a marker that nobody claims is sent without it", async () => {
    install()
    expect(await (await fetch(url(), { headers: { ...marked, other: "kept" } })).text()).toBe("hello")
    expect(requests[0]?.headers.has(stepMarkerHeader)).toBe(false)
    expect(requests[0]?.headers.get("other")).toBe("kept")
  })
})

describe("the marker", () => {
  const post = { method: "POST", body: "the body" }
  const rows: readonly (readonly [name: string, send: () => Promise<Response>])[] = [
    ["a record", () => fetch(url(), { ...post, headers: { ...marked, other: "kept" } })],
    [
      "a record in another case",
      () => fetch(url(), { ...post, headers: { "X-Understudy-Step": "t1", other: "kept" } }),
    ],
    ["Headers", () => fetch(url(), { ...post, headers: new Headers({ ...marked, other: "kept" }) })],
    [
      "pairs",
      () =>
        fetch(url(), {
          ...post,
          headers: [
            [stepMarkerHeader, "t1"],
            ["other", "kept"],
          ],
        }),
    ],
    [
      "a map",
      () =>
        fetch(url(), {
          ...post,
          headers: new Map(Object.entries({ ...marked, other: "kept" })) as unknown as Headers,
        }),
    ],
    ["a Request", () => fetch(new Request(url(), { ...post, headers: { ...marked, other: "kept" } }))],
    [
      "a Request with an init",
      () => fetch(new Request(url(), { ...post, headers: { ...marked, other: "kept" } }), {}),
    ],
  ]
  for (const [name, send] of rows) {
    test(`in ${name} is found and never sent; all else is`, async () => {
      const seen: unknown[] = []
      install(passOn("t1", seen))
      await send()
      expect(seen).toHaveLength(1)
      expect(requests[0]?.headers.has(stepMarkerHeader)).toBe(false)
      expect(requests[0]?.headers.get("other")).toBe("kept")
      expect(requests[0]?.body).toBe("the body")
    })
  }

  test("is taken off a copy: the caller's own objects stay as they were", async () => {
    install(passOn("t1"))
    const headers = new Headers(marked)
    const init = { headers }
    await fetch(url(), init)
    expect(headers.get(stepMarkerHeader)).toBe("t1")
    expect(init.headers).toBe(headers)
  })

  test("Bun's own options in init are kept", async () => {
    answer = () => new Response(Bun.gzipSync("zipped"), { headers: { "content-encoding": "gzip" } })
    install(passOn("t1"))
    const response = await fetch(url(), { headers: marked, decompress: false } as RequestInit)
    expect(Buffer.from(Bun.gunzipSync(await response.bytes())).toString()).toBe("zipped")
  })

  test("still comes off after the last owner has gone, when somebody else kept our wrapper", async () => {
    const dispose = install(passOn("t1"))
    const kept = globalThis.fetch
    dispose()
    await kept(url(), { headers: marked })
    expect(requests[0]?.headers.has(stepMarkerHeader)).toBe(false)
  })
})

describe("installing and disposing", () => {
  const descriptor = (): PropertyDescriptor | undefined =>
    Object.getOwnPropertyDescriptor(globalThis, "fetch")

  test("fetch.preconnect is kept", () => {
    install()
    expect(fetch.preconnect).toBe(realFetch.preconnect)
    expect(fetch.name).toBe(realFetch.name)
  })

  test("the exact property is put back", () => {
    const before = { ...descriptor(), enumerable: false }
    Object.defineProperty(globalThis, "fetch", before)
    const dispose = install()
    expect(descriptor()).toMatchObject({ enumerable: false, writable: true, configurable: true })
    expect(descriptor()?.value).not.toBe(before.value)
    dispose()
    expect(descriptor()).toEqual(before)
  })

  test("disposing twice does no harm", () => {
    const first = install()
    install()
    first()
    first()
    expect(fetch).not.toBe(realFetch)
  })

  test("several instances share one wrapper, each gets its own requests, the last one puts fetch back", async () => {
    const [one, two]: [unknown[], unknown[]] = [[], []]
    const disposeOne = install(passOn("t1", one))
    const wrapper = globalThis.fetch
    const disposeTwo = install(passOn("t2", two))
    expect(globalThis.fetch).toBe(wrapper)
    await fetch(url(), { headers: { [stepMarkerHeader]: "t2" } })
    expect([one.length, two.length]).toEqual([0, 1])
    disposeTwo()
    await fetch(url(), { headers: marked })
    await fetch(url(), { headers: { [stepMarkerHeader]: "t2" } })
    expect([one.length, two.length]).toEqual([1, 1])
    disposeOne()
    expect(globalThis.fetch).toBe(realFetch)
  })

  test("a second copy of the package joins the first", async () => {
    const copy: { readonly wrapFetch: typeof wrapFetch } = await import(`${wrapperFile}?copy`)
    expect(copy.wrapFetch).not.toBe(wrapFetch)
    const seen: unknown[] = []
    install(passOn("t1"))
    const wrapper = globalThis.fetch
    const second = copy.wrapFetch(passOn("t2", seen))
    undo.push(second.dispose)
    expect(globalThis.fetch).toBe(wrapper)
    await fetch(url(), { headers: { [stepMarkerHeader]: "t2" } })
    expect(seen).toHaveLength(1)
  })

  for (const order of ["ours first", "theirs first"] as const) {
    test(`a foreign wrapper over ours, ${order} to go: no request is lost, none recurses`, async () => {
      const seen: unknown[] = []
      const dispose = install(passOn("t1", seen))
      const ours = globalThis.fetch
      let foreignCalls = 0
      const foreign = Object.assign(
        (...args: Parameters<typeof fetch>) => {
          foreignCalls += 1
          return ours(...args)
        },
        { preconnect: realFetch.preconnect },
      )
      globalThis.fetch = foreign
      await fetch(url(), { headers: marked })
      expect([seen.length, foreignCalls]).toEqual([1, 1])
      if (order === "ours first") {
        dispose()
        expect(globalThis.fetch).toBe(foreign)
        expect(await (await fetch(url())).text()).toBe("hello")
        globalThis.fetch = ours
        expect(await (await fetch(url())).text()).toBe("hello")
      } else {
        globalThis.fetch = ours
        dispose()
        expect(globalThis.fetch).toBe(realFetch)
      }
    })
  }

  /** As a plugin that has loaded before or behind us wraps it. */
  const wrappedBy = (calls: unknown[]): typeof fetch => {
    const inner = globalThis.fetch
    const foreign = (...args: Parameters<typeof fetch>) => {
      calls.push(args[1]?.headers)
      return inner(...args)
    }
    return (globalThis.fetch = Object.assign(foreign, { preconnect: realFetch.preconnect }))
  }

  test("after we went from under a foreign wrapper, a new instance works through it again", async () => {
    install()()
    const dispose = install()
    const foreign: unknown[] = []
    wrappedBy(foreign)
    dispose()
    const seen: unknown[] = []
    install(passOn("t1", seen))
    await fetch(url(), { headers: marked })
    expect([seen.length, foreign.length]).toEqual([1, 1])
  })

  test("a plugin from before us that puts back what it had found leaves no marker on a request", async () => {
    const found = globalThis.fetch
    wrappedBy([])
    const seen: unknown[] = []
    const wrapping = wrapFetch(passOn("t1", seen))
    undo.push(wrapping.dispose)
    globalThis.fetch = found
    expect(wrapping.standInFront()).toBe(true)
    await fetch(url(), { headers: marked })
    expect([seen.length, requests[0]?.headers.has(stepMarkerHeader)]).toEqual([1, false])
    wrapping.dispose()
    expect(globalThis.fetch).toBe(found)
    expect(wrapping.standInFront()).toBe(false)
  })

  test("so does one that has put it back between the last of us and the next", async () => {
    const found = globalThis.fetch
    wrappedBy([])
    const dispose = install()
    globalThis.fetch = found
    dispose()
    const seen: unknown[] = []
    install(passOn("t1", seen))
    await fetch(url(), { headers: marked })
    expect([seen.length, requests[0]?.headers.has(stepMarkerHeader)]).toEqual([1, false])
  })

  test("a plugin behind us is shown no marker, and gets each request once", async () => {
    const seen: unknown[] = []
    const wrapping = wrapFetch(passOn("t1", seen))
    undo.push(wrapping.dispose)
    const headers: unknown[] = []
    const foreign = wrappedBy(headers)
    expect(wrapping.standInFront()).toBe(true)
    await fetch(url(), { headers: { ...marked, other: "kept" } })
    expect([seen.length, headers]).toEqual([1, [{ other: "kept" }]])
    wrapping.dispose()
    expect(globalThis.fetch).toBe(foreign)
    expect(await (await fetch(url())).text()).toBe("hello")
  })

  test("what one of ours sends on through such a plugin is not looked at as a request without a marker", async () => {
    const looked: unknown[] = []
    const wrapping = wrapFetch(passOn("t1"), (_, init) => void looked.push(init?.method))
    undo.push(wrapping.dispose)
    wrappedBy([])
    wrapping.standInFront()
    await fetch(url(), { method: "POST", headers: marked })
    await fetch(url(), { method: "PUT" })
    expect(looked).toEqual(["PUT"])
  })

  test("one that also wants to be the first is let be in the end", () => {
    const { standInFront, dispose } = wrapFetch(() => undefined)
    undo.push(dispose)
    let letBe = 0
    for (let round = 0; round < 200; round += 1) {
      const foreign = wrappedBy([])
      expect(standInFront()).toBe(true)
      if (globalThis.fetch === foreign) letBe += 1
    }
    expect(letBe).toBe(198)
  })

  test("one that puts back what it had found after each request never leaves a marker on one", async () => {
    const found = globalThis.fetch
    const wrapping = wrapFetch(passOn("t1"))
    undo.push(wrapping.dispose)
    for (let round = 0; round < 20; round += 1) {
      globalThis.fetch = found
      expect(wrapping.standInFront()).toBe(true)
      await fetch(url(), { headers: marked })
    }
    expect(requests.filter(({ headers }) => headers.has(stepMarkerHeader))).toEqual([])
    wrapping.dispose()
    expect(globalThis.fetch).toBe(found)
  })

  test("a fetch that is an accessor is left alone, and we say so", () => {
    Object.defineProperty(globalThis, "fetch", { get: () => realFetch, configurable: true })
    const wrapping = wrapFetch(() => undefined)
    undo.push(wrapping.dispose)
    expect(wrapping.standInFront()).toBe(false)
    expect(globalThis.fetch).toBe(realFetch)
  })

  test("a fetch that cannot be written is left alone, and we say so", () => {
    // In a process of its own: such a property can never be put back.
    const script = `
      const { wrapFetch } = await import(${JSON.stringify(wrapperFile)})
      Object.defineProperty(globalThis, "fetch", { writable: false, configurable: false })
      console.log(wrapFetch(() => undefined).standInFront())`
    const child = Bun.spawnSync([process.execPath, "-e", script])
    expect(child.stderr.toString()).toBe("")
    expect(child.stdout.toString()).toBe("false\n")
  })

  test("a fetch that is writable but not configurable is wrapped and put back", () => {
    const script = `
      const { wrapFetch } = await import(${JSON.stringify(wrapperFile)})
      Object.defineProperty(globalThis, "fetch", { writable: true, configurable: false })
      const before = fetch
      const wrapping = wrapFetch(() => undefined)
      console.log(wrapping.standInFront(), fetch === before)
      wrapping.dispose()
      console.log(fetch === before)`
    const child = Bun.spawnSync([process.execPath, "-e", script])
    expect(child.stdout.toString()).toBe("true false\ntrue\n")
  })
})

describe("a step that is handled", () => {
  const claim: ClaimStep = () => (input, init, send) =>
    sendAttempt({ input, init, send }, 0).result.then((result) => {
      if (result.type === "response") return result.response
      throw result.type === "thrown" ? result.error : new Error("silent")
    })

  test("that is aborted before it is sent reaches no server, and rejects with the reason itself", async () => {
    install(claim)
    const reason = new Error("Esc")
    const promise = fetch(url(), { headers: marked, signal: AbortSignal.abort(reason) })
    expect(await promise.catch((error: unknown) => error)).toBe(reason)
    expect(requests).toEqual([])
  })

  test("that is aborted before the headers rejects with the reason, and the server sees it go", async () => {
    const arrived = Promise.withResolvers<void>()
    answer = async (request) => {
      arrived.resolve()
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve))
      return new Response()
    }
    install(claim)
    const controller = new AbortController()
    const promise = fetch(url(), { headers: marked, signal: controller.signal })
    await arrived.promise
    const reason = new Error("Esc")
    controller.abort(reason)
    expect(await promise.catch((error: unknown) => error)).toBe(reason)
    await requests[0]?.aborted
  })

  test("that is aborted in the middle of its body rejects the pending read, and the server sees it go", async () => {
    answer = () => new Response(endless("x"))
    install(claim)
    const controller = new AbortController()
    const response = await fetch(url(), { headers: marked, signal: controller.signal })
    const reader = response.body?.getReader()
    await reader?.read()
    controller.abort(new Error("Esc"))
    const readToEnd = async (): Promise<void> => {
      while (!(await reader?.read())?.done);
    }
    expect(await readToEnd().catch((error: unknown) => String(error))).toContain("Esc")
    await requests[0]?.aborted
  })

  test("that bears its signal in a Request is aborted by it", async () => {
    install(claim)
    const controller = new AbortController()
    controller.abort(new Error("Esc"))
    const request = new Request(url(), { headers: marked, signal: controller.signal })
    expect(await fetch(request).catch((error: unknown) => String(error))).toContain("Esc")
    expect(requests).toEqual([])
  })

  test("leaves no listener on the caller's signal", async () => {
    install(claim)
    const { signal } = new AbortController()
    const before = getEventListeners(signal, "abort").length
    for (let count = 0; count < 20; count += 1) await (await fetch(url(), { headers: marked, signal })).text()
    Bun.gc(true)
    expect(getEventListeners(signal, "abort").length).toBe(before)
  })

  test("sends its body once", async () => {
    install(claim)
    const body = new ReadableStream({
      start: (controller) => {
        controller.enqueue("once")
        controller.close()
      },
    })
    await fetch(url(), { method: "POST", headers: marked, body })
    expect(requests.map((request) => request.body)).toEqual(["once"])
  })
})

function endless(text: string): ReadableStream<string> {
  return new ReadableStream({
    pull: async (controller) => {
      await Bun.sleep(5)
      controller.enqueue(text)
    },
  })
}

test("a request without a marker is looked at by whoever wants to, as it is, until that one leaves", async () => {
  const seen: unknown[] = []
  const wrapping = wrapFetch(
    () => undefined,
    (...args) => void seen.push(args),
  )
  const staying = wrapFetch(() => undefined)
  undo.push(staying.dispose)
  const init = { headers: { "x-their": "own" } }
  await (await fetch(server.url, init)).text()
  expect(seen).toEqual([[server.url, init]])
  wrapping.dispose()
  await (await fetch(server.url, init)).text()
  expect(seen).toHaveLength(1)
})

test("a fault of whoever looks costs no request", async () => {
  const wrapping = wrapFetch(
    () => undefined,
    () => {
      throw new Error("a slip")
    },
  )
  undo.push(wrapping.dispose)
  expect(await (await fetch(server.url)).text()).toBe("hello")
})
