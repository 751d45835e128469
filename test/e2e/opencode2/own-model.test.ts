import { describe, expect } from "bun:test"
import { mkdir } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { after, gate, type ProtocolName, status, type Step, text, toolCall } from "../../simulator/index.ts"
import { record, string } from "../../simulator/protocol/json.ts"
import { merge } from "../harness/host-config.ts"
import { REPOSITORY } from "../harness/opencode-binary.ts"
import { type Host2, scenarios2, type Session2 } from "../harness/opencode2/index.ts"
import { toastIn } from "../harness/toasts.ts"
import { asked, expectModel } from "../in-flight/unnoticed.ts"

/** A turn that has left its model, and has run a tool; the fallback's answer waits at the gate. */
async function heldOnFallback(host: Host2, answer: Step, ...further: readonly ProtocolName[]) {
  const { agent, primary, fallback, fallbacks } = host.chain("chat", "anthropic", ...further)
  const held = gate()
  host.simulator.script(primary, [status(429)])
  host.simulator.script(fallback, [
    toolCall(...host.tools.shell(`echo ran >> ${agent}.txt`)),
    after(held, answer),
  ])
  const session = await host.session()
  await session.promptAsync("hello", { agent })
  await held.reached
  const ran = (): Promise<string> => Bun.file(join(host.home.project, `${agent}.txt`)).text()
  return { agent, primary, fallback, last: fallbacks.at(-1) ?? fallback, held, session, ran }
}

async function prompts(session: Session2): Promise<readonly string[]> {
  return (await session.history()).filter(({ role }) => role === "user").map(({ text }) => text)
}

/** Loads the project anew. @returns when the plugin of before is gone; what it returns waits for the next one */
async function loadAnew(host: Host2): Promise<() => Promise<unknown>> {
  // The server's other projects are loaded anew with it, each in its own time.
  const told = (wanted: string, sinceMs: number) =>
    host.waitForEvent(
      ({ type, directory, atMs }) => type === wanted && directory === host.home.project && atMs > sinceMs,
    )
  const since = performance.now()
  await host.api.request("POST", "/api/location/reload", {})
  const shutdown = await told("location.shutdown", since)
  return () => told("plugin.updated", shutdown.atMs)
}

/** The plugin, which does not begin while a file is there. */
const heldPlugin = `import ours from "${pathToFileURL(REPOSITORY).href}/dist/index.js"
export default { ...ours, setup: async (context) => {
  while (await Bun.file(context.location.directory + "/hold").exists()) await Bun.sleep(5)
  return ours.setup(context)
} }`

