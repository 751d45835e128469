/** The bounds of what is read, and what of it is a code, a status or a field. */
import { describe, expect, test } from "bun:test"
import { gatherEvidence } from "../../../../src/core/classify/evidence.ts"

const read = (error: object) => gatherEvidence({ body: JSON.stringify({ error }) })
const codes = (error: object): readonly string[] => read(error).levels.flatMap((level) => level.codes)

test("codes are read up to 160 characters", () => {
  const longest = "x".repeat(160)
  expect(codes({ type: longest, reason: `${longest}x`, code: "", status: " " })).toEqual([longest])
})

test("of many texts the first 32 are read, of a list the first 50", () => {
  const errors = (count: number): readonly object[] =>
    Array.from({ length: count }, (_, at) => ({ message: `m${at}` }))
  expect(read({ errors: errors(40) }).text.split("\n")).toHaveLength(32)
  const list = Array.from({ length: 60 }, (_, at) => ({ type: `t${at}` }))
  expect(codes({ errors: list })).toHaveLength(50)
})

test("it is read fourteen levels deep, and two thousand values of it", () => {
  const nested = (levels: number): object => (levels === 0 ? { code: "deep" } : { cause: nested(levels - 1) })
  const found = (levels: number) => codes(nested(levels))
  expect([found(12), found(13)]).toEqual([["deep"], []])
  const ones = (length: number): readonly number[] => Array.from({ length }, () => 1)
  const wide = Object.fromEntries(Array.from({ length: 39 }, (_, at) => [`k${at}`, ones(50)]))
  const last = (more: number) =>
    gatherEvidence({ body: JSON.stringify({ ...wide, more: ones(more), type: "last" }) }).levels.at(1)?.codes
  expect([last(9), last(10)]).toEqual([["last"], []])
})

test("a long answer in JSON is read as a whole", () => {
  const [before, after] = ["x".repeat(3_000), "y".repeat(3_000)]
  expect(codes({ before, code: "between", after })).toEqual(["between"])
})

test("a status is no code", () => {
  expect(codes({ code: 429, status: 503, type: "limited" })).toEqual(["limited"])
})

describe("a status", () => {
  test.each([
    ["of the answer", { status: 300 }, 300],
    ["that is none of an error", { status: 299 }, undefined],
    ["of a field", { body: '{"code":429}' }, 429],
    ["of a field that is no status", { body: '{"limit":429}' }, undefined],
    ["at the end of a code", { body: '{"error_code":"InferHub.81101.429"}' }, 429],
    ["in place of a parameter", { body: '{"param":"422"}' }, 422],
  ] as const)("%s", (_, failure, status) => {
    const found = gatherEvidence(failure).levels.find(({ fieldStatus }) => fieldStatus !== undefined)
    expect(found?.fieldStatus).toBe(status)
  })
})

test("an error inside a text inside an error is one level further in each time", () => {
  const inner = { message: "no", code: "inner" }
  const { levels } = read({ message: JSON.stringify(inner), code: "outer" })
  expect(levels.flatMap(({ depth, codes: of }) => of.map((code) => [code, depth]))).toEqual([
    ["outer", 2],
    ["inner", 3],
  ])
})

test("the codes of AWS stand in headers, in front of a colon", () => {
  const headers = { "X-Amzn-ErrorType": "ThrottlingException:http://internal/", "retry-after": 3 as never }
  const evidence = gatherEvidence({ headers })
  expect(evidence.levels.map((level) => level.codes)).toEqual([
    ["throttlingexception", "throttling_exception"],
  ])
  expect(evidence.headers).toEqual({
    "x-amzn-errortype": "ThrottlingException:http://internal/",
    "retry-after": "3",
  })
})

test("a page says what it says without its tags, and a text that looks like one does not", () => {
  const text = (body: string): string => gatherEvidence({ body }).text
  expect(text("<html><style>p{}</style><h1>Bad gateway</h1></html>")).toBe("bad gateway")
  expect(text("a <b> c")).toBe("a <b> c")
})

test("the same failure is read once", () => {
  const failure = { message: "one" }
  expect(gatherEvidence(failure)).toBe(gatherEvidence(failure))
  expect(gatherEvidence({ message: "two" }).text).toBe("two")
})

describe("an HTTP status that a text names", () => {
  const named = (status: number | undefined, message: string): readonly number[] =>
    gatherEvidence({ status, message }).levels.flatMap(({ namedStatus }) => namedStatus ?? [])
  const echo = "Invalid schema for function 'x': description 'HTTP 503: overloaded' is not valid"

  test("is the supplier's, where a gateway says so under its own 400", () => {
    expect(named(400, "upstream error: HTTP 503: overloaded")).toEqual([503])
  })

  test.each([400, 422, undefined])("is the request's, where that is refused: %s", (status) => {
    expect(named(status, echo)).toEqual([])
  })

  test("is the supplier's, where a server says that it has failed", () => {
    expect(named(500, echo)).toEqual([503])
  })
})

test.each(["code", "httpCode", "upstream_status_code", "raw_status_code", "error_code"])(
  "a field named %s holds a status",
  (name) => expect(read({ [name]: 408 }).levels.map(({ fieldStatus }) => fieldStatus)).toContain(408),
)

test.each(["grpcCode", "zipcode", "countdown"])("a field named %s holds none", (name) =>
  expect(read({ [name]: 408 }).levels.map(({ fieldStatus }) => fieldStatus)).not.toContain(408),
)
