import { afterEach, describe, expect, jest, test } from "bun:test"
import * as fc from "fast-check"
import { createAccountSend, fingerprintOf, type KeyChange } from "../../../src/accounts/account-send.ts"
import { createKeyHealth } from "../../../src/accounts/key-health.ts"
import { failureInStream, readFailure } from "../../../src/failover/read-failure.ts"
import { createOwnFaults, nameAlone } from "../../../src/host/own-fault.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"
import { boundedError } from "../../../src/transport/bounded-error.ts"
import type { FetchInit, FetchInput } from "../../../src/transport/fetch-arguments.ts"
import type { Send } from "../../../src/transport/fetch-wrapper.ts"
import { saidForAllKeys } from "../../../src/transport/for-all-keys.ts"
import { untilFirstToken } from "../../../src/transport/until-first-token.ts"
import { openaiChat } from "../../../src/transport/wire/openai-chat.ts"
import type { Asking } from "../../../src/turn/turn.ts"
import { makeWorld as makeFailoverWorld } from "../opencode/v1/world.ts"
import { turnOf } from "../turn/turn-of.ts"

const keys = ["key-one-0123456789", "key-two-0123456789", "key-three-0123456789"] as const
const [one, two, three] = keys
const request = { sessionID: "ses_1", model: "acme/large" } as const

type Answer = { readonly status: number; readonly headers?: Record<string, string>; readonly body?: BodyInit }

const limited = (seconds: number): Answer => ({
  status: 429,
  headers: { "retry-after": String(seconds) },
  body: '{"error":{"message":"rate limit"}}',
})
const dead: Answer = { status: 401, body: '{"error":{"message":"invalid api key"}}' }
const fine: Answer = { status: 200, body: "fine" }

const cooldown = { baseMs: 60_000, multiplier: 2, maxMs: 3_600_000 }

/** A provider that answers by the key that it is asked with. */
function makeWorld(
  answers: Record<string, Answer>,
  further: readonly string[] = [two, three],
  slip: () => void = () => undefined,
) {
  let clock = 1_000_000
  const now = () => clock
  const store = createMemoryStore({ now })
  const asked: string[] = []
  const changes: string[] = []
  const seen: unknown[] = []
  const faults: string[] = []
  const accountSend = createAccountSend({
    furtherKeys: () => further.map((key, index) => ({ key, number: index + 2 })),
    health: createKeyHealth({ store, cooldown, now, random: () => 0 }),
    limits: {
      seen: (account) => {
        slip()
        seen.push(`${account.account} ${account.keyNumber ?? ""}`.trim())
      },
    },
    keyChanged: ({ from, to, kind, until }: KeyChange) => {
      slip()
      changes.push(`${from.number} > ${to.number}: ${kind} for ${(until - clock) / 1_000} s`)
    },
    faults: createOwnFaults({ log: (_, text) => void faults.push(text) }, nameAlone),
    now,
  })
  let isCut = false
  const send: Send = (input, init) => {
    const key = new Request(input, init).headers.get("x-api-key") ?? ""
    asked.push(key)
    if (isCut) return Promise.reject(new Error("the line is cut"))
    const { status, headers, body } = answers[key] ?? fine
    return Promise.resolve(new Response(body ?? "", { status, ...(headers && { headers }) }))
  }
  const ask = (input: FetchInput = "https://api.example", init?: FetchInit, asking: Partial<Asking> = {}) =>
    accountSend({ ...request, ...asking }, send)(
      input,
      init ?? { method: "POST", body: "{}", headers: { "x-api-key": one } },
    )
  return {
    ask,
    askFor: (asking: Partial<Asking>) => ask(undefined, undefined, asking),
    asked: () => asked.splice(0),
    changes,
    seen,
    faults,
    store,
    pass: (ms: number) => void (clock += ms),
    cut: (is: boolean) => void (isCut = is),
    answers,
  }
}

/** Whether the answer leaves the model to other sessions. */
const isOfOneSession = (response: Response) => saidForAllKeys(response)?.concernsOneSession === true

