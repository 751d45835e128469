import { describe, expect, test } from "bun:test"
import { settingsSchema } from "../../../../src/config/schema.ts"
import type { Catalog } from "../../../../src/core/catalog.ts"
import { addDelegateTask } from "../../../../src/opencode/v2/delegate.ts"
import type { SessionInfo, Tool } from "../../../../src/opencode/v2/host/context.ts"
import { parentMetadata, startedFor } from "../../../../src/opencode/v2/lending/session-model.ts"
import { categoryRegistry } from "../../../../src/turn/category-registry.ts"
import { catalogOf } from "../../catalog-of.ts"

const { categories } = settingsSchema.parse({
  categories: { deep: { model: "a/1", variant: "high", description: "hard work" }, quick: {} },
})

const assistant = (...texts: readonly string[]): unknown => ({
  type: "assistant",
  content: texts.map((text) => ({ type: "text", text })),
})

async function tool(
  messages: unknown,
  given = categories,
  onCall?: (name: string) => void,
  known: Catalog = { known: false },
) {
  const added: Tool[] = []
  const calls: string[] = []
  let parent = "s"
  let isOver = false
  const note =
    (name: string) =>
    (input: object): Promise<unknown> => {
      calls.push(`${name} ${JSON.stringify(input)}`)
      onCall?.(name)
      return Promise.resolve({ id: "child" })
    }
  const context = {
    location: { directory: "/project" },
    agent: {
      list: () => Promise.resolve({ data: [{ id: "explore", model: { id: "1", providerID: "e" } }] }),
    },
    tool: {
      transform: (change: (tools: { add(tool: Tool): void }) => void) => {
        change({ add: (one) => void added.push(one) })
        return Promise.resolve()
      },
    },
    session: {
      create: (input: Pick<SessionInfo, "metadata">) => {
        parent = startedFor({ id: "child", ...input }) ?? ""
        return note("create")(input)
      },
      get: ({ sessionID }: { readonly sessionID: string }) =>
        Promise.resolve({
          id: sessionID,
          ...(sessionID === "child" && { metadata: parentMetadata(parent) }),
          ...(sessionID === "picked" && { model: { id: "1", providerID: "p" } }),
        }),
      switchAgent: note("agent"),
      switchModel: note("model"),
      prompt: note("prompt"),
      wait: async (input: object) => {
        await note("wait")(input)
        await new Promise((resolve) => setImmediate(resolve))
        isOver = true
      },
      interrupt: note("interrupt"),
      context: () => Promise.resolve(isOver ? messages : []),
    },
  }
  const catalog = (): Promise<Catalog> => Promise.resolve(known)
  await addDelegateTask({ ...context, catalog } as never, given, categoryRegistry())
  const call = async (
    input: unknown,
    sessionID = "s",
    signal = new AbortController().signal,
  ): Promise<string> =>
    (await added[0]?.execute(input, { sessionID, signal }))?.content.map(({ text }) => text).join() ?? ""
  return { added, calls, call }
}

const task = { category: "deep", description: "a task", prompt: "do it" }

