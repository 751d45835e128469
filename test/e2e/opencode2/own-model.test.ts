import { describe, expect } from "bun:test"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { after, gate, type ProtocolName, status, type Step, text } from "../../simulator/index.ts"
import { record, string } from "../../simulator/protocol/json.ts"
import { type Host2, scenarios2 } from "../harness/opencode2/index.ts"
import { expectModel } from "../in-flight/unnoticed.ts"

/** A turn that has left its model; the fallback's answer waits at the gate. */
async function heldOnFallback(host: Host2, answer: Step, ...further: readonly ProtocolName[]) {
  const { agent, primary, fallback, fallbacks } = host.chain("chat", "anthropic", ...further)
  const held = gate()
  host.simulator.script(primary, [status(429)])
  host.simulator.script(fallback, [after(held, answer)])
  const session = await host.session()
  await session.promptAsync("hello", { agent })
  await held.reached
  return { primary, fallback, last: fallbacks.at(-1) ?? fallback, held, session }
}

/** Loads the project anew. @returns when the plugin of before is gone; what it returns waits for the next one */
async function loadAnew(host: Host2): Promise<() => Promise<unknown>> {
  const since = performance.now()
  await host.api.request("POST", "/api/location/reload", {})
  const shutdown = await host.waitForEvent(({ type, atMs }) => type === "location.shutdown" && atMs > since)
  return () => host.waitForEvent(({ type, atMs }) => type === "plugin.updated" && atMs > shutdown.atMs)
}

describe("the user's own model", () => {
  const scenario = scenarios2({ understudy: { runtime_fallback: { cooldown_seconds: 600 } } })

  scenario("is not asked in another session either, nor for its title", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    await (await host.session()).prompt("first", { agent })
    const other = await host.session({ title: undefined })
    expect(await other.prompt("second", { agent })).toMatchObject({ model: fallback, error: undefined })
    expect(host.simulator.requests(primary)).toHaveLength(1)
    expect(host.simulator.requests(undefined, "title").map(({ model }) => model)).not.toContain(primary)
  })

  scenario("comes back where OpenCode refuses the prompt, of which no turn comes", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    const session = await host.session()
    await session.prompt("hello", { agent })
    await expectModel(session, primary)
    const missing = { text: "look", files: [{ uri: "file:///nowhere.png" }] }
    const refused = await host.api.post(`/api/session/${session.id}/prompt`, missing).catch(String)
    expect(refused).toContain("Unable to read attachment")
    expect(await session.model()).toBe(fallback)
    const refusedAt = performance.now()
    await session.waitForEvent(
      ({ type, atMs }) => type === "session.model.selected" && atMs > refusedAt,
      30_000,
    )
    await expectModel(session, primary)
  })

  scenario("is what the user has switched to in the middle of a turn", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const [third = ""] = host.models(1)
    const held = gate()
    host.simulator.script(primary, [after(held, status(429))])
    const session = await host.session()
    await session.promptAsync("hello", { agent })
    await held.reached
    await session.switchModel(third)
    held.open()
    await session.wait()
    expect((await session.history()).findLast(({ role }) => role === "assistant")).toMatchObject({
      model: third,
    })
    expect(host.simulator.requests(fallback)).toHaveLength(0)
    expect(await session.model()).toBe(third)
    expect(await session.prompt("again")).toMatchObject({ model: third })
  })

  scenario("is lent until its turn is over, whatever other project the same server opens", async (host) => {
    const { primary, fallback, held, session } = await heldOnFallback(host, text("here"))
    const directory = join(host.home.path, "other")
    await mkdir(directory)
    const created = record(await host.api.post("/api/session", { title: "other", location: { directory } }))
    const other = host.openSession(string(record(created["data"])["id"]))
    await other.prompt("hello", { model: "alpha/m1" })
    expect(await session.model()).toBe(fallback)
    held.open()
    await session.wait()
    await expectModel(session, primary)
    // The other project hears of this switch, too.
    expect(await session.prompt("again")).toMatchObject({ model: fallback })
    await expectModel(session, primary)
  })

  scenario("is that of a fork in the middle of a turn that has left it", async (host) => {
    const { primary, fallback, held, session } = await heldOnFallback(host, text("here"))
    const fork = record(record(await host.api.post(`/api/session/${session.id}/fork`, {}))["data"])
    await expectModel(host.openSession(string(fork["id"])), primary)
    expect(await session.model()).toBe(fallback)
    held.open()
    await session.wait()
    await expectModel(session, primary)
  })

  scenario("comes back although its project is loaded anew in the middle of the turn", async (host) => {
    const { primary, fallback, held, session } = await heldOnFallback(host, text("here"))
    const loaded = await loadAnew(host)
    held.open()
    await session.wait()
    await loaded()
    expect((await session.history()).findLast(({ role }) => role === "assistant")).toMatchObject({
      model: fallback,
      text: "here",
    })
    await expectModel(session, primary)
  })

  scenario("comes back, and nothing is asked twice, where the turn goes on after that", async (host) => {
    const { primary, last, held, session } = await heldOnFallback(host, status(401), "responses")
    const loaded = await loadAnew(host)
    await loaded()
    held.open()
    await session.wait()
    expect((await session.history()).findLast(({ role }) => role === "assistant")).toMatchObject({
      model: last,
      error: undefined,
    })
    expect(host.simulator.requests(last)).toHaveLength(1)
    await expectModel(session, primary)
  })

  scenario(
    "comes back at the next start when the server was killed in the middle of a turn",
    async (host) => {
      const { primary, fallback, held, session } = await heldOnFallback(host, status(529))
      expect(await session.model()).toBe(fallback)
      await using again = await host.killAndRestart()
      held.open()
      await expectModel(again.openSession(session.id), primary)
    },
  )
})
