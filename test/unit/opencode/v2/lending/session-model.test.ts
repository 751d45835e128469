import { describe, expect, test } from "bun:test"
import { agentOf, readStanding } from "../../../../../src/opencode/v2/lending/session-model.ts"

describe("where a session stands", () => {
  const own = { id: "1", providerID: "own" }
  const inUse = { id: "1", providerID: "b" }
  const other = { id: "1", providerID: "user" }
  const loans = { of: (id: string) => (id === "lent" ? { own, inUse } : undefined) }
  const standing = (info: object, data: object | undefined = { id: "d", providerID: "p", more: 1 }) =>
    readStanding(
      {
        session: { get: () => Promise.resolve({ id: "s", ...info }) },
        model: { default: () => Promise.resolve({ data }) },
      } as never,
      loans,
      (info as { id?: string }).id ?? "s",
    )

  for (const [what, info, current, owner] of [
    ["on its own model", { model: own }, own, own],
    ["on a model of ours", { id: "lent", model: inUse }, inUse, own],
    ["where the user has put it after us", { id: "lent", model: other }, other, other],
    ["on the default", {}, { id: "d", providerID: "p" }, { id: "d", providerID: "p" }],
  ] as const)
    test(what, async () => {
      expect((await standing(info)).models).toEqual({ current, own: owner })
    })

  test("nowhere, when OpenCode has no model at all", async () => {
    const { models } = await readStanding(
      {
        session: { get: () => Promise.resolve({ id: "s" }) },
        model: { default: () => Promise.resolve({}) },
      } as never,
      loans,
      "s",
    )
    expect(models).toBeUndefined()
  })
})

describe("a session's agent", () => {
  const listed = (list: () => Promise<unknown>) => ({ agent: { list } })
  const agents = listed(() => Promise.resolve({ data: [{ id: "review" }, { id: "build" }] }))
  test.each([
    ["is its own", agents, { agent: "plan" }, "plan"],
    ["is OpenCode's default where nobody has named one", agents, {}, "review"],
    ["is build where OpenCode says nothing", listed(() => Promise.reject(new Error("gone"))), {}, "build"],
  ])("%s", async (_, context, session, agent) => {
    expect(await agentOf(context, session)).toBe(agent)
  })
})