/** How long the answer puts the model out of use for all sessions, in milliseconds. */
async function tripped(response: Response): Promise<number | undefined> {
  const { failover, store, now } = makeFailoverWorld()
  const started = response.ok ? await untilFirstToken(response, openaiChat, (run) => run()) : undefined
  const failure = started
    ? failureInStream({ type: "frame", text: started.error ?? "" })
    : await readFailure(boundedError(response))
  await failover.judge(turnOf({ inUse: { model: request.model, requests: 1 } }), failure, undefined)
  const until = store.circuit("model:acme/large")?.until
  return until && until - now()
}

afterEach(() => void jest.useRealTimers())

describe("a key that fails", () => {
  test.each<[string, Answer, string]>([
    ["is limited", limited(30), "rate_limit for 30 s"],
    ["is dead", dead, "auth for 3600 s"],
    [
      "is out of credit",
      { status: 402, body: '{"error":{"message":"insufficient credits"}}' },
      "billing for 3600 s",
    ],
    [
      "has used up its quota",
      {
        status: 429,
        body: '{"error":{"type":"usage_limit_reached","message":"The usage limit has been reached"}}',
      },
      "quota for 60 s",
    ],
  ])("because it %s: the same request goes out with the next", async (_, answer, change) => {
    const { ask, asked, changes, seen } = makeWorld({ [one]: answer })
    const response = await ask()
    expect(await response.text()).toBe("fine")
    expect(asked()).toEqual([one, two])
    expect(changes).toEqual([`1 > 2: ${change}`])
    expect(seen).toEqual([`acme#${fingerprintOf(one)} 1`, `acme#${fingerprintOf(two)} 2`])
  })

  test("is spared by the next request, and comes back when its rest is over", async () => {
    const world = makeWorld({ [one]: limited(30) })
    await world.ask()
    world.asked()
    await world.ask()
    expect(world.asked()).toEqual([two])
    world.pass(30_000)
    const answers: Record<string, Answer> = world.answers
    answers[one] = fine
    await world.ask()
    expect(world.asked()).toEqual([one])
    expect(world.store.circuits()).toEqual([])
  })

  test("is asked by one request only when its rest is over", async () => {
    const world = makeWorld({ [one]: limited(30) })
    await world.ask()
    world.asked()
    world.pass(30_000)
    await Promise.all([world.ask(), world.ask(), world.ask()])
    expect(world.asked().filter((key) => key === one)).toHaveLength(1)
  })
})

test("a good answer to a request from before a key's failure does not end its rest", () => {
  const store = createMemoryStore({ now: () => 10 })
  const health = createKeyHealth({ store, cooldown, now: () => 10, random: () => 0 })
  const key = { number: 1, fingerprint: "f" }
  health.failed("acme", key, { kind: "rate_limit", scope: "model", rule: "a rule" })
  health.succeeded("acme", key, 9)
  expect(store.circuits()).toHaveLength(1)
  health.succeeded("acme", key, 10)
  expect(store.circuits()).toEqual([])
})

test("a key whose rest is over is asked again after a request that came to nothing", async () => {
  const { ask, asked, pass, cut } = makeWorld({ [one]: limited(30) })
  await ask()
  pass(30_000)
  cut(true)
  expect(await ask().catch(String)).toContain("the line is cut")
  cut(false)
  asked()
  await ask()
  expect(asked()[0]).toBe(one)
})

test("a key whose rest is over is asked again after a failure that lies not in it", async () => {
  const { ask, asked, pass, answers, store } = makeWorld({ [one]: limited(30) })
  await ask()
  const [circuit] = store.circuits()
  pass(30_000)
  answers[one] = { status: 500, body: "{}" }
  asked()
  for (const _ of [1, 2]) expect((await ask()).status).toBe(500)
  expect(asked()).toEqual([one, one])
  // Nor has it recovered by that.
  expect(store.circuits()).toMatchObject([{ until: circuit?.until, failures: circuit?.failures }])
})

