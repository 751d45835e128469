import { describe, expect, test } from "bun:test"
import { createDelegateHost } from "../../../../../src/opencode/v1/host/delegate-host.ts"

type Client = Parameters<typeof createDelegateHost>[0]

/** OpenCode's client, which answers all calls with the same but those that are named. */
function setUp(answer: unknown, named: Readonly<Record<string, unknown>> = {}) {
  const calls: unknown[] = []
  const call = (name: string) => (request: unknown) => {
    calls.push([name, request])
    return Promise.resolve(named[name] ?? answer)
  }
  const session = {
    create: call("create"),
    get: call("get"),
    messages: call("messages"),
    prompt: call("prompt"),
    abort: call("abort"),
  }
  return {
    host: createDelegateHost({ session, app: { agents: call("agents") } } as unknown as Client),
    calls,
  }
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

  const body = { agent: "build", tools: { delegate_task: false }, parts: [{ type: "text", text: "do it" }] }

  test("is prompted on the model and variant of the category", async () => {
    const { host, calls } = setUp({ data: { parts: [{ type: "text", text: "done" }] } })
    await host.promptChild({ ...prompt, model: "b/1", variant: "low" })
    const model = { providerID: "b", modelID: "1" }
    expect(calls).toStrictEqual([
      ["prompt", { path: { id: "ses_2" }, body: { ...body, model, variant: "low" } }],
    ])
  })

  const model = { providerID: "p", modelID: "1" }
  const agents = { data: [{ name: "plan", model: { providerID: "c", modelID: "1" } }, { name: "build" }] }
  const get = { data: { id: "ses_2", parentID: "ses_1" } }
  const messages = { data: [{ info: { role: "assistant", ...model } }] }

  test.each([
    ["the one that calls it, where its agent has none", { agents, get, messages }, { model }],
    [
      "its agent's, which OpenCode finds",
      { agents: { data: [{ name: "build", model }] }, get, messages },
      {},
    ],
    ["OpenCode's default, where it has no parent", { agents, get: { data: { id: "ses_2" } }, messages }, {}],
    ["OpenCode's default, where the calling one is not to be had", { agents, get, messages: refused }, {}],
  ])("without a category's its model is %s", async (_, named, expected) => {
    const { host, calls } = setUp({ data: {} }, named)
    await host.promptChild(prompt)
    expect(calls.at(-1)).toStrictEqual(["prompt", { path: { id: "ses_2" }, body: { ...expected, ...body } }])
  })

  test("whose model calls it is read from its parent's newest answer, behind which prompts may wait", async () => {
    const earlier = { role: "assistant", providerID: "c", modelID: "1" }
    const waiting = { role: "user", model: { providerID: "c", modelID: "1" } }
    const infos = [earlier, { role: "assistant", ...model }, waiting, waiting]
    const { host, calls } = setUp(
      { data: {} },
      { agents, get, messages: { data: infos.map((info) => ({ info })) } },
    )
    await host.promptChild(prompt)
    expect(calls).toContainEqual(["messages", { path: { id: "ses_1" }, query: { limit: 10 } }])
    expect(calls.at(-1)).toMatchObject(["prompt", { body: { model } }])
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
