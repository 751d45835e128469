import { describe, expect, test } from "bun:test"
import { unreadAgents, unreadAgentsText } from "../../../../../src/opencode/v2/host/unread-agents.ts"

describe("agents whose list stands in no file", () => {
  const listed = (id: unknown, body: unknown): unknown => ({ id, request: { body } })
  const list = { fallback_models: ["a/1"] }
  test("are those that OpenCode lists with one", () => {
    const agents = [
      listed("remote", list),
      listed("read", list),
      listed("elsewhere", list),
      listed("plain", {}),
      listed("category", { category: "x" }),
      listed(7, list),
      { id: "bare" },
      undefined,
    ]
    const read = { read: list, elsewhere: { category: "x" } }
    expect(unreadAgents({ data: agents }, read)).toEqual(["remote", "elsewhere"])
    expect(unreadAgents(agents, read)).toEqual(["remote", "elsewhere"])
    expect(unreadAgents([listed("toString", list)], {})).toEqual(["toString"])
    expect(unreadAgents(undefined, read)).toEqual([])
  })

  test("are named", () => {
    expect(unreadAgentsText(["a", "b"])).toStartWith("fallback_models of a, b: ")
  })
})
