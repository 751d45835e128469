import { describe, expect, test } from "bun:test"
import { createAskInChild } from "../../../../../src/opencode/v1/in-flight/ask-in-child.ts"

type Client = Parameters<typeof createAskInChild>[0]

const said = (finish: string, ...texts: readonly string[]) => ({
  info: { role: "assistant", finish },
  parts: [{ type: "reasoning", text: "hm" }, ...texts.map((text) => ({ type: "text", text }))],
})
const asked = { info: { role: "user" }, parts: [{ type: "text", text: "sum up" }] }

/** OpenCode's client; the child's last message and its messages are these. */
function setUp(
  last: unknown,
  messages: unknown,
  onPrompt: () => Promise<void> = () => Promise.resolve(),
  isKnown = true,
) {
  const calls: unknown[] = []
  const call =
    (name: string, data: unknown, before = (): Promise<void> => Promise.resolve()) =>
    async (request: unknown) => {
      calls.push([name, request])
      await before()
      return { data }
    }
  const session = {
    create: call("create", { id: "ses_2" }),
    prompt: call("prompt", last, onPrompt),
    messages: call("messages", messages),
    get: async () => ({ data: isKnown ? {} : undefined }),
    abort: call("abort", true),
    delete: call("delete", true),
  }
  return { ask: createAskInChild({ session } as unknown as Client), calls }
}

const question = {
  sessionID: "ses_1",
  agent: "compaction",
  on: { model: "a/own", variant: "high" },
  text: "sum up",
  signal: undefined,
  onChild: () => undefined,
} as const
const child = { path: { id: "ses_2" } }

describe("a child session", () => {
  test("is asked without tools, and deleted afterwards", async () => {
    const { ask, calls } = setUp(said("stop", "a"), [asked, said("stop", "a")])
    const onChild = (sessionID: string): void => void calls.push(sessionID)
    expect(await ask({ ...question, onChild })).toEqual({ type: "answered", text: "a" })
    const model = { providerID: "a", modelID: "own" }
    const body = { agent: "compaction", model, variant: "high", tools: { "*": false }, parts: asked.parts }
    expect(calls).toEqual([
      ["create", { body: { parentID: "ses_1", title: "compaction" } }],
      "ses_2",
      ["prompt", { ...child, body }],
      ["messages", child],
      ["delete", child],
    ])
  })

  test.each<[string, readonly unknown[], string]>([
    ["that broke off and was continued is one", [said("unknown", "a "), said("stop", "b")], "a b"],
    ["that is as long as it may be counts", [said("length", "a")], "a"],
    [
      "is the first one: what follows is of the child's own compaction",
      [said("stop", "a"), said("stop", "b")],
      "a",
    ],
  ])("its answer %s", async (_, answers, expected) => {
    const { ask } = setUp(answers.at(-1), [asked, ...answers])
    expect(await ask(question)).toEqual({ type: "answered", text: expected })
  })

  test("without an answer tells its error", async () => {
    const error = { name: "APIError", data: { message: "nobody is left" } }
    const { ask, calls } = setUp({ info: { error }, parts: [] }, [asked])
    expect(await ask(question)).toEqual({ type: "failed", message: "nobody is left" })
    expect(calls.at(-1)).toEqual(["delete", child])
  })

  test("ends with whoever asked", async () => {
    const esc = new AbortController()
    const { ask, calls } = setUp({ parts: [] }, [], async () => esc.abort())
    expect(await ask({ ...question, signal: esc.signal })).toMatchObject({ type: "failed" })
    expect(calls).toContainEqual(["abort", child])
  })

  test("is left alone by whoever goes after its answer", async () => {
    const { ask, calls } = setUp(said("stop", "a"), [asked, said("stop", "a")])
    const esc = new AbortController()
    await ask({ ...question, signal: esc.signal })
    const before = calls.length
    esc.abort()
    expect(calls).toHaveLength(before)
  })

  test("is not asked for somebody who has gone while it was made", async () => {
    const { ask, calls } = setUp({ parts: [] }, [])
    expect(await ask({ ...question, signal: AbortSignal.abort() })).toMatchObject({ type: "failed" })
    expect(calls.slice(1)).toEqual([["delete", child]])
  })

  test("that goes with the session of whoever asked is no error of ours; any other one is", async () => {
    const fails = (): Promise<void> => Promise.reject(new Error("Unexpected server error"))
    const deleted = setUp({ parts: [] }, [], fails, false)
    expect(await deleted.ask(question)).toMatchObject({ type: "failed" })
    const other = setUp({ parts: [] }, [], fails)
    expect(await other.ask(question).catch(String)).toContain("Unexpected server error")
  })
})
