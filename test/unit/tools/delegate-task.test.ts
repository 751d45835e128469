import { describe, expect, test } from "bun:test"
import { settingsSchema } from "../../../src/config/schema.ts"
import {
  type ChildAnswer,
  type ChildPrompt,
  createDelegateTask,
  delegateTaskName,
} from "../../../src/tools/delegate-task.ts"
import { categoryRegistry } from "../../../src/turn/category-registry.ts"

const { categories } = settingsSchema.parse({
  categories: {
    quick: { model: "a/fast", description: "Small things", prompt_append: "Be brief." },
    deep: { model: "a/deep", variant: "high" },
    chained: { fallback_models: ["b/1"] },
  },
})

const registry = categoryRegistry()

type Execute = (args: object, context: object) => Promise<string>

function setUp(
  answer: (prompt: ChildPrompt) => Promise<ChildAnswer> = (prompt) =>
    Promise.resolve({ type: "answered", text: `done: ${prompt.text}` }),
) {
  const prompts: ChildPrompt[] = []
  const aborted: string[] = []
  const created: string[] = []
  const categoriesSeen: (string | undefined)[] = []
  const parents: Readonly<Record<string, string>> = {
    ses_before: "ses_parent",
    ses_below: "ses_before",
    ses_sibling: "ses_other",
    ses_circle: "ses_circle",
  }
  const tool = createDelegateTask({
    categories,
    registry,
    host: {
      createChild: (parent, title) => {
        created.push(`${parent} ${title}`)
        return Promise.resolve("ses_child")
      },
      parentOf: (sessionID) =>
        sessionID === "ses_unknown" ? Promise.reject(new Error("404")) : Promise.resolve(parents[sessionID]),
      promptChild: (prompt) => {
        prompts.push(prompt)
        categoriesSeen.push(registry.categoryOf(prompt.sessionID))
        return answer(prompt)
      },
      abort: (sessionID) => {
        aborted.push(sessionID)
        return Promise.reject(new Error("gone"))
      },
    },
  })
  const controller = new AbortController()
  const { execute } = tool as unknown as { readonly execute: Execute }
  const run = (args: object): Promise<string> =>
    execute(
      { description: "A task", prompt: "do it", ...args },
      { sessionID: "ses_parent", abort: controller.signal, metadata: () => undefined },
    )
  return { run, prompts, aborted, created, categoriesSeen, controller, tool }
}

const errorOf = (outcome: Promise<string>): Promise<string> => outcome.then(() => "no error", String)

describe("a task", () => {
  test("of a category runs on its model, with its words behind, and is registered while it runs", async () => {
    const { run, prompts, created, categoriesSeen } = setUp()
    expect(await run({ category: "quick" })).toBe(
      "done: do it\n\nBe brief.\n\n<task_metadata>\nsession_id: ses_child\n</task_metadata>",
    )
    expect(created).toEqual(["ses_parent A task"])
    expect(prompts[0]).toMatchObject({
      sessionID: "ses_child",
      agent: "general",
      model: "a/fast",
      variant: undefined,
    })
    expect(prompts[0]?.tools).toMatchObject({ [delegateTaskName]: false, task: false })
    expect(categoriesSeen).toEqual(["quick"])
  })

  test("takes the category's variant along", async () => {
    const { run, prompts } = setUp()
    await run({ category: "deep" })
    expect(prompts[0]).toMatchObject({ model: "a/deep", variant: "high", text: "do it" })
  })

  test("of a category without a model leaves the model to OpenCode", async () => {
    const { run, prompts } = setUp()
    await run({ category: "chained" })
    expect(prompts[0]?.model).toBeUndefined()
  })

  test("of a named subagent has no category", async () => {
    const { run, prompts, categoriesSeen } = setUp()
    await run({ subagent: "explore" })
    expect(prompts[0]).toMatchObject({ agent: "explore", model: undefined, text: "do it" })
    expect(categoriesSeen).toEqual([undefined])
  })

  test("what a model has filled in with nothing counts as left out", async () => {
    const { run, prompts, created } = setUp()
    await run({ category: "quick", subagent: "", session_id: " " })
    await run({ category: "", subagent: "explore" })
    expect(prompts.map(({ agent }) => agent)).toEqual(["general", "explore"])
    expect(created).toHaveLength(2)
  })

  test.each(["ses_before", "ses_below"])(
    "with the session id of a descendant goes on in it: %s",
    async (id) => {
      const { run, prompts, created } = setUp()
      await run({ category: "quick", session_id: id })
      expect(created).toEqual([])
      expect(prompts[0]?.sessionID).toBe(id)
    },
  )
})