test("a key that another process is quicker to ask is left to it, where there is another one", async () => {
  const { ask, asked, store } = makeWorld({}, [two])
  const busy = new Set<string>([one])
  const takeProbe: typeof store.takeProbe = (key) =>
    [...busy].some((name) => key.endsWith(fingerprintOf(name)))
      ? { state: "busy", until: 0 }
      : { state: "not-needed" }
  Object.assign(store, { takeProbe })
  await ask()
  expect(asked()).toEqual([two])
  busy.add(two)
  expect((await ask()).status).toBe(200)
  expect(asked()).toEqual([two])
})

test("what another key cannot help with goes on as it is", async () => {
  for (const status of [500, 503, 529, 400]) {
    const { ask, asked, changes, store } = makeWorld({ [one]: { status, body: "{}" } })
    expect((await ask()).status).toBe(status)
    expect(asked()).toEqual([one])
    expect(changes).toEqual([])
    expect(store.circuits()).toEqual([])
  }
})

describe("a key of another account, which refuses what the session holds", () => {
  const foreign: Answer = { status: 400, body: '{"error":{"code":"invalid_encrypted_content"}}' }
  const noModel: Answer = {
    status: 404,
    body: '{"error":{"code":"model_not_found","message":"no such model"}}',
  }
  test.each([foreign, noModel])("is passed over: the next key is asked", async (refusal) => {
    const { ask, asked, changes, store } = makeWorld({ [one]: limited(50), [two]: refusal })
    expect(await (await ask()).text()).toBe("fine")
    expect(asked()).toEqual([one, two, three])
    expect(changes).toEqual(["1 > 2: rate_limit for 50 s", expect.stringMatching(/^2 > 3: \w+ for 0 s$/)])
    expect(store.circuits().map(({ keyNumber }) => keyNumber)).toEqual([1])
    // Known by now, and no news.
    await ask()
    expect(asked()).toEqual([three])
    expect(changes).toHaveLength(2)
  })

  test("is passed over in a new session, too, where it lacks the model", async () => {
    const { ask, asked, changes } = makeWorld({ [one]: noModel })
    for (const _ of [1, 2]) expect((await ask()).status).toBe(200)
    expect(asked()).toEqual([one, two, two])
    expect(changes).toEqual(["1 > 2: model_not_found for 0 s"])
  })

  test("lets the model be missing where no other has it", async () => {
    const { ask, asked } = makeWorld({ [one]: noModel, [two]: noModel }, [two])
    const response = await ask()
    expect([response.status, isOfOneSession(response), asked()]).toEqual([404, false, [one, two]])
  })

  test.each<[string, Answer, Answer, number, string[][]]>([
    ["a key that rests is back", noModel, limited(900), 900_000, [[one, two], [one]]],
    ["a key that rests is back, and comes first", limited(900), noModel, 900_000, [[one, two], [two]]],
    ["as ever where the other is dead", noModel, dead, 60_000, [[one, two], [one]]],
  ])("puts the model out of use until %s", async (_, first, second, forMs, keysAsked) => {
    const { ask, asked } = makeWorld({ [one]: first, [two]: second }, [two])
    for (const keys of keysAsked) {
      const response = await ask()
      expect([isOfOneSession(response), asked()]).toEqual([false, keys])
      expect(await tripped(response)).toBe(forMs)
    }
  })

  test("refuses the request where it has the model that another lacks", async () => {
    const { ask, asked } = makeWorld({ [one]: noModel, [two]: foreign }, [two])
    const response = await ask()
    expect([response.status, await tripped(response), asked()]).toEqual([400, undefined, [one, two]])
  })

  test("is asked by other sessions", async () => {
    const { ask, askFor, asked, answers } = makeWorld({ [one]: limited(50), [two]: foreign })
    await ask()
    answers[two] = fine
    asked()
    await askFor({ sessionID: "ses_2" })
    expect(asked()).toEqual([two])
  })

  test.each([
    ["one model, which says nothing of the next", noModel, [two], [three]],
    ["the session, whatever the model", foreign, [three], [three]],
  ])("refuses %s", async (_, refusal, ofNext, ofSame) => {
    const { ask, askFor, asked, answers } = makeWorld({ [one]: limited(50), [two]: refusal })
    await ask()
    answers[two] = fine
    asked()
    await askFor({ model: "acme/small" })
    expect(asked()).toEqual(ofNext)
    await ask()
    expect(asked()).toEqual(ofSame)
  })

  test("leaves the answer to a key that could not say, and that is none of the model", async () => {
    const { ask, asked, changes } = makeWorld({ [one]: limited(50), [two]: foreign }, [two])
    const response = await ask()
    expect([
      response.status,
      response.headers.get("retry-after"),
      response.headers.get("retry-after-ms"),
    ]).toEqual([429, "50", null])
    expect(isOfOneSession(response)).toBe(true)
    // OpenCode keeps an error's headers, and shares them.
    expect([...response.headers.keys()]).toEqual(["retry-after"])
    expect(asked()).toEqual([one, two])
    expect(changes).toHaveLength(1)
  })

  test("leaves the answer to a key that rests, as it would have been without us", async () => {
    const { ask, asked } = makeWorld({ [one]: limited(50), [two]: foreign }, [two])
    await ask()
    asked()
    const response = await ask()
    expect([response.status, isOfOneSession(response)]).toEqual([429, true])
    expect(asked()).toEqual([two, one])
  })

  test("gives the answer itself where the others are no more than dead", async () => {
    const { ask, asked, answers, pass } = makeWorld({ [one]: dead, [two]: foreign }, [two])
    const response = await ask()
    expect([response.status, isOfOneSession(response)]).toEqual([400, true])
    expect(asked()).toEqual([one, two])
    // Known by now, and not asked again for nothing.
    const later = await ask()
    expect([later.status, isOfOneSession(later)]).toEqual([400, true])
    expect(asked()).toEqual([two])
    // Its rest is over: somebody may have seen to it.
    pass(3_600_000)
    answers[one] = fine
    expect((await ask()).status).toBe(200)
    expect(asked()).toEqual([one])
  })

  test("may be OpenCode's own, in a session that another key has begun", async () => {
    const { ask, asked, answers, pass, changes } = makeWorld({ [one]: limited(50) }, [two])
    await ask()
    pass(60_000)
    answers[one] = foreign
    asked()
    for (const _ of [1, 2]) expect((await ask()).status).toBe(200)
    expect(asked()).toEqual([one, two, two])
    expect(changes.slice(1)).toEqual(["1 > 2: bad_request for 0 s"])
  })

  test.each([
    ['{"input":[{"type":"reasoning","encrypted_content":"gAAA"}]}', 200, [one, two]],
    ['{"contents":[{"parts":[{"text":"","thoughtSignature":"CiQB"}]}]}', 200, [one, two]],
    [JSON.stringify({ input: 'what is "encrypted_content": "…"?' }), 400, [one]],
    ['{"input":[{"type":"reasoning","encrypted_content":""}]}', 400, [one]],
    ['{"tools":[{"parameters":{"properties":{"encrypted_content":{"type":"string"}}}}]}', 400, [one]],
    ['{"messages":[{"content":[{"type":"tool_use","input":{"signature":"f(x)"}}]}]}', 400, [one]],
    ['{"messages":[{"content":[{"type":"thinking","thinking":"","signature":"EqQB"}]}]}', 400, [one]],
  ])(
    "may be OpenCode's own, in a session that another process has begun: %s",
    async (body, status, keysAsked) => {
      const { ask, asked } = makeWorld({ [one]: foreign })
      const response = await ask(undefined, { headers: { "x-api-key": one }, body })
      expect([response.status, asked()]).toEqual([status, keysAsked])
    },
  )

  test("takes the session again once it has answered it", async () => {
    const { ask, asked, answers, pass } = makeWorld({ [one]: limited(50), [two]: foreign })
    await ask()
    Object.assign(answers, { [one]: fine, [two]: fine, [three]: limited(20) })
    await ask()
    asked()
    // The third one is well again by then.
    pass(25_000)
    await ask()
    expect(asked()).toEqual([two])
    pass(60_000)
    await ask()
    expect(asked()).toEqual([one])
  })
})

