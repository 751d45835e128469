import { describe, expect, test } from "bun:test"
import {
  carriesMarker,
  createMayMark,
  markerHeader,
} from "../../../../../src/opencode/v1/in-flight/carries-marker.ts"
import { createFetchRoutes } from "../../../../../src/transport/fetch-routes.ts"

describe("the marker is put only where it is taken off again", () => {
  test.each([
    ["@ai-sdk/openai", true],
    ["@ai-sdk/openai-compatible", true],
    ["@ai-sdk/cohere", true],
    ["@openrouter/ai-sdk-provider", true],
    ["@ai-sdk/gateway", true],
    ["@ai-sdk/amazon-bedrock", true],
    ["@ai-sdk/amazon-bedrock/mantle", true],
    ["some-unknown-provider", false],
    ["file:///home/me/provider.ts", false],
    [undefined, false],
  ])("%p: %p", (npm, carries) => {
    expect(carriesMarker(npm, false)).toBe(carries)
  })

  test("not on requests to OpenAI that may go over a WebSocket", () => {
    expect(carriesMarker("@ai-sdk/openai", true)).toBe(false)
    expect(carriesMarker("@ai-sdk/openai-compatible", true)).toBe(true)
  })
})

test.each([
  ["@ai-sdk/openai", "x-understudy-step"],
  ["@ai-sdk/amazon-bedrock", "x-amzn-trace-id"],
  ["@ai-sdk/amazon-bedrock/mantle", "x-amzn-trace-id"],
])("the marker rides where nobody signs it: %s, %s", (npm, header) => {
  expect(markerHeader(npm)).toBe(header)
})

describe("a call is marked", () => {
  const headers = { "x-session-affinity": "ses_1" }
  const setUp = (webSocketsOn = false) => {
    const routes = createFetchRoutes(() => true)
    return { routes, mayMark: createMayMark(routes, () => webSocketsOn) }
  }

  test("of a known package at once", () => {
    const { mayMark } = setUp()
    expect(mayMark({ npm: "@ai-sdk/anthropic", providerID: "a", sessionID: "ses_1" })).toBe(true)
  })

  test("of an unknown package once its requests were seen to pass", () => {
    const { mayMark, routes } = setUp()
    const call = { npm: "their-own-provider", providerID: "a", sessionID: "ses_1" }
    expect(mayMark(call)).toBe(false)
    routes.see("http://p/v1/chat/completions", { headers, body: "{}" })
    expect(mayMark(call)).toBe(true)
  })

  test("not because a later request of the session, to another provider, was seen", () => {
    const { mayMark, routes } = setUp()
    const call = { npm: "their-own-provider", providerID: "a", sessionID: "ses_1" }
    expect(mayMark(call)).toBe(false)
    expect(mayMark({ npm: "@ai-sdk/anthropic", providerID: "b", sessionID: "ses_1" })).toBe(true)
    routes.see("http://p/v1/chat/completions", { headers, body: "{}" })
    expect(mayMark(call)).toBe(false)
  })

  test.each([
    ["of no package at all", undefined, false],
    ["to OpenAI where it may go over a WebSocket", "@ai-sdk/openai", true],
  ])("never because a request was seen: one %s", (_, npm, webSocketsOn) => {
    const { mayMark, routes } = setUp(webSocketsOn)
    const call = { npm, providerID: "a", sessionID: "ses_1" }
    expect(mayMark(call)).toBe(false)
    routes.see("http://p/v1/chat/completions", { headers, body: "{}" })
    expect(mayMark(call)).toBe(false)
  })
})