describe("a mistake in the arguments is said, and nothing is started:", () => {
  test.each([
    ["neither category nor subagent", {}, "Give either category or subagent"],
    ["both", { category: "quick", subagent: "explore" }, "Give either category or subagent"],
    ["an unknown category", { category: "slow" }, 'no category "slow". Known: quick, deep, chained.'],
    [
      "the id of somebody else's child",
      { category: "quick", session_id: "ses_sibling" },
      "not a child session",
    ],
    ["the parent's own id", { category: "quick", session_id: "ses_parent" }, "not a child session"],
    ["an id that nobody knows", { category: "quick", session_id: "ses_unknown" }, "not a child session"],
    ["an id whose parents go round", { category: "quick", session_id: "ses_circle" }, "not a child session"],
    ["a name that every object inherits", { category: "constructor" }, 'no category "constructor"'],
  ])("%s", async (_, args, message) => {
    const { run, created, prompts } = setUp()
    expect(await errorOf(run(args))).toContain(message)
    expect([...created, ...prompts]).toEqual([])
  })
})

describe("the registry is clean again after", () => {
  const rows: readonly (readonly [string, () => Promise<ChildAnswer>, string | undefined])[] = [
    ["an answer", () => Promise.resolve({ type: "answered", text: "" }), undefined],
    [
      "a failed turn",
      () => Promise.resolve({ type: "failed", message: "no credit" }),
      "The task failed: no credit (session_id: ses_child)",
    ],
    ["a refusal by OpenCode", () => Promise.reject(new Error("no such agent")), "no such agent"],
  ]
  test.each(rows)("%s", async (_, answer, message) => {
    const { run, categoriesSeen } = setUp(answer)
    const outcome = run({ category: "quick" })
    if (message === undefined) await outcome
    else expect(await errorOf(outcome)).toContain(message)
    expect(categoriesSeen).toEqual(["quick"])
    expect(registry.categoryOf("ses_child")).toBeUndefined()
  })

  test("an abort, which ends the child and whose answer is not passed on", async () => {
    const { promise, resolve } = Promise.withResolvers<ChildAnswer>()
    const { run, aborted, controller } = setUp(() => promise)
    const outcome = run({ category: "quick" })
    await Promise.resolve()
    await Promise.resolve()
    controller.abort()
    resolve({ type: "answered", text: "half of it" })
    expect(await errorOf(outcome)).toContain("aborted")
    expect(aborted).toEqual(["ses_child"])
    expect(registry.categoryOf("ses_child")).toBeUndefined()
  })

  test("an answer, whose child a later abort does not reach: it may be at work on another task", async () => {
    const { run, aborted, controller } = setUp()
    await run({ category: "quick" })
    controller.abort()
    expect(aborted).toEqual([])
  })

  test("an abort before the start, which asks nobody", async () => {
    const { run, prompts, controller } = setUp()
    controller.abort()
    expect(await errorOf(run({ category: "quick" }))).toContain("aborted before it began")
    expect(prompts).toEqual([])
    expect(registry.categoryOf("ses_child")).toBeUndefined()
  })
})

test("the model is told the categories", () => {
  const { description } = setUp().tool
  expect(description).toContain("- quick: Small things")
  expect(description).toContain("- deep: no description")
})