describe("an answer that has begun", () => {
  const address = "https://api.example/v1/chat/completions"
  const body = '{"stream":true,"messages":[]}'
  const frame = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
  const begun = `: PROCESSING\n\n${frame({ choices: [{ delta: { role: "assistant", content: "" } }] })}`
  const said = frame({ choices: [{ delta: { content: "hello" } }] })
  const failed = (message: string) => frame({ error: { code: 429, message } })
  const limit = failed(`Rate limit reached for ${two}`)
  const askIn = ({ ask }: ReturnType<typeof makeWorld>) =>
    ask(address, { method: "POST", body, headers: { "x-api-key": one } })

  test("and whose key is limited before the first token goes out with the next", async () => {
    const world = makeWorld({
      [one]: { status: 200, body: begun + limit },
      [two]: { status: 200, body: said },
    })
    expect(await (await askIn(world)).text()).toBe(said)
    expect(world.asked()).toEqual([one, two])
    expect(world.changes).toEqual(["1 > 2: rate_limit for 60 s"])
  })

  test("is an error where all are limited, without the key", async () => {
    const world = makeWorld({ [one]: limited(90), [two]: { status: 200, body: begun + limit } }, [two])
    const response = await askIn(world)
    expect([response.status, response.headers.get("content-type")]).toEqual([429, "application/json"])
    expect(await response.json()).toEqual({ error: { code: 429, message: "Rate limit reached for ***" } })
    expect(world.asked()).toEqual([one, two])
  })

  test.each([
    ["Rate limit reached", 429],
    ["The usage limit has been reached", 429],
    ["Insufficient credits", 402],
    ["Invalid API key", 401],
    ["max_tokens is too large", 400],
    ["The model `large` does not exist", 404],
  ])("and is over for %s is an error of its own", async (message, status) => {
    const body = begun + frame({ error: { message } })
    const world = makeWorld({ [one]: { status: 200, body }, [two]: { status: 200, body } }, [two])
    expect((await askIn(world)).status).toBe(status)
  })

  test.each([
    { code: "invalid_encrypted_content", message: "could not be verified" },
    { code: "model_not_found", message: "no such model" },
  ])("and whose account refuses it before the first token goes out with the next: $code", async (error) => {
    const refused: Answer = { status: 200, body: begun + frame({ error }) }
    const world = makeWorld({ [one]: limited(50), [two]: refused, [three]: { status: 200, body: said } })
    expect(await (await askIn(world)).text()).toBe(said)
    expect(world.asked()).toEqual([one, two, three])
  })

  test("and whose connection stays open is left at its error", async () => {
    let isLeft = false
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode(begun + limit)),
      cancel: () => void (isLeft = true),
    })
    jest.useFakeTimers()
    const world = makeWorld({ [one]: { status: 200, body }, [two]: { status: 200, body: said } })
    expect(await (await askIn(world)).text()).toBe(said)
    expect([isLeft, jest.getTimerCount()]).toEqual([true, 0])
  })

  test("trips no model where the other key refuses what the session holds", async () => {
    const foreign = '{"error":{"code":"invalid_encrypted_content"}}'
    const world = makeWorld(
      { [one]: { status: 200, body: begun + limit }, [two]: { status: 400, body: foreign } },
      [two],
    )
    expect(await tripped(await askIn(world))).toBeUndefined()
    expect(world.asked()).toEqual([one, two])
  })

  test.each<[string, Answer]>([
    ["begun", { status: 200, body: begun + failed("Rate limit reached. Try again in 1h.") }],
    ["of an error", { status: 429, body: '{"error":{"message":"Rate limit reached. Try again in 1h."}}' }],
  ])("trips the model for no longer than until another key is back: %s", async (_, answer) => {
    const world = makeWorld({ [one]: limited(50) }, [two])
    await askIn(world)
    world.answers[two] = answer
    const response = await askIn(world)
    expect(response.headers.get("retry-after-ms")).toBe("50000")
    expect(await tripped(response)).toBe(50_000)
  })

  test.each([
    ["fails behind the first token", begun + said + limit],
    ["fails for what lies not in the key", begun + failed("The server is overloaded").replace("429", "503")],
  ])("and %s is the answer", async (_, answer) => {
    const world = makeWorld({ [one]: { status: 200, body: answer } })
    expect(await (await askIn(world)).text()).toBe(answer)
    expect([world.asked(), world.changes]).toEqual([[one], []])
  })
})