describe("the user's own model", () => {
  const scenario = scenarios2({
    plugin: ["./held"],
    configFiles: { "held/index.js": heldPlugin },
    understudy: { runtime_fallback: { cooldown_seconds: 600 } },
  })

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
    await session.waitForEvent(({ type, atMs }) => type === "session.model.selected" && atMs > refusedAt)
    await expectModel(session, primary)
  })

  scenario("is lent until its turn is over, whatever other project the same server opens", async (host) => {
    const { primary, fallback, held, session } = await heldOnFallback(host, text("here"))
    const directory = join(host.home.path, "other")
    await mkdir(directory)
    const created = record(await host.api.post("/api/session", { title: "other", location: { directory } }))
    const other = host.openSession(string(record(created["data"])["id"]))
    const [model = ""] = host.models(1)
    await other.prompt("hello", { model })
    expect(await session.model()).toBe(fallback)
    held.open()
    await session.wait()
    await expectModel(session, primary)
    // The other project hears of this switch, too.
    expect(await session.prompt("again")).toMatchObject({ model: fallback })
    await expectModel(session, primary)
  })

  scenario("is missed in each project by a toast of its own", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    host.simulator.script(primary, [status(429)])
    const there = join(host.home.path, "told")
    await mkdir(there)
    const body = { title: "told", location: { directory: there } }
    const created = record(record(await host.api.post("/api/session", body))["data"])
    for (const session of [await host.session(), host.openSession(string(created["id"]))])
      await session.prompt("hello", { agent, model: primary })
    await host.waitForToasts(fallback, 2)
    const told = host.events.all.filter((event) => toastIn(event)?.title.includes(fallback))
    expect(told.map(({ directory }) => directory)).toEqual([host.home.project, there])
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

  scenario(
    "is that of a session whose answers by a fallback are undone and redone, and of a fork without them",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(429)])
      const session = await host.session()
      await session.prompt("one", { agent })
      await expectModel(session, primary)
      // This one begins there: OpenCode's row of that stands before it, and stays.
      await session.prompt("two")
      await expectModel(session, primary)
      const at = `/api/session/${session.id}`
      const [, two] = (await session.messages()).filter(({ type }) => type === "user")
      const undo = (): Promise<unknown> => host.api.post(`${at}/revert/stage`, { messageID: two?.["id"] })
      await undo()
      expect(await session.model()).toBe(primary)
      await host.api.request("DELETE", `${at}/revert`)
      expect(await prompts(session)).toEqual(["one", "two"])
      const fork = record(record(await host.api.post(`${at}/fork`, { before: two?.["id"] }))["data"])
      await undo()
      await host.api.post(`${at}/revert/commit`, {})
      for (const one of [session, host.openSession(string(fork["id"]))]) {
        await expectModel(one, primary)
        expect(await one.prompt("three")).toMatchObject({ model: fallback, error: undefined })
        expect(await prompts(one)).toEqual(["one", "three"])
        await expectModel(one, primary)
      }
      expect(host.simulator.requests(primary)).toHaveLength(1)
    },
  )

  scenario(
    "comes back although its project is loaded anew in the middle of the turn, by the plugin that began it",
    async (host) => {
      const { primary, fallback, held, session } = await heldOnFallback(host, text("here"))
      const hold = Bun.file(join(host.home.project, "hold"))
      await hold.write("")
      const loaded = await loadAnew(host)
      held.open()
      await session.wait()
      await expectModel(session, primary)
      await hold.delete()
      await loaded()
      expect((await session.history()).findLast(({ role }) => role === "assistant")).toMatchObject({
        model: fallback,
        text: "here",
      })
    },
  )

  scenario(
    "is not asked for a summary while it cools down, right after its project was loaded anew",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [status(429, { headers: { "retry-after": "600" } })])
      const session = await host.session()
      await session.prompt("hello", { agent })
      const loaded = await loadAnew(host)
      await loaded()
      host.simulator.script(fallback, [text("## Objective\n- to say hello")])
      await session.compact()
      await session.compacted()
      expect(asked(host, primary)).toEqual([1])
    },
  )

  scenario(
    "comes back, and nothing is asked twice, where the turn goes on after that with the list that it began with",
    async (host) => {
      const { agent, primary, last, held, session } = await heldOnFallback(host, status(401), "responses")
      const [other = ""] = host.models(1)
      const settings = Bun.file(join(host.home.config, "understudy.jsonc"))
      const edited = { agents: { [agent]: { fallback_models: [other] } } }
      await settings.write(JSON.stringify(merge(await settings.json(), edited)))
      const loaded = await loadAnew(host)
      await loaded()
      held.open()
      await session.wait()
      expect((await session.history()).findLast(({ role }) => role === "assistant")).toMatchObject({
        model: last,
        error: undefined,
      })
      expect(asked(host, last, other)).toEqual([1, 0])
      await expectModel(session, primary)
      expect(await session.prompt("again")).toMatchObject({ model: other })
    },
  )

  scenario(
    "comes back at the next start when the server was killed in the middle of a turn, also where the service resumes it",
    async (host) => {
      const killed = await heldOnFallback(host, text("never read"))
      expect(await killed.session.model()).toBe(killed.fallback)
      await using server = await host.killAndRestart()
      await expectModel(server.openSession(killed.session.id), killed.primary)
      const { primary, fallback, session, held, ran } = await heldOnFallback(server, text("never read"))
      await using service = await server.killAndRestart("service")
      held.open()
      const resumed = service.openSession(session.id)
      await resumed.waitForEvent("session.execution.succeeded")
      const answer = (await resumed.history()).findLast(({ role }) => role === "assistant")
      expect(answer?.text).toEndWith("says hello")
      await expectModel(resumed, primary)
      expect(await ran()).toBe("ran\n")
      expect([primary, fallback].flatMap((model) => service.toasts(model))).toEqual([])
    },
  )
})

describe("a fallback that is to stay", () => {
  const scenario = scenarios2({
    understudy: {
      runtime_fallback: { restore_primary: "never", cooldown_seconds: 1, max_cooldown_seconds: 1 },
    },
  })

  scenario(
    "stays when it has failed in its turn, and when the service is killed and started again, until the own model is named",
    async (host) => {
      const { agent, primary, fallbacks } = host.chain("chat", "anthropic", "responses")
      const [first = "", second = ""] = fallbacks
      host.simulator.script(primary, [status(429)])
      const before = await host.session()
      expect(await before.prompt("one", { agent })).toMatchObject({ model: first })
      host.simulator.script(first, [status(429)])
      expect(await before.prompt("two")).toMatchObject({ model: second })
      await using service = await host.killAndRestart("service")
      const session = service.openSession(before.id)
      const rows = (await session.history()).length
      // The very first that the new process does.
      expect(await session.prompt("three")).toMatchObject({ model: second })
      const since = (await session.history()).slice(rows).map(({ role }) => role)
      expect(since).toEqual(["user", "assistant", "idle"])
      expect(asked(service, primary, first, second)).toEqual([1, 2, 2])
      await session.command("understudy", `use ${primary}`)
      expect(await session.prompt("four")).toMatchObject({ model: primary })
      await expectModel(session, primary)
    },
  )
})
