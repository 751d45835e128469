/**
 * OpenCode 2 keeps unknown keys of agents, in version 1's shape and in Markdown, as parts of the agent's request
 * body, and sends none of them (2.0.15). A release that did would send ours to every provider.
 */
import { describe, expect } from "bun:test"
import { promptTexts, status, type Step, toolCall } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { type Host2, scenarios2 } from "../harness/opencode2/index.ts"
import { tracesOf } from "../harness/traces.ts"

const ours = { fallback_models: ["gamma/m1"], category: "quick" }

const options = {
  understudy: {
    runtime_fallback: { cooldown_seconds: 600 },
    categories: { quick: { fallback_models: ["gamma/m1"] } },
  },
  opencode: {
    agent: {
      "as-v1": { mode: "primary", model: "alpha/m1", ...ours },
      child: { mode: "subagent", description: "a child", ...ours },
    },
  },
  agents: {
    "from-markdown":
      "---\nmode: primary\nmodel: alpha/m2\nfallback_models:\n  - gamma/m2\ncategory: quick\n---\nYou are an agent.\n",
  },
  files: {
    "opencode.json": JSON.stringify({ agents: { "as-v2": { mode: "primary", model: "alpha/m3", ...ours } } }),
  },
} as const

const agents = [
  ["as-v1", "alpha/m1"],
  ["from-markdown", "alpha/m2"],
  ["as-v2", "alpha/m3"],
] as const

/** Main agent, subagent, title and compaction: each kind of request that OpenCode makes. */
async function everyKind(host: Host2, ...then: readonly Step[]): Promise<void> {
  for (const [agent, model] of agents) {
    const task = { agent: "child", description: "a task", prompt: "the task" }
    host.simulator.script(model, [toolCall("subagent", task), ...then])
    const session = await host.session({ title: undefined })
    await session.prompt("hello", { agent, model })
    await session.compact()
    await session.wait()
  }
}

async function expectNoTrace({ simulator }: Host2): Promise<void> {
  // OpenCode asks for it beside the turn.
  await simulator.waitForRequest(({ purpose }) => purpose === "title")
  const titles = simulator.requests(undefined, "title")
  const requests = [...simulator.requests(), ...titles]
  expect(requests.some((request) => promptTexts(request).join().includes("## Objective"))).toBe(true)
  expect(requests.some(({ headers }) => headers["x-parent-session-id"] !== undefined)).toBe(true)
  expect(requests.flatMap(tracesOf)).toEqual([])
}

describe("a provider sees none of our keys and names", () => {
  const scenario = scenarios2(options)

  scenario("where all is well, and where the fallback has taken over", async (host) => {
    await everyKind(host)
    await expectNoTrace(host)
    await everyKind(host, status(429))
    expect(host.simulator.requests("gamma/m1").length).toBeGreaterThan(0)
    await expectNoTrace(host)
  })
})

describe("OpenCode 2 alone", () => {
  const scenario = scenarios2({ ...options, plugin: "none" })

  scenario("keeps unknown keys of agents for itself", async (host) => {
    await everyKind(host)
    await expectNoTrace(host)
    const place = `location[directory]=${encodeURIComponent(host.home.project)}`
    const body = async (agent: string): Promise<unknown> => {
      const data = record(record(await host.api.get(`/api/agent/${agent}?${place}`))["data"])
      return record(data["request"])["body"]
    }
    expect(await body("as-v1")).toEqual(ours)
    expect(await body("from-markdown")).toMatchObject({ category: "quick" })
    expect(await body("as-v2")).toEqual({})
  })
})