describe("delegate_task", () => {
  test("is not there where no category is configured", async () => {
    expect((await tool([], {})).added).toEqual([])
  })

  test("takes texts, of which two are needed", async () => {
    const { added } = await tool([])
    expect(added).toMatchObject([
      {
        name: "delegate_task",
        options: { codemode: false },
        input: {
          type: "object",
          required: ["description", "prompt"],
          additionalProperties: false,
          properties: {
            category: { type: "string" },
            prompt: { type: "string" },
            session_id: { type: "string" },
          },
        },
      },
    ])
    expect(added[0]?.description).toContain("hard work")
  })

  const models = async (sessionID: string, input: object): Promise<readonly string[]> => {
    const { call, calls } = await tool([assistant("the answer")])
    await call({ ...task, category: "deep" }, sessionID)
    calls.length = 0
    await call({ ...task, category: undefined, ...input }, sessionID)
    return calls.flatMap((line) =>
      line.startsWith("model ") ? [JSON.parse(line.slice(6)).model.providerID] : [],
    )
  }

  // OpenCode tells of each switch some time later: one too many would be taken for the user's choice.
  test.each([{}, { session_id: "child" }])(
    "switches once, to the agent's or the category's model, or to the caller's: %p",
    async (more) => {
      expect(await models("picked", { ...more, subagent: "general" })).toEqual(["p"])
      expect(await models("picked", { ...more, subagent: "explore" })).toEqual(["e"])
      expect(await models("picked", { ...more, category: "quick" })).toEqual(["p"])
      expect(await models("picked", { ...more, category: "deep" })).toEqual(["a"])
    },
  )

  test("runs the task in a child on the category's model, and gives its last words", async () => {
    const thought = { type: "reasoning", text: "what did I say?" }
    const content = ["begin", "the answer", " "].map((text) => ({ type: "text", text }))
    const last = { type: "assistant", content: [...content, thought] }
    const messages = [assistant("an earlier one"), { type: "user" }, last]
    const { call, calls } = await tool(messages)
    expect(await call(task)).toContain("the answer")
    expect(calls.map((line) => line.replace(/ .*/, ""))).toEqual([
      "create",
      "agent",
      "model",
      "prompt",
      "wait",
    ])
    expect(calls[0]).toBe(
      'create {"title":"a task","location":{"directory":"/project"},"metadata":{"understudy":{"parentID":"s"}}}',
    )
    expect(calls[2]).toBe('model {"sessionID":"child","model":{"id":"1","providerID":"a","variant":"high"}}')
    expect(calls[3]).toContain("do it")
  })

  test("asks the model without a variant that it does not have", async () => {
    const known = catalogOf({ "a/1": { variants: ["low"] } })
    const { call, calls } = await tool([assistant("the answer")], categories, undefined, known)
    await call(task)
    expect(calls[2]).toBe('model {"sessionID":"child","model":{"id":"1","providerID":"a"}}')
  })

  test("leaves the model to OpenCode where the category has none", async () => {
    const { call, calls } = await tool([assistant("the answer")])
    await call({ ...task, category: "quick" })
    expect(calls.map((line) => line.replace(/ .*/, ""))).toEqual(["create", "agent", "prompt", "wait"])
  })

  test("ends its child when the user ends the turn", async () => {
    const user = new AbortController()
    const onCall = (name: string): void => void (name === "wait" && user.abort())
    const { call, calls } = await tool([assistant("the answer")], categories, onCall)
    await call(task, "s", user.signal).catch(() => undefined)
    expect(calls).toContain('interrupt {"sessionID":"child"}')
  })

  test("is not for a child: it might never end", async () => {
    const { call } = await tool([assistant("the answer")])
    await call(task)
    expect(call(task, "child")).rejects.toThrow("cannot delegate")
  })

  test("goes on in a child of its own and in no other session", async () => {
    const { call, calls } = await tool([assistant("the answer")])
    expect(await call({ ...task, session_id: "child" })).toContain("the answer")
    expect(calls.map((line) => line.replace(/ .*/, ""))).toEqual(["agent", "model", "prompt", "wait"])
    expect(call({ ...task, session_id: "elsewhere" })).rejects.toThrow("not a child session")
  })

  for (const [what, messages, said] of [
    ["an error", [{ type: "assistant", error: { message: "it broke" }, content: [] }], "it broke"],
    ["no text", [assistant(" ")], "without an answer"],
    ["no message", [], "without an answer"],
    ["nothing at all", undefined, "without an answer"],
    ["content that is none", [{ type: "assistant", content: "x" }], "without an answer"],
  ] as const)
    test(`tells of a child that ended with ${what}`, async () => {
      const { call } = await tool(messages)
      const answer = await call(task).catch((error: unknown) => String(error))
      expect(answer).toContain(said)
    })
})