describe("a bad request", () => {
  const bad: Answer = { status: 400, body: '{"error":{"message":"max_tokens is too large"}}' }

  test("is one where the only key that has taken the session says so", async () => {
    const { ask, asked, answers } = makeWorld({ [one]: limited(900) })
    await ask()
    answers[two] = bad
    asked()
    const response = await ask()
    expect([response.status, isOfOneSession(response)]).toEqual([400, false])
    expect(asked()).toEqual([two])
  })

  test("is one where every key says so", async () => {
    const { ask, asked, answers, pass } = makeWorld({ [one]: limited(20) }, [two])
    await ask()
    pass(30_000)
    Object.assign(answers, { [one]: fine })
    await ask()
    Object.assign(answers, { [one]: bad, [two]: bad })
    asked()
    const response = await ask()
    expect([response.status, isOfOneSession(response)]).toEqual([400, false])
    expect(await response.text()).toContain("max_tokens is too large")
    expect(asked()).toEqual([one, two])
  })
})

test("when all keys have failed, the answer is that of the key which is back first", async () => {
  const { ask, asked, changes } = makeWorld({ [one]: limited(50), [two]: limited(20), [three]: dead })
  const response = await ask()
  expect([response.headers.get("retry-after"), response.headers.get("retry-after-ms")]).toEqual(["20", null])
  expect(await response.text()).toContain("rate limit")
  expect(asked()).toEqual([one, two, three])
  expect(changes).toHaveLength(2)
  // Whether the model may be asked is decided elsewhere; asked once more, the key that is back first is the one.
  await ask()
  expect(asked()).toEqual([two])
})

