import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import type { Catalog } from "../../../../src/core/catalog.ts"
import { isAskedAgain } from "../../../../src/failover/refusal-text.ts"
import { type CaughtSteps, catchSteps } from "../../../../src/opencode/v1/caught-steps.ts"
import { createHostWatch } from "../../../../src/opencode/v1/host-watch.ts"
import type { AnnouncedStep, StepRequest } from "../../../../src/opencode/v1/in-flight/flight.ts"
import { stepMarkerHeader } from "../../../../src/transport/step-marker.ts"

const step: AnnouncedStep = { sessionID: "ses_1", messageID: "msg_1", model: "a/own", isStructured: false }
const address = "http://provider/v1/chat/completions"
const body = '{"stream":true,"messages":[]}'

const answered = {
  type: "message.updated",
  properties: { info: { role: "assistant", providerID: "a", tokens: { output: 1 } } },
}

const original = globalThis.fetch
let reached: { readonly headers: readonly string[]; readonly body: unknown }[] = []
let caught: CaughtSteps | undefined

/** The process's own `fetch`, as it stands there before us. */
function putFetch(property: PropertyDescriptor): void {
  Object.defineProperty(globalThis, "fetch", property)
}

beforeEach(() => {
  reached = []
  const value = async (_: unknown, init: RequestInit = {}): Promise<Response> => {
    reached.push({ headers: [...new Headers(init.headers).keys()], body: init.body })
    return new Response("the provider's")
  }
  putFetch({ value, configurable: true, writable: true })
})
afterEach(() => {
  caught?.dispose()
  putFetch({ value: original, configurable: true, writable: true })
})

function setUp(enabled: (sessionID: string) => boolean = () => true) {
  const handled: StepRequest[] = []
  const outside: (readonly [string, StepRequest["init"]])[] = []
  const handles =
    (kind: string) =>
    (request: StepRequest): Promise<Response> => {
      outside.push([kind, request.init])
      return request.send(request.input, request.init)
    }
  const viaKeys: string[] = []
  const logs: string[] = []
  const known = { images: true, pdf: true, toolCalls: true, contextTokens: 0 }
  const packages = [
    ["a/own", "@ai-sdk/anthropic"],
    ["a/other", "gitlab-ai-provider"],
  ] as const
  const models = new Map(packages.map(([model, npm]) => [model, { ...known, npm }]))
  const host = {
    log: (_: string, message: string) => void logs.push(message),
    toast: async () => undefined,
    catalog: async (): Promise<Catalog> => ({ known: true, providers: new Set(["a"]), models }),
  }
  const watch = createHostWatch(host)
  const steps = catchSteps({
    failover: { enabled },
    inFlight: async (request) => {
      handled.push(request)
      return request.send(request.input, request.init)
    },
    compaction: handles("compaction"),
    title: handles("title"),
    accountSend: ({ sessionID }, send) => {
      viaKeys.push(sessionID)
      return send
    },
    host,
    watch,
  })
  caught = steps
  return { steps, handled, outside, viaKeys, logs, watch }
}

const ask = async (token: string | undefined): Promise<string> => {
  const headers = token === undefined ? {} : { [stepMarkerHeader]: token }
  return (await fetch(address, { method: "POST", headers, body })).text()
}

test("a model's steps are sure to be caught where its package is known to go through fetch, as long as we do", async () => {
  const { steps, watch } = setUp()
  expect(await Promise.all((["a/own", "a/other", "b/own"] as const).map(steps.catches))).toEqual([
    true,
    false,
    false,
  ])
  watch.onMarked("a/own")
  for (let answers = 0; answers < 2; answers += 1) watch.onEvent(answered, () => false)
  expect(await steps.catches("a/own")).toBe(false)
})

test("no step is sure to be caught once we are gone", async () => {
  const { steps } = setUp()
  steps.dispose()
  expect(await steps.catches("a/own")).toBe(false)
})

