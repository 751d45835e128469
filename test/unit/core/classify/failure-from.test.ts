import { describe, expect, test } from "bun:test"
import { classify } from "../../../../src/core/classify/classify.ts"
import { failureFromFrame, failureFromError } from "../../../../src/core/classify/failure-from.ts"

function kindOf(thrown: unknown): string {
  return classify(failureFromError(thrown), 0).kind
}

const refused = Object.assign(new Error("Unable to connect."), { code: "ConnectionRefused" })
const circular: Record<string, unknown> = { message: "Too many requests" }
circular["cause"] = circular

describe("failureFromError", () => {
  test("what the body says is no message besides", () => {
    const thrown = Object.assign(new Error("It is down"), { responseBody: "It is down" })
    expect(failureFromError(new Error("Failed", { cause: thrown }))).toMatchObject({
      body: "It is down",
      message: "Failed",
    })
  })

  const rows: readonly (readonly [string, unknown, string])[] = [
    ["a string", "fetch failed", "network"],
    ["nothing", undefined, "unknown"],
    ["a number", 429, "rate_limit"],
    ["an abort", new DOMException("gone", "AbortError"), "aborted"],
    ["a time-out", new DOMException("The operation timed out.", "TimeoutError"), "timeout"],
    ["Bun's refused connection", refused, "network"],
    ["a cause", new TypeError("failed", { cause: refused }), "network"],
    ["a cause of a cause", new Error("a", { cause: new Error("b", { cause: refused }) }), "network"],
    ["several errors", new AggregateError([new Error("x"), refused], "all failed"), "network"],
    ["a circle", circular, "rate_limit"],
    ["a cause that is a text", new Error("oops", { cause: "socket hang up" }), "network"],
    [
      "a status and a body",
      Object.assign(new Error("Bad Request"), {
        statusCode: 400,
        responseBody: "Your credit balance is too low",
      }),
      "billing",
    ],
    [
      "a value the SDK could not read",
      Object.assign(new Error("Type validation failed"), {
        value: { error: { code: "server_is_overloaded" } },
      }),
      "overloaded",
    ],
    [
      "an own property that throws",
      {
        get message(): string {
          throw new Error("no")
        },
      },
      "unknown",
    ],
  ]
  test.each(rows)("%s", (_, thrown, kind) => expect(kindOf(thrown)).toBe(kind))
})

describe("what is read of a thrown object", () => {
  const many = Array.from({ length: 20 }, (_, at) => ({ message: `m${at}` }))
  const chain = many.reduceRight<object | undefined>((cause, { message }) => ({ message, cause }), undefined)
  const rows: readonly (readonly [what: string, thrown: unknown, read: object])[] = [
    ["the least status", { status: 100 }, { status: 100 }],
    ["the largest status", { status: 599 }, { status: 599 }],
    ["what is no status", { status: 99, statusCode: 600 }, {}],
    ["the outermost status", { status: 400, cause: { status: 500 } }, { status: 400 }],
    ["a text said twice", { message: "a", cause: { message: "a" } }, { message: "a" }],
    ["two texts", { message: "a", cause: { message: "b" } }, { message: "a\nb" }],
    ["an empty text", { message: "" }, {}],
    ["a body", { responseBody: "b" }, { body: "b" }],
    ["a body that was parsed", { responseBody: { error: 1 } }, { body: '{"error":1}' }],
    ["an empty body", { responseBody: "" }, {}],
    ["no body", { responseBody: null }, {}],
    ["headers", { headers: new Headers({ A: "1" }) }, { headers: { a: "1" } }],
    ["headers of texts and numbers", { headers: { A: "1", B: 2, C: null } }, { headers: { a: "1", b: "2" } }],
    ["headers that are none", { headers: "a" }, {}],
    ["no headers", { headers: null }, {}],
    ["a name of its own", { name: "Mine" }, { name: "Mine" }],
    ["a wrapper's name", { name: "Error", cause: { name: "Mine" } }, { name: "Mine" }],
    ["a number as a code", { code: 7 }, { code: "7" }],
    ["a value as a text", { value: "v" }, { body: "v" }],
    ["a value as an object", { value: { a: 1 } }, { body: '{"a":1}' }],
    ["no value", { value: null }, {}],
    ["the first five of many errors", { errors: many }, { message: "m0\nm1\nm2\nm3\nm4" }],
    ["an error among strangers", { errors: [null, "x", 7, { message: "m" }] }, { message: "m" }],
    ["a cause in words", { cause: "c", data: "d" }, { message: "c" }],
    ["a cause without words", { cause: "" }, {}],
    ["other fields", { foo: 1 }, { body: '{"foo":1}' }],
    ["other fields of an error", Object.assign(new Error("e"), { foo: 1 }), { message: "e" }],
    [
      "a chain up to its twelfth link",
      chain,
      {
        message: many
          .slice(0, 12)
          .map((one) => one.message)
          .join("\n"),
      },
    ],
  ]
  test.each(rows)("%s", (_, thrown, read) => {
    expect(failureFromError(thrown)).toEqual(read as never)
  })
})

