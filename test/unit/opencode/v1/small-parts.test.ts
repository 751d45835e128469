import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../../src/config/schema.ts"
import { createOwnFaults } from "../../../../src/host/own-fault.ts"
import { createEntryInUse } from "../../../../src/failover/entry-in-use.ts"
import { createMayMark } from "../../../../src/opencode/v1/carries-marker.ts"
import { check } from "../../../../src/opencode/v1/check-answer.ts"
import { chunkTimeouts } from "../../../../src/opencode/v1/chunk-timeouts.ts"
import { createFetchRoutes } from "../../../../src/transport/fetch-routes.ts"
import { leaveFor } from "../../../../src/turn/transitions.ts"
import { makeWorld } from "../../failover/world.ts"

describe("what OpenCode refuses", () => {
  test.each([
    ["an error object", { name: "NotFoundError" }, 'OpenCode refused to do it: {"name":"NotFoundError"}'],
    ["an Error", new Error("no such session"), "OpenCode refused to do it: no such session"],
  ])("is said in its own words: %s", (_, error, message) => {
    expect(() => check("do it", { error })).toThrow(message)
  })

  test("is said in at most 300 characters of them", () => {
    const long = new Error("x".repeat(1_000))
    expect(() => check("do it", { error: long })).toThrow(/: x{300}$/)
  })

  test("because the session is gone is known by its kind, and no fault of ours", () => {
    const refused = (error: unknown): unknown => {
      try {
        return check("do it", { error })
      } catch (thrown) {
        return thrown
      }
    }
    const lines: string[] = []
    const faults = createOwnFaults({ log: (level, message) => void lines.push(`${level}: ${message}`) })
    faults.log(refused({ name: "NotFoundError" }))
    faults.log(refused({ name: "BadRequest" }))
    expect(lines[0]).toBe('info: OpenCode refused to do it: {"name":"NotFoundError"}')
    expect(lines[1]).toStartWith("error: an internal error")
  })

  test("is logged with its message, also where the stack does not hold it", () => {
    const lines: string[] = []
    const faults = createOwnFaults({ log: (_, message) => void lines.push(message) })
    faults.log(Object.assign(new TypeError("no such thing"), { stack: "Error\n    at somewhere" }))
    expect(lines[0]).toEndWith("TypeError: no such thing\nError\n    at somewhere")
  })

  test("is nothing where there is no error", () => {
    expect(() => check("do it", {})).not.toThrow()
  })
})

describe("OpenCode's own limit for a stream without a byte", () => {
  const limit = (options: unknown): number => chunkTimeouts({ provider: { a: { options } } })("a/own")
  test.each([
    [undefined, 300_000],
    [{}, 300_000],
    [{ chunkTimeout: 5_000 }, 5_000],
    [{ chunkTimeout: 0 }, 0],
    [{ chunkTimeout: false }, 0],
    [{ chunkTimeout: -1 }, 300_000],
    [{ chunkTimeout: "5" }, 300_000],
  ])("%p: %d ms", (options, expected) => {
    expect(limit(options)).toBe(expected)
  })

  test("is the usual one for providers that the configuration does not name", () => {
    expect(chunkTimeouts(undefined)("b/1")).toBe(300_000)
  })
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

describe("what the chain says of the model in use beyond the model", () => {
  const settings: SettingsInput = {
    agents: { build: { fallback_models: [{ model: "b/1", temperature: 0.2 }, "c/1"] } },
  }
  const begun = async () => {
    const world = makeWorld({ settings })
    await world.message("msg_1", "a/own")
    return { world, entryInUse: createEntryInUse(world.failover, world.sessions) }
  }

  test("is what stands in the list", async () => {
    const { entryInUse } = await begun()
    expect(entryInUse("ses_1", "b/1")).toEqual({ model: "b/1", temperature: 0.2 })
  })

  test("is nothing for the user's own model, for strangers and for unknown sessions", async () => {
    const { world, entryInUse } = await begun()
    expect(entryInUse("ses_1", "a/own")).toBeUndefined()
    expect(entryInUse("ses_1", "z/9")).toBeUndefined()
    expect(entryInUse("ses_9", "b/1")).toBeUndefined()
    world.change(leaveFor({ model: "b/1" }, {}))
    expect(entryInUse("ses_1", "a/own")).toBeUndefined()
  })
})
