import { describe, expect } from "bun:test"
import { pathToFileURL } from "node:url"
import { say, status } from "../../simulator/index.ts"
import { record, records, string } from "../../simulator/protocol/json.ts"
import { untilLogged } from "../harness/index.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"
import { expectModel } from "../in-flight/unnoticed.ts"

const onAgent = (model: string, fallback: unknown): object => ({
  mode: "primary",
  model,
  fallback_models: [fallback],
})

describe("settings from wherever they are written", () => {
  const scenario = scenarios2({
    // What is wrong is no agent's own.
    understudy: '{ "fallback_models": ["gamma/m7", 7], "no_such_key": 1 }',
    plugin: ["./adds-an-agent", pathToFileURL(REPOSITORY).href],
    configFiles: {
      "adds-an-agent/index.js": `export default { id: "adds-an-agent", setup: async ({ agent }) => {
        await agent.transform((agents) =>
          agents.update("added", (it) => { it.request.body.fallback_models = ["gamma/m1"] }))
        await agent.reload()
      } }`,
    },
    opencode: {
      agent: {
        "as-v1": onAgent("alpha/m1", "gamma/m1"),
        exact: onAgent("alpha/m4", { model: "beta/m4", temperature: 0.1, max_tokens: 1234 }),
      },
    },
    agents: {
      "from-markdown":
        "---\ndescription: Use it when: somebody asks\nmode: primary\nmodel: alpha/m2\nfallback_models:\n  - gamma/m2\n---\nYou are an agent from a Markdown file.\n",
      "in-both":
        "---\nmode: primary\nmodel: alpha/m7\nfallback_models:\n  - gamma/m7\n---\nYou are in both.\n",
      nearer:
        "---\nmode: primary\nmodel: alpha/m10\nfallback_models:\n  - beta/m10\n---\nYou are the user's.\n",
    },
    environment: {
      BACKUP: "gamma/m5",
      OPENCODE_CONFIG: "named.json",
      OPENCODE_CONFIG_CONTENT: JSON.stringify({
        agent: { held: onAgent("alpha/m6", "gamma/m6"), "in-both": onAgent("alpha/m8", "gamma/m8") },
      }),
    },
    files: {
      "opencode.json": JSON.stringify({
        agents: { "as-v2": onAgent("alpha/m3", "delta/m3#high"), nearer: onAgent("alpha/m11", "gamma/m11") },
      }),
      "named.json": JSON.stringify({ agent: { named: onAgent("alpha/m5", "{env:BACKUP}") } }),
    },
  })

  for (const [where, own, fallback] of [
    ["as-v1", "alpha/m1", "gamma/m1"],
    ["from-markdown", "alpha/m2", "gamma/m2"],
    ["as-v2", "alpha/m3", "delta/m3"],
    // In what the environment names, with a variable filled in, and in what it holds.
    ["named", "alpha/m5", "gamma/m5"],
    ["held", "alpha/m6", "gamma/m6"],
  ] as const)
    scenario(`fallback_models that OpenCode 2 itself drops: on the agent ${where}`, async (host) => {
      host.simulator.script(own, [status(429)])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: where, model: own })
      expect(reply).toMatchObject({ model: fallback, error: undefined })
    })

  scenario("an agent's model and list are its variable's, not its Markdown's", async (host) => {
    host.simulator.script("alpha/m8", [status(429)])
    const reply = await (await host.session()).prompt("hello", { agent: "in-both" })
    expect(reply).toMatchObject({ model: "gamma/m8", error: undefined })
    expect(host.simulator.requests("alpha/m9")).toEqual([])
  })

  scenario("an agent's model and list are the project's, not those of the user's Markdown", async (host) => {
    host.simulator.script("alpha/m11", [status(429)])
    const reply = await (await host.session()).prompt("hello", { agent: "nearer" })
    expect(reply).toMatchObject({ model: "gamma/m11", error: undefined })
  })

  scenario("an entry with parameters of its own", async (host) => {
    host.simulator.script("alpha/m4", [status(429)])
    const session = await host.session()
    await session.prompt("hello", { agent: "exact", model: "alpha/m4" })
    const [request] = host.simulator.requests("beta/m4")
    expect(request?.body).toMatchObject({ temperature: 0.1, max_output_tokens: 1234 })
  })

  scenario("fallback_models that OpenCode 2 shows to nobody are named in the log", async (host) => {
    await host.session()
    const log = await untilLogged(host, "fallback_models of added")
    expect(log.match(/fallback_models of added/g)).toHaveLength(1)
  })

  scenario("mistakes are named in the log, and what is right counts", async (host) => {
    host.simulator.script("alpha/m7", [status(429)])
    const session = await host.session()
    expect(await session.prompt("hello", { model: "alpha/m7" })).toMatchObject({ model: "gamma/m7" })
    await untilLogged(host, "no_such_key")
  })
})

