import { describe, expect, test } from "bun:test"
import { createDelegateHost } from "../../../../../src/opencode/v1/host/delegate-host.ts"

type Client = Parameters<typeof createDelegateHost>[0]

/** OpenCode's client, which answers all calls with the same. */
function setUp(answer: unknown) {
  const calls: unknown[] = []
  const call = (name: string) => (request: unknown) => {
    calls.push([name, request])
    return Promise.resolve(answer)
  }
  const session = { create: call("create"), get: call("get"), prompt: call("prompt"), abort: call("abort") }
  return { host: createDelegateHost({ session } as unknown as Client), calls }
}

const prompt = {
  sessionID: "ses_2",
  agent: "build",
  model: undefined,
  variant: undefined,
  text: "do it",
  tools: { delegate_task: false },
}
const refused = { error: { name: "BadRequest" } }

describe("a child session", () => {
  test("is made under its parent", async () => {
    const { host, calls } = setUp({ data: { id: "ses_2" } })
    expect(await host.createChild("ses_1", "A task")).toBe("ses_2")
    expect(calls).toEqual([["create", { body: { parentID: "ses_1", title: "A task" } }]])
  })

  test.each([
    ["without an id", { data: {} }, "no id"],
    ["that OpenCode refuses", refused, "create the child session"],
  ])("%s is an error", async (_, answer, message) => {
    const { host } = setUp(answer)
    expect(await host.createChild("ses_1", "A task").catch(String)).toContain(message)
  })

  test("is known by its parent", async () => {
    const { host, calls } = setUp({ data: { id: "ses_2", parentID: "ses_1" } })
    expect(await host.parentOf("ses_2")).toBe("ses_1")
    expect(calls).toEqual([["get", { path: { id: "ses_2" } }]])
    expect(await setUp({ data: { id: "ses_2" } }).host.parentOf("ses_2")).toBeUndefined()
    expect(await setUp(refused).host.parentOf("ses_2").catch(String)).toContain("read the session")
  })

  test("is prompted on the model and variant of the category, or on none", async () => {
    const { host, calls } = setUp({ data: { parts: [{ type: "text", text: "done" }] } })
    await host.promptChild({ ...prompt, model: "b/1", variant: "low" })
    await host.promptChild(prompt)
    const body = { agent: "build", tools: { delegate_task: false }, parts: [{ type: "text", text: "do it" }] }
    const model = { providerID: "b", modelID: "1" }
    expect(calls).toStrictEqual([
      ["prompt", { path: { id: "ses_2" }, body: { ...body, model, variant: "low" } }],
      ["prompt", { path: { id: "ses_2" }, body }],
    ])
  })

  test.each([
    [
      "is the last text that says something",
      [" ", "first", "last", "  "],
      { type: "answered", text: "last" },
    ],
    ["is none without a text", [], { type: "failed", message: "the child session ended without an answer" }],
  ])("its answer %s", async (_, texts, expected) => {
    const parts = texts.map((text) => ({ type: "text", text }))
    expect(await setUp({ data: { parts } }).host.promptChild(prompt)).toEqual(expected as never)
  })

  test("its answer is not what stands in parts that the model has not written", async () => {
    const parts = [
      { type: "text", text: "said" },
      { type: "text", text: "made up", synthetic: true },
      { type: "reasoning", text: "thought" },
    ]
    const { host } = setUp({ data: { parts } })
    expect(await host.promptChild(prompt)).toEqual({ type: "answered", text: "said" })
  })

  test.each([
    ["in its own words", { name: "APIError", data: { message: "rate limited" } }, "rate limited"],
    ["by its name", { name: "APIError" }, "APIError"],
    ["whatever it is", {}, "unknown error"],
  ])("its error is told %s", async (_, error, message) => {
    const { host } = setUp({ data: { info: { error }, parts: [{ type: "text", text: "half" }] } })
    expect(await host.promptChild(prompt)).toEqual({ type: "failed", message })
  })

  test("an answer of a shape that nobody knows is none", async () => {
    const { host } = setUp({ data: { parts: "strange" } })
    expect(await host.promptChild(prompt)).toMatchObject({ type: "failed" })
  })

  test("what OpenCode refuses is an error", async () => {
    const { host } = setUp(refused)
    expect(await host.promptChild(prompt).catch(String)).toContain("run the task")
    expect(await host.abort("ses_2").catch(String)).toContain("abort the task")
  })

  test("is aborted by its id", async () => {
    const { host, calls } = setUp({ data: true })
    await host.abort("ses_2")
    expect(calls).toEqual([["abort", { path: { id: "ses_2" } }]])
  })
})
