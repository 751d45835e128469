import { afterAll, beforeAll, expect, test } from "bun:test"
import { eventually } from "../../eventually.ts"
import {
  after,
  call,
  closedPort,
  cut,
  errorFrame,
  garbage,
  gate,
  pingsOnly,
  reset,
  say,
  silence,
  silenceAfterHeaders,
  Simulator,
  stall,
  status,
  type Step,
  stream,
  text,
  textWithoutEnd,
  trickle,
  wait,
} from "../../simulator/index.ts"

let simulator: Simulator
beforeAll(async () => {
  simulator = await Simulator.start()
})
afterAll(() => simulator[Symbol.asyncDispose]())

const MODEL = "alpha/one"

/** Sends a request; the model is `alpha/one` unless told otherwise. */
function send(signal?: AbortSignal, content = "hi", model = "one"): Promise<Response> {
  return fetch(`${simulator.origin}/alpha/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({ model, messages: [{ role: "user", content }] }),
    ...(signal === undefined ? {} : { signal }),
  })
}

const last = () => simulator.requests(MODEL).at(-1)

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
    return "no error"
  } catch (error) {
    return String((error as { code?: unknown }).code)
  }
}

test("reset: the client sees ECONNRESET before any header", async () => {
  simulator.script(MODEL, [reset()])
  expect(await codeOf(send())).toBe("ECONNRESET")
  expect(last()).toMatchObject({ answeredBy: "reset", status: undefined, clientAborted: false })
})

test("cut: what was said before the reset arrives", async () => {
  simulator.script(MODEL, [stream(say("half "), cut())])
  const response = await send()
  const reader = response.body?.getReader()
  const first = await reader?.read()
  expect(new TextDecoder().decode(first?.value as Uint8Array)).toContain("half ")
  expect(
    await codeOf(
      (async () => {
        while (!(await reader?.read())?.done);
      })(),
    ),
  ).toBe("ECONNRESET")
  expect(last()?.clientAborted).toBe(false)
})

test("a closed port refuses", async () => {
  const refused = fetch(`http://127.0.0.1:${await closedPort()}/`)
  expect(["ECONNREFUSED", "ConnectionRefused"]).toContain(await codeOf(refused))
})

const ENDLESS: readonly { readonly title: string; readonly step: Step; readonly headers: boolean }[] = [
  { title: "silence: no headers", step: silence(), headers: false },
  { title: "silenceAfterHeaders: headers only", step: silenceAfterHeaders(), headers: true },
  { title: "stall: text, then nothing", step: stream(say("x"), stall()), headers: true },
  { title: "pingsOnly: keep-alive frames", step: pingsOnly(5), headers: true },
]

test.each(ENDLESS)(
  "$title until the client leaves, and its leaving is recorded",
  async ({ step, headers }) => {
    simulator.script(MODEL, [step])
    const controller = new AbortController()
    // Those of the tests before are on record, too.
    const before = last()
    const answer = send(controller.signal)
    await simulator.waitForRequest((request) => request === last() && request !== before)
    if (headers) expect((await answer).status).toBe(200)
    const closed = codeOf(answer.then((response) => response.text()))
    controller.abort()
    await closed
    await eventually(() => last()?.clientAborted === true)
  },
)

test("keep-alive frames arrive while nothing else does", async () => {
  simulator.script(MODEL, [pingsOnly(1)])
  const controller = new AbortController()
  const reader = (await send(controller.signal)).body?.getReader()
  const first = await reader?.read()
  expect(new TextDecoder().decode(first?.value as Uint8Array)).toStartWith(": ping\n\n")
  controller.abort()
})

test("a stream without its end closes properly but says no [DONE]", async () => {
  simulator.script(MODEL, [textWithoutEnd("half")])
  const body = await (await send()).text()
  expect([body.includes("half"), body.includes("[DONE]"), body.includes('finish_reason":"')]).toEqual([
    true,
    false,
    false,
  ])
})

