import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import type { Toast } from "../../../../src/host/host.ts"
import { createHostWatch } from "../../../../src/opencode/v1/host-watch.ts"

function setUp() {
  const said: string[] = []
  const toasts: Toast[] = []
  const host = {
    log: (level: string, message: string) => void said.push(`${level}: ${message}`),
    toast: async (toast: Toast) => void toasts.push(toast),
  }
  const watch = createHostWatch(host)
  const created = (version: string): void =>
    watch.onEvent({ type: "session.created", properties: { info: { id: "ses_1", version } } }, () => false)
  const idle = (wasAborted: boolean): void =>
    watch.onEvent(
      { type: "session.status", properties: { sessionID: "ses_1", status: { type: "idle" } } },
      () => wasAborted,
    )
  return { watch, said, toasts, created, idle }
}

describe("an OpenCode that is not as we know it", () => {
  test("is told once in the log and once on the screen, and nothing is done", () => {
    const { watch, said, toasts, created } = setUp()
    expect(watch.isHostUnsupported()).toBe(false)
    created("2.0.0")
    created("2.0.0")
    expect(said).toHaveLength(1)
    expect(said[0]).toStartWith("warn: OpenCode 2.0.0 is not supported")
    expect(toasts.map(({ message, variant }) => [`warn: ${message}`, variant])).toEqual([
      [said[0] ?? "", "warning"],
    ])
    expect(watch.isHostUnsupported()).toBe(true)
    expect(watch.mayMark("a/own")).toBe(false)
  })

  test("is none as long as events say nothing", () => {
    const { said, watch } = setUp()
    watch.onEvent({ type: "session.updated" }, () => false)
    expect(said).toEqual([])
  })
})

describe("a turn that was lent", () => {
  test("is waited for: when OpenCode does not go on, failures are handled by a replay", () => {
    const { watch, said, idle } = setUp()
    for (const _ of [1, 2]) {
      expect(watch.mayMark("a/own")).toBe(true)
      watch.onSwitched("ses_1")
      idle(false)
    }
    expect(said.join()).toContain("did not continue with the next model")
    expect(watch.mayMark("a/own")).toBe(false)
  })

  test("that OpenCode goes on with is believed for good", () => {
    const { watch, said, idle } = setUp()
    watch.onSwitched("ses_1")
    watch.onStep("ses_1")
    for (const _ of [1, 2]) {
      watch.onSwitched("ses_1")
      idle(false)
    }
    expect(said).toEqual([])
  })

  test("that the user has ended proves nothing", () => {
    const { watch, said, idle } = setUp()
    for (const _ of [1, 2]) {
      watch.onSwitched("ses_1")
      idle(true)
    }
    expect(said).toEqual([])
  })
})

test("requests of a provider that were marked and never caught are told, and marked no more", () => {
  const { watch, said } = setUp()
  const answered = (providerID: string): void =>
    watch.onEvent(
      { type: "message.updated", properties: { info: { providerID, tokens: { output: 4 } } } },
      () => false,
    )
  for (const model of ["a/own", "b/1"] as const) watch.onMarked(model)
  watch.onCaught("b/1")
  for (const provider of ["a", "a", "b", "b"]) answered(provider)
  expect(said).toHaveLength(1)
  expect(said[0]).toContain("Requests to a do not pass")
  expect([watch.mayMark("a/other"), watch.mayMark("b/1")]).toEqual([false, true])
})

describe("OpenCode may speak over WebSockets", () => {
  const name = "OPENCODE_EXPERIMENTAL_WEBSOCKETS"
  const before = process.env[name]
  beforeEach(() => void delete process.env[name])
  afterEach(() => void (before === undefined ? delete process.env[name] : (process.env[name] = before)))

  test.each([
    [undefined, false],
    ["", false],
    ["0", false],
    ["False", false],
    ["no", false],
    ["1", true],
    ["true", true],
    ["anything", true],
  ])("%p: %p", (text, expected) => {
    if (text !== undefined) process.env[name] = text
    expect(setUp().watch.webSocketsOn()).toBe(expected)
  })

  test("in builds that never were a release", () => {
    const { watch, created } = setUp()
    created("0.0.0-dev-1")
    expect(watch.webSocketsOn()).toBe(true)
  })
})
