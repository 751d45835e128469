/**
 * Provider packages that are not known: of one whose requests go past the global `fetch` failures are met by a replay,
 * any other is in flight once one of its requests has shown its way.
 */
import { afterAll, describe, expect } from "bun:test"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import {
  type Beat,
  call,
  cut,
  endOfStream,
  errorFrame,
  Simulator,
  status,
  stream,
  text,
  toolResults,
} from "../simulator/index.ts"
import { type HostOptions, scenarios } from "./harness/index.ts"
import { providerConfig } from "./harness/providers.ts"
import { tracesOf } from "./harness/traces.ts"
import { expectUnnoticed, inFlightScenarios, seen } from "./in-flight/unnoticed.ts"

const simulator = await Simulator.start()
afterAll(() => simulator[Symbol.asyncDispose]())

const packageAt = (path: string): string => pathToFileURL(join(import.meta.dir, "fixtures", path)).href
const npm = packageAt("unseen-provider/unseen-provider.mjs")
const ownWay = {
  ...providerConfig("chat", "own", simulator.origin, { one: { tool_call: true } }),
  npm: packageAt("own-provider/own-provider.mjs"),
}

const ends: readonly (readonly [what: string, end: Beat])[] = [
  ["an error frame", errorFrame()],
  ["a stream without its end", endOfStream()],
  ["a broken connection", cut()],
]
const chainOf = (index: number) => ({
  provider: `alpha90${index}`,
  own: `alpha90${index}/one`,
  fallback: `gamma/m${index + 1}`,
})
const chains = ends.map(([what, end], index) => ({ what, end, ...chainOf(index) }))
const ofRun = chainOf(ends.length)
const ofEndlessTool = chainOf(ends.length + 1)
const ofJoined = chainOf(ends.length + 2)
const all = [...chains, ofRun, ofEndlessTool, ofJoined]

const options: HostOptions = {
  providers: {},
  opencode: {
    provider: {
      own: ownWay,
      ...Object.fromEntries(
        all.map(({ provider }) => [
          provider,
          { ...providerConfig("chat", provider, simulator.origin, { one: { tool_call: true } }), npm },
        ]),
      ),
    },
    agent: {
      owner: { mode: "primary", model: "own/one" },
      ...Object.fromEntries(
        all.map(({ provider, own }) => [provider, { mode: "primary", model: own, description: provider }]),
      ),
    },
  },
  files: { "note.txt": "a note" },
  // A program would be ended, and its tool say so itself.
  configFiles: {
    "tool/endless.ts": `import { tool } from "@opencode-ai/plugin"
export default tool({
  description: "Never ends",
  args: { about: tool.schema.string() },
  execute: () => new Promise(() => {}),
})`,
  },
  understudy: {
    agents: {
      owner: { fallback_models: ["alpha/one"] },
      ...Object.fromEntries(all.map(({ provider, fallback }) => [provider, { fallback_models: [fallback] }])),
    },
  },
}
const scenario = scenarios(options)

scenario(
  "`opencode run`, which ends with its turn, fails and says so; the next one is on the fallback",
  async (host) => {
    const { provider, own, fallback } = ofRun
    simulator.script(own, [status(503)])
    const { stdout, stderr, exitCode } = await host.run(["hello"], { agent: provider })
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 1 })
    expect(stderr).toContain("opencode run ends without an answer")
    expect(stderr).not.toContain("Continuing")
    expect((await host.run(["hello"], { agent: provider })).stdout).toContain(`${fallback} says hello`)
  },
)

describe("a tool that was called in the very step that fails", () => {
  for (const { what, end, provider, own, fallback } of chains)
    scenario(`is known to the next model after ${what}`, async (host) => {
      // OpenCode ends the tools of a failed step soon, and a program may take longer to begin.
      const [tool, input] = host.tools.read(`${host.home.project}/note.txt`)
      simulator.script(own, [stream(call(tool, input), end)])
      const session = await host.session()
      await session.promptAsync("hello", { agent: provider })
      await session.waitForEvent(
        ({ type, properties }) =>
          type === "message.updated" && JSON.stringify(properties).includes('"finish":"stop"'),
      )
      const requests = [...simulator.requests(own).slice(1), ...host.simulator.requests(fallback)]
      expect(requests.map((request) => toolResults(request).length)).toEqual([1])
    })

  scenario("is known to the next model where OpenCode has broken it off with its step", async (host) => {
    const { provider, own, fallback } = ofEndlessTool
    simulator.script(own, [stream(call("endless", { about: "x" }), endOfStream())])
    const session = await host.session()
    await session.promptAsync("hello", { agent: provider })
    const results = toolResults(await host.simulator.waitForRequest(fallback))
    expect(results).toMatchObject([{ text: "Tool execution aborted" }])
  })
})

scenario("a prompt that joins the run while it fails is answered on the fallback", async (host) => {
  const { provider, own, fallback } = ofJoined
  // OpenCode waits a moment for the tool, and takes prompts into the run that has failed.
  simulator.script(own, [stream(call("endless", { about: "x" }), endOfStream())])
  const session = await host.session()
  await session.promptAsync("hello", { agent: provider })
  await session.waitForEvent(({ type }) => type === "session.error")
  await session.promptAsync("again", { agent: provider })
  await session.waitForEvent(
    ({ type, properties }) =>
      type === "message.updated" && JSON.stringify(properties).includes('"finish":"stop"'),
  )
  expect(simulator.requests(own)).toHaveLength(1)
  expect(host.simulator.requests(fallback)).toHaveLength(1)
  const prompts = (await session.history()).filter(({ role }) => role === "user")
  expect(prompts).toMatchObject([
    { text: "hello", model: own },
    { text: "again", model: own },
  ])
})

inFlightScenarios(options)(
  "of a package that does ask by way of the global `fetch` the first answer shows the way, and the next failure is met in flight",
  async (host) => {
    simulator.script("own/one", [text("first"), status(429, { headers: { "retry-after": "3600" } })])
    const session = await host.session()
    expect(seen(await session.prompt("hello", { agent: "owner" }))).toMatchObject({ text: "first" })
    const reply = await session.prompt("again", { agent: "owner" })
    expect(seen(reply)).toEqual({ model: "alpha/one", text: "alpha/one says hello", error: undefined })
    await expectUnnoticed(session, ["hello", "again"])
    expect(simulator.requests("own/one")).toHaveLength(2)
    expect(simulator.requests("own/one").flatMap(tracesOf)).toEqual([])
  },
)