test("an error frame ends the stream without [DONE]", async () => {
  simulator.script(MODEL, [stream(say("half"), errorFrame())])
  const body = await (await send()).text()
  expect([body.includes("server_is_overloaded"), body.includes("[DONE]")]).toEqual([true, false])
})

test("garbage is no frame of the protocol", async () => {
  simulator.script(MODEL, [garbage()])
  expect(await (await send()).text()).toContain("data: {not json")
})

test("trickle sends word by word with pauses", async () => {
  simulator.script(MODEL, [trickle("one two three", 10)])
  const startedMs = performance.now()
  expect(await (await send()).text()).toContain("three")
  expect(performance.now() - startedMs).toBeGreaterThanOrEqual(29)
})

test("a status has the given headers and a body as it was given", async () => {
  simulator.script(MODEL, [
    status(503, { headers: { "retry-after": "12", "content-type": "text/html" }, body: "<h1>no</h1>" }),
  ])
  const response = await send()
  expect([response.status, response.headers.get("retry-after"), await response.text()]).toEqual([
    503,
    "12",
    "<h1>no</h1>",
  ])
})

test("a gate holds the headers, another one the middle of a stream", async () => {
  const [before, middle] = [gate(), gate()]
  simulator.script(MODEL, [after(before, stream(say("first "), wait(middle), say("second")))])
  let settled = false
  const answer = send().finally(() => {
    settled = true
  })
  await before.reached
  expect(settled).toBe(false)
  before.open()
  const response = await answer
  await middle.reached
  const request = last()
  expect(request?.endedAtMs).toBeUndefined()
  middle.open()
  expect(await response.text()).toContain("second")
})

test("a client that leaves at a gate frees the answer", async () => {
  const never = gate()
  simulator.script(MODEL, [after(never, text("too late"))])
  const controller = new AbortController()
  const answer = codeOf(send(controller.signal))
  await never.reached
  controller.abort()
  await answer
  await eventually(() => last()?.clientAborted === true)
  expect(last()?.answeredBy).toBeUndefined()
})

test("a script answers in order, then the default answer comes", async () => {
  simulator.script(MODEL, [status(500), text("two")])
  const statuses = [await send(), await send(), await send()]
  expect(statuses.map((response) => response.status)).toEqual([500, 200, 200])
  expect(await statuses[2]?.text()).toContain("hello")
})

test("always and the models are independent of one another", async () => {
  simulator.always("alpha/sick", status(503))
  simulator.script("alpha/well", [])
  const answers = [
    await send(undefined, "", "sick"),
    await send(undefined, "", "well"),
    await send(undefined, "", "sick"),
  ]
  expect(answers.map((response) => response.status)).toEqual([503, 200, 503])
})

test("a step may look at the request", async () => {
  simulator.script(MODEL, [
    (request) => (request.body["model"] === "one" ? stream(call("bash", {})) : status(500)),
  ])
  expect(await (await send()).text()).toContain('"finish_reason":"tool_calls"')
})

test("a title request has its own answer and leaves the script alone", async () => {
  simulator.script(MODEL, [status(500)])
  const title = await fetch(`${simulator.origin}/alpha/v1/chat/completions`, {
    method: "POST",
    body: JSON.stringify({
      model: "one",
      messages: [{ role: "system", content: "You are a title generator. …" }],
    }),
  })
  const before = simulator.requests(MODEL).length
  expect(await title.text()).toContain("title")
  expect((await send()).status).toBe(500)
  expect(simulator.requests(MODEL)).toHaveLength(before + 1)
  expect(simulator.requests(MODEL, "title")).toHaveLength(1)
})

test("waitForRequest says what came instead", async () => {
  const error = await simulator.waitForRequest("alpha/nobody", 20).catch((reason: unknown) => reason)
  expect(String(error)).toMatch(/within 20 ms\. Seen: .*alpha\/one/)
})