describe("an agent that is the default", () => {
  const lists = {
    review: { mode: "primary", fallback_models: ["gamma/m1"] },
    build: { fallback_models: ["delta/m1"] },
  }
  const scenario = scenarios2({ understudy: "{}", opencode: { default_agent: "review", agent: lists } })

  scenario(
    "has its own list where nobody has named it, also for a turn that begins elsewhere",
    async (host) => {
      host.simulator.script("alpha/m1", [status(429)])
      const session = await host.session()
      expect(await session.prompt("hello", { model: "alpha/m1" })).toMatchObject({ model: "gamma/m1" })
      expect(await session.prompt("again")).toMatchObject({ model: "gamma/m1" })
      expect(host.simulator.requests("delta/m1")).toEqual([])
    },
  )
})

describe("the plugin's own options", () => {
  const pluginOptions = {
    fallback_models: ["delta/m1"],
    providers: { gamma: { leave_at_percent: 90 }, beta: { keys: ["the-second-key"] } },
  }
  const scenario = scenarios2({ pluginOptions, understudy: "{}" })

  scenario("count", async (host) => {
    host.simulator.script("alpha/m1", [status(429)])
    const session = await host.session()
    expect(await session.prompt("hello", { model: "alpha/m1" })).toMatchObject({ model: "delta/m1" })
  })

  scenario("a process that begins later starts with the key that is well", async (host) => {
    host.simulator.script("beta/m1", [status(429, { headers: { "retry-after": "600" } })])
    await (await host.session()).prompt("hello", { model: "beta/m1" })
    await host.run(["hello"], { model: "beta/m1" })
    const keys = host.simulator.requests("beta/m1").map(({ headers }) => headers["authorization"])
    const second = "Bearer the-second-key"
    expect(keys).toEqual(["Bearer key-of-beta", second, second])
  })

  scenario("leave_at_percent holds for the first prompt of a process as for any other", async (host) => {
    const headers = {
      "anthropic-ratelimit-unified-5h-utilization": "0.95",
      "anthropic-ratelimit-unified-5h-reset": String(Math.ceil(Date.now() / 1_000) + 900),
    }
    host.simulator.script("gamma/m1", [{ kind: "stream", beats: [say("nearly full")], headers }])
    const run = async (...message: string[]): Promise<string> =>
      (await host.run(message, { model: "gamma/m1" })).stdout.trim()
    expect(await run("hello")).toBe("nearly full")
    expect(await run("again")).toBe("delta/m1 says hello")
    expect(host.simulator.requests("gamma/m1")).toHaveLength(1)
    expect(await host.logs()).toMatch(
      /gamma\/m1: 5 h window 95 % used, resets at .*Continuing with delta\/m1\./,
    )
    const [newest] = records(record(await host.api.get("/api/session"))["data"])
    const session = host.openSession(string(newest?.["id"]))
    const history = await session.history()
    expect(history.flatMap(({ role, text, error }) => (role === "user" ? [text] : (error ?? [])))).toEqual([
      expect.stringContaining("again"),
    ])
    await expectModel(session, "gamma/m1")
  })
})