test("when the last key that is well fails for long, the answer says when one that rests is back", async () => {
  const { ask, asked, answers, pass } = makeWorld({ [one]: limited(50) }, [two])
  await ask()
  answers[two] = { status: 402, body: '{"error":{"message":"insufficient credits"}}' }
  pass(20_000)
  const response = await ask()
  expect(asked()).toEqual([one, two, two])
  expect([response.status, response.headers.get("retry-after-ms")]).toEqual([402, "30000"])
  expect(await response.text()).toContain("insufficient credits")
})

test("when the only key that rested is a dead one, the answer says when that is asked again", async () => {
  const { ask, answers, pass } = makeWorld({ [one]: dead }, [two])
  await ask()
  answers[two] = limited(3_600)
  pass(3_000_000)
  const response = await ask()
  expect([response.status, response.headers.get("retry-after-ms")]).toEqual([429, "600000"])
})

test("a key that the provider repeats in its error does not leave with it", async () => {
  const body = `{"error":{"message":"Incorrect API key provided: ${two}"}}`
  const { ask } = makeWorld({ [one]: limited(50), [two]: { status: 401, body } }, [two])
  expect((await ask()).headers.get("retry-after")).toBe("50")
  const limit = `{"error":{"message":"Rate limit reached for key ${two}"}}`
  const alone = makeWorld({ [one]: limited(90), [two]: { status: 429, body: limit } }, [two])
  const response = await alone.ask()
  expect(response.status).toBe(429)
  expect(await response.text()).toBe('{"error":{"message":"Rate limit reached for key ***"}}')
})

