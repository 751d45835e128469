import { expect, test } from "bun:test"
import * as fc from "fast-check"
import type { FetchInit } from "../../../src/transport/fetch-arguments.ts"
import {
  newMarkerToken,
  stepMarkerHeader,
  takeStepMarker,
  unsignedMarkerHeader,
} from "../../../src/transport/step-marker.ts"

const url = "http://127.0.0.1/v1/messages"
const name = fc
  .stringMatching(/^[a-z][a-z0-9-]{0,12}$/)
  .filter((text) => text !== stepMarkerHeader && text !== "constructor")
const value = fc.stringMatching(/^[a-zA-Z0-9 ./=]{1,20}$/).map((text) => text.trim() || "x")
const token = fc.uuid()
/** The marker in any case: SDKs write header names as they please. */
const spelled = fc.mixedCase(fc.constant(stepMarkerHeader))
const headers = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 8 })

const forms = ["object", "pairs", "Headers", "Request"] as const

function request(
  form: (typeof forms)[number],
  pairs: readonly [string, string][],
): [input: string | Request, init: FetchInit] {
  const rest = { method: "POST", body: "{}" }
  switch (form) {
    case "object":
      return [url, { ...rest, headers: Object.fromEntries(pairs) }]
    case "pairs":
      return [url, { ...rest, headers: [...pairs] }]
    case "Headers":
      return [url, { ...rest, headers: new Headers([...pairs]) }]
    case "Request":
      return [new Request(url, { ...rest, headers: [...pairs] }), undefined]
  }
}

const sentHeaders = (input: unknown, init: FetchInit): readonly (readonly [string, string])[] =>
  [...new Headers(init?.headers ?? (input instanceof Request ? input.headers : []))].filter(
    ([key]) => key !== "content-type",
  )

test.each(forms)("the marker is taken off, whatever its spelling, and nothing else changes: %s", (form) => {
  const property = fc.property(headers, spelled, token, fc.nat(8), (others, marker, id, at) => {
    const pairs = [...others.slice(0, at), [marker, id] as [string, string], ...others.slice(at)]
    const taken = takeStepMarker(...request(form, pairs))
    expect(taken?.token).toBe(id)
    expect(sentHeaders(taken?.input, taken?.init)).toEqual(sentHeaders(...request(form, others)))
    if (form !== "Request") expect(taken?.init).toMatchObject({ method: "POST", body: "{}" })
  })
  fc.assert(property, { numRuns: 300 })
})

test.each(forms)("a request without the marker is none of ours: %s", (form) => {
  fc.assert(
    fc.property(headers, (others) => {
      expect(takeStepMarker(...request(form, others))).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

test.each([
  [{ prompt: [], headers: { [stepMarkerHeader]: "t-1", other: "kept" } }],
  [{ headers: { other: "kept", [stepMarkerHeader]: "t-1" }, prompt: [] }],
  [{ headers: { [stepMarkerHeader]: "t-1" }, tail: { [stepMarkerHeader]: "t-1" } }],
])("the marker is taken out of a body that repeats the headers: %j", (body) => {
  const text = JSON.stringify(body, undefined, 1)
  const taken = takeStepMarker(url, { body: text, headers: { [stepMarkerHeader]: "t-1" } })
  const sent = typeof taken?.init?.body === "string" ? taken.init.body : ""
  expect(sent).not.toContain("t-1")
  expect(sent).not.toContain("understudy")
  const others = JSON.parse(text, (key, value: unknown) => (key === stepMarkerHeader ? undefined : value))
  expect(JSON.parse(sent)).toEqual(others)
})

test("the marker is taken off behind AWS's signer, and a trace of somebody else's stays", () => {
  const token = newMarkerToken()
  const sign = { authorization: "AWS4-HMAC-SHA256 …" }
  const ours = takeStepMarker(url, { headers: { ...sign, [unsignedMarkerHeader]: token } })
  expect(ours).toMatchObject({ token, init: { headers: sign } })
  expect(ours?.init?.headers).not.toHaveProperty(unsignedMarkerHeader)
  expect(takeStepMarker(url, { headers: { [unsignedMarkerHeader]: "Root=1-67891233-abc" } })).toBeUndefined()
})

test("a body that only speaks of the marker is left alone", () => {
  const body = JSON.stringify({ messages: [{ content: `what is ${stepMarkerHeader}?` }] })
  expect(takeStepMarker(url, { body, headers: { [stepMarkerHeader]: "t-1" } })?.init?.body).toBe(body)
})

test.each([
  ["a text", url, undefined],
  ["a URL", new URL(url), undefined],
  ["a text with options", url, { method: "POST" }],
  ["a request without the marker", new Request(url, { headers: { "x-their": "own" } }), undefined],
])("%s without headers of ours is left alone", (_, input, init) => {
  expect(takeStepMarker(input, init)).toBeUndefined()
})

test("a header that is given twice stays so", () => {
  const given: [string, string][] = [
    ["x-their", "1"],
    ["x-their", "2"],
  ]
  const token = newMarkerToken()
  const taken = takeStepMarker(url, { headers: [...given, [stepMarkerHeader, token]] })
  expect(taken).toMatchObject({ token, init: { headers: given } })
})