test("an OpenCode error gives its status, headers in lower case, body, name and code", () => {
  const data = {
    message: "Too Many Requests",
    statusCode: 429,
    responseHeaders: { "Retry-After": "7" },
    responseBody: "{}",
    metadata: { code: "ECONNRESET" },
  }
  expect(failureFromError({ name: "APIError", data })).toEqual({
    status: 429,
    headers: { "retry-after": "7" },
    body: "{}",
    code: "ECONNRESET",
    message: "Too Many Requests",
  })
})

test("an aborted message keeps its name", () => {
  const failure = failureFromError({ name: "MessageAbortedError", data: { message: "gone" } })
  expect(classify(failure, 0).kind).toBe("aborted")
})

test("a frame is its data, with or without the lines of an event stream", () => {
  const json = '{"error":{"code":429}}'
  expect(failureFromFrame(json).body).toBe(json)
  expect(failureFromFrame(`event: error\r\nid: 4\r\ndata: ${json}\r\n\r\n`).body?.trim()).toBe(json)
})

test("what the request said is no part of a failure, however large it is", () => {
  const prompt = "rate limit exceeded ".repeat(1_000_000)
  const failure = failureFromError({
    error: { type: "insufficient_quota", message: "no" },
    requestBodyValues: { messages: [{ role: "user", content: prompt }] },
  })
  expect(failure.body?.length).toBeLessThan(1_000)
  expect(classify(failure, 0).kind).toBe("billing")
})

test("an error behind a large prompt is read out of a frame", () => {
  const error = { type: "overloaded_error", message: "Overloaded" }
  const frame = `data: ${JSON.stringify({ messages: "quota exceeded ".repeat(100_000), error })}\n\n`
  expect(classify(failureFromFrame(frame), 0).kind).toBe("overloaded")
})

describe("an object that throws when it is asked what it is loses itself only", () => {
  const throws = (): never => {
    throw new Error("no")
  }
  const revoked = (): object => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  }
  const nameless = (fields: object): object => new Proxy(fields, { getPrototypeOf: throws })
  const message = "rate limit exceeded"
  const rows: readonly (readonly [where: string, thrown: object])[] = [
    ["as its data", { message, data: revoked() }],
    ["as its errors", { message, errors: revoked() }],
    ["among its errors", { message, errors: [revoked()] }],
    ["as its headers", { message, responseHeaders: revoked() }],
    ["as headers without a prototype", { message, responseHeaders: nameless({ a: "1" }) }],
    ["within its body", { responseBody: { error: { message, revoked: revoked() } } }],
    ["as a body that writes itself", { responseBody: { message, toJSON: throws } }],
    ["as a whole", nameless({ message, extra: 1 })],
  ]
  test.each(rows)("%s", (_, thrown) => expect(kindOf(thrown)).toBe("rate_limit"))
})

test("a long text of an error is clipped, and what stands behind it is still read", () => {
  const failure = failureFromError({ detail: "x".repeat(1_000_000), code: "insufficient_quota" })
  expect(failure.body?.length).toBeLessThan(10_000)
  expect(classify(failure, 0).kind).toBe("billing")
})

test("a field that throws loses itself and nothing else", () => {
  const error = {
    get name(): string {
      throw new Error("no")
    },
    data: {
      get statusCode(): number {
        throw new Error("no")
      },
      message: "rate limit exceeded",
    },
  }
  expect(kindOf(error)).toBe("rate_limit")
  expect(classify(failureFromError({ error, more: 1n }), 0).kind).toBe("rate_limit")
})