describe("a request that was announced", () => {
  test("reaches the failover without its marker, and through the provider's keys", async () => {
    const { steps, handled, viaKeys } = setUp()
    expect(await ask(steps.announceStep(step))).toBe("the provider's")
    expect(handled).toMatchObject([{ ...step, input: address }])
    expect(reached).toEqual([{ headers: [], body }])
    expect(viaKeys).toEqual(["ses_1"])
  })

  test("is known as often as an SDK sends it, and forgotten when very many have followed", async () => {
    const { steps, handled } = setUp()
    const token = steps.announceStep(step)
    expect(steps.announceStep(step)).not.toBe(token)
    await ask(token)
    await ask(token)
    expect(handled).toHaveLength(2)
    for (let others = 0; others < 5_000; others += 1) steps.announceStep(step)
    await ask(token)
    expect(handled).toHaveLength(2)
  })

  test.each([
    ["where we are off", (sessionID: string): boolean => sessionID !== step.sessionID],
    [
      "where whether we are off cannot be told",
      (): boolean => {
        throw new Error("a slip")
      },
    ],
  ])("goes out with OpenCode's own key alone %s", async (_, enabled) => {
    const { steps, handled, viaKeys } = setUp(enabled)
    expect(await ask(steps.announceStep(step))).toBe("the provider's")
    expect([handled.length, viaKeys]).toEqual([1, []])
  })

  test.each([
    [false, '"stop"'],
    [true, '"tool_calls"'],
  ])(
    "of our own command is answered in the model's place, and no provider is asked; it goes on: %p",
    async (goesOn, finish) => {
      const { steps, handled } = setUp()
      const answer = await ask(steps.announceStep({ ...step, localReply: "all is well", goesOn }))
      expect(answer).toContain("all is well")
      expect(answer).toContain(`"finish_reason":${finish}`)
      expect([handled, reached]).toEqual([[], []])
    },
  )

  test("of our own command in a protocol that nobody knows is an error with the answer", async () => {
    const { steps } = setUp()
    const token = steps.announceStep({ ...step, localReply: "rate limit reached" }) ?? ""
    const asked = fetch("http://provider/other", { headers: { [stepMarkerHeader]: token } })
    const error = await asked.then(() => "", String)
    expect(error.replaceAll("\u2060", "")).toBe("Error: rate limit reached")
    expect(isAskedAgain(error)).toBe(false)
    expect(reached).toEqual([])
  })

  test.each([
    ["with the provider's keys", true, ["ses_1"]],
    ["as it is, where all switching is off", false, []],
  ])("outside of the loop goes out %s", async (_, isOn, keys) => {
    const { steps, handled, viaKeys } = setUp(() => isOn)
    expect(await ask(steps.announceStep({ ...step, outside: "title" }))).toBe("the provider's")
    expect([reached.map((sent) => sent.body), handled, viaKeys]).toEqual([[body], [], keys])
  })

  test.each(["compaction", "title"] as const)(
    "of a %s reaches its own failover, through the provider's keys",
    async (kind) => {
      const { steps, handled, outside, viaKeys } = setUp()
      const token = steps.announceStep({ ...step, outside: kind })
      expect(await ask(token)).toBe("the provider's")
      expect([handled.length, outside.map(([which]) => which), viaKeys]).toEqual([0, [kind], ["ses_1"]])
    },
  )

  test("for a title goes out without our own answers", async () => {
    const { steps, handled } = setUp()
    const token = steps.announceStep({ ...step, outside: "title", hides: ["messages"] })
    expect(await ask(token)).toBe("the provider's")
    expect(reached.map((sent) => sent.body)).toEqual([body.replace("messages", "(settings)")])
    expect(handled).toEqual([])
  })
})

test("a request without a marker, or with one that nobody knows, is sent as it is", async () => {
  const { handled } = setUp()
  expect(await ask(undefined)).toBe("the provider's")
  expect(await ask("understudy-unknown")).toBe("the provider's")
  expect(reached.map(({ headers }) => headers)).toEqual([[], []])
  expect(handled).toEqual([])
})

describe("no request is marked", () => {
  test("once the plugin is disposed of, and the process has its own fetch again", () => {
    const before = globalThis.fetch
    const { steps } = setUp()
    expect(globalThis.fetch).not.toBe(before)
    steps.dispose()
    expect(steps.announceStep(step)).toBeUndefined()
    expect(globalThis.fetch).toBe(before)
  })

  test("where fetch cannot be replaced, and the log says so", () => {
    putFetch({ get: () => original, configurable: true })
    const { steps, logs } = setUp()
    expect(steps.announceStep(step)).toBeUndefined()
    expect(logs.join()).toContain("failover inside the turn is not possible")
    steps.dispose()
  })

  test("of a provider whose requests were never caught; our own answers still are", () => {
    const { steps, watch } = setUp()
    const answered = (): void =>
      watch.onEvent(
        { type: "message.updated", properties: { info: { providerID: "a", tokens: { output: 1 } } } },
        () => false,
      )
    expect(steps.announceStep(step)).toBeDefined()
    answered()
    answered()
    expect(steps.announceStep(step)).toBeUndefined()
    expect(steps.announceStep({ ...step, localReply: "all is well" })).toBeDefined()
    expect(steps.announceStep({ ...step, hides: ["x"] })).toBeDefined()
    expect(steps.announceStep({ ...step, outside: "title" })).toBeUndefined()
  })

  test("a request outside of the loop tells nothing of its provider's way", () => {
    const { steps, watch } = setUp()
    steps.announceStep({ ...step, outside: "title" })
    const info = { providerID: "a", tokens: { output: 1 } }
    for (let count = 0; count < 2; count += 1)
      watch.onEvent({ type: "message.updated", properties: { info } }, () => false)
    expect(steps.announceStep(step)).toBeDefined()
  })

  test("again by answers of a provider whose requests are caught", async () => {
    const { steps, watch } = setUp()
    await ask(steps.announceStep(step))
    const event = {
      type: "message.updated",
      properties: { info: { providerID: "a", tokens: { output: 1 } } },
    }
    for (let count = 0; count < 3; count += 1) watch.onEvent(event, () => false)
    expect(steps.announceStep(step)).toBeDefined()
  })
})