test("what is kept of a key is its place and its fingerprint", async () => {
  const { ask, store } = makeWorld({ [one]: limited(50), [two]: dead })
  await ask()
  const kept = store.circuits()
  expect(kept.map(({ keyNumber, kind }) => [keyNumber, kind])).toEqual([
    [1, "rate_limit"],
    [2, "auth"],
  ])
  expect(kept.map(({ key }) => key)).toEqual([
    expect.stringMatching(/^key:acme#[0-9a-f]{16}$/),
    expect.stringMatching(/^key:acme#[0-9a-f]{16}$/),
  ])
  for (const key of keys) expect(JSON.stringify(kept)).not.toContain(key)
})

describe("a request is left alone that", () => {
  const rows: readonly (readonly [string, FetchInit])[] = [
    ["bears a login", { headers: { authorization: "Bearer sk-ant-oat01-x" } }],
    ["bears no key", { headers: {} }],
    ["can be sent only once", { method: "POST", body: new ReadableStream(), headers: { "x-api-key": one } }],
  ]
  test.each(rows)("%s", async (_, init) => {
    const { ask, changes, seen, store, faults } = makeWorld({ [one]: limited(50), "": limited(50) })
    expect((await ask("https://api.example", init)).status).toBe(429)
    expect([changes, faults]).toEqual([[], []])
    expect(seen).toEqual(["acme"])
    expect(store.circuits()).toEqual([])
  })

  test("bears the only key that there is", async () => {
    const { ask, changes, store } = makeWorld({ [one]: limited(50) }, [one])
    expect((await ask()).status).toBe(429)
    expect([changes, store.circuits()]).toEqual([[], []])
  })

  test("has an address that we cannot read", async () => {
    const { ask, faults } = makeWorld({})
    await ask("no address", { headers: { "x-api-key": one } }).catch(() => undefined)
    expect(faults).toHaveLength(1)
  })
})

test("an internal error in what is remembered and told costs no answer", async () => {
  const { ask, asked, faults } = makeWorld({ [one]: limited(50) }, [two], () => {
    throw new Error("a slip")
  })
  expect((await ask()).status).toBe(200)
  expect(asked()).toEqual([one, two])
  // No text of an error: it may hold the key.
  const told = "an internal error; OpenCode gets what it would have got without us: Error"
  expect(faults).toEqual([told, told, told])
})

describe("whatever its keys answer", () => {
  const answers = [
    fine,
    limited(1),
    limited(3_600),
    dead,
    { status: 402, body: '{"error":{"message":"insufficient balance"}}' },
    { status: 403, body: '{"error":{"message":"forbidden"}}' },
    { status: 404, body: '{"error":{"code":"model_not_found","message":"no such model"}}' },
    { status: 400, body: '{"error":{"message":"no such field"}}' },
    { status: 503 },
  ] as const
  const answer = fc.constantFrom<Answer>(...answers)
  const rounds = (third: fc.Arbitrary<Answer>) =>
    fc.array(
      fc.record({
        given: fc.tuple(answer, answer, third),
        sessionID: fc.constantFrom("ses_1", "ses_2"),
        pauseMs: fc.constantFrom(0, 2_000, 100_000, 4_000_000),
      }),
      { maxLength: 12 },
    )
  type Round = ReturnType<typeof rounds> extends fc.Arbitrary<(infer Each)[]> ? Each : never
  /** @returns of each request, which keys were asked, and the status of the answer */
  const play = async (given: readonly Round[]) => {
    const world = makeWorld({})
    const played: { readonly asked: readonly string[]; readonly status: number }[] = []
    for (const { given: byKey, sessionID, pauseMs } of given) {
      for (const [index, key] of keys.entries()) world.answers[key] = byKey[index] ?? fine
      const { status } = await world.askFor({ sessionID })
      played.push({ asked: world.asked(), status })
      world.pass(pauseMs)
    }
    expect(world.faults).toEqual([])
    return played
  }

  test("a request is sent once with each key at most, and the answer is that of one of them", () =>
    fc.assert(
      fc.asyncProperty(rounds(answer), async (given) => {
        for (const [index, { asked, status }] of (await play(given)).entries()) {
          expect(asked.length).toBeWithin(1, keys.length + 1)
          expect(new Set(asked).size).toBe(asked.length)
          const said = asked.map((key) => given[index]?.given[keys.findIndex((each) => each === key)]?.status)
          expect(said).toContain(status)
          if (status === 200) expect(said.at(-1)).toBe(200)
        }
      }),
    ))

  test("a request is answered where one key is well, unless it is the request or the server that is at fault", () =>
    fc.assert(
      fc.asyncProperty(rounds(fc.constant(fine)), async (given) => {
        for (const { status } of await play(given)) expect([200, 400, 503]).toContain(status)
      }),
    ))
})
