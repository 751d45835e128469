/** Around the turn nothing is left behind: one prompt is one message, on the user's own model. */
import { describe, expect, test } from "bun:test"
import { join } from "node:path"
import { eventually } from "../../eventually.ts"
import {
  after,
  type Answer,
  assistantTexts,
  endOfStream,
  gate,
  offeredTools,
  promptTexts,
  reset,
  status,
  stream,
  text,
  textWithoutEnd,
  think,
  toolCall,
} from "../../simulator/index.ts"
import { record, records, string } from "../../simulator/protocol/json.ts"
import { type Chain, hasTmux, type Host, type HostOptions, type Session, startTui } from "../harness/index.ts"
import { sidebarOf, withPanel } from "../harness/sidebar.ts"
import { asked, expectAsWritten, expectUnnoticed, inFlightScenarios, seen } from "./unnoticed.ts"

const bash = toolCall("bash", { command: "echo ran >> ran.txt", description: "Leaves a trace" })

const gemini = "gemini-3-pro-preview"

/** Where the own model fails. */
const places: readonly (readonly [string, readonly Answer[]])[] = [
  ["before the first byte", [status(429)]],
  ["after a tool", [bash, status(503)]],
  ["in the middle of a text", [textWithoutEnd("Half ")]],
  ["in the middle of a thought", [stream(think("Let me think. "), endOfStream())]],
]

/** Whatever OpenCode has told of the session's own model. */
function sessionModels(session: Session): readonly string[] {
  const models = session.events("session.updated").flatMap(({ properties }) => {
    const { model } = record(properties["info"])
    return model === undefined
      ? []
      : [`${string(record(model)["providerID"])}/${string(record(model)["id"])}`]
  })
  return [...new Set(models)]
}

/** A plugin that keeps the loop from its next request while a file is there. */
const holder = `export const Holder = async ({ directory }) => ({
  "chat.params": async () => {
    while (await Bun.file(directory + "/hold").exists()) await Bun.sleep(5)
  },
})`

/** OpenCode begins the title beside the turn, which this plugin holds up while a file is there. */
const turnHolder = `export const TurnHolder = async ({ directory }) => ({
  "tool.definition": async () => {
    while (await Bun.file(directory + "/hold-turn").exists()) await Bun.sleep(5)
  },
})`

const options: HostOptions = {
  git: true,
  agentMode: "all",
  files: { ".opencode/plugin/holder.js": holder, ".opencode/plugin/turn-holder.js": turnHolder },
  understudy: { runtime_fallback: { cooldown_seconds: 600 } },
  opencode: { provider: { delta: { models: { [gemini]: { name: gemini, tool_call: true } } } } },
}

describe("a turn that was lent", () => {
  const scenario = inFlightScenarios(options)

  for (const [place, answers] of places) {
    scenario(
      `${place}: the history, a fork and the next prompt know only the user's own model`,
      async (host) => {
        const chain = host.chain("chat", "anthropic")
        host.simulator.script(chain.primary, answers)
        const session = await host.session()
        const reply = await session.prompt("hello", {
          agent: chain.agent,
          system: "Be brief.",
          tools: { webfetch: false },
        })
        expect(reply.model).toBe(chain.fallback)
        await expectUnnoticed(session, ["hello"], chain.primary)
        expect(sessionModels(session)).toEqual([chain.primary])
        await expectFork(host, session, chain)
        const requests = host.simulator.requests(chain.fallback)
        expect(requests.every((request) => promptTexts(request)[0] === "hello")).toBe(true)
        // Without categories no model is offered it.
        expect(requests.flatMap(offeredTools)).not.toContain("delegate_task")
      },
    )
  }

  scenario("a fork in the middle of a turn knows only the user's own model", async (host) => {
    const chain = host.chain("chat", "anthropic")
    const failing = gate()
    host.simulator.script(chain.primary, [after(failing, status(429))])
    const session = await host.session()
    await session.promptAsync("hello", { agent: chain.agent })
    await failing.reached
    // From the loop's next reading on the message is the user's again: it is forked while it is lent.
    const hold = Bun.file(join(host.home.project, "hold"))
    await hold.write("")
    failing.open()
    await session.waitForEvent(
      ({ type, properties }) =>
        type === "message.updated" && modelOf(record(properties["info"])) === chain.fallback,
    )
    const fork = string(record(await host.api.post(`/session/${session.id}/fork`, {}))["id"])
    await hold.delete()
    await eventually(async () => String(await userModels(host, fork)) === chain.primary, 50)
    await session.idle()
    await expectUnnoticed(session, ["hello"], chain.primary)
  })

  scenario(
    "no request of the fallback ends with a thought of the first model, in no later turn either",
    async (host) => {
      const { agent, primary, fallback } = host.chain("anthropic", "chat")
      host.simulator.script(primary, [stream(think("Secret thought. "), endOfStream())])
      const session = await host.session()
      await session.prompt("hello", { agent })
      await session.prompt("and then?", { agent })
      const texts = [...host.simulator.requests(primary), ...host.simulator.requests(fallback)].map(
        assistantTexts,
      )
      expect(JSON.stringify(texts)).not.toContain("Secret thought")
    },
  )

  scenario(
    "a text that broke off is followed by the request to continue it, in later turns as well",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [textWithoutEnd("Half ")])
      host.simulator.script(fallback, [text("and half.")])
      const session = await host.session()
      await session.prompt("hello", { agent })
      await session.prompt("next", { agent })
      const requests = host.simulator.requests(fallback).map(promptTexts)
      for (const prompts of requests) expect(prompts[1]).toContain("The connection broke")
      expect(requests.at(-1)?.at(-1)).toBe("next")
      await expectUnnoticed(session, ["hello", "next"], primary)
    },
  )

  scenario("a Gemini 3 behind another model's tool call is given a turn of its own", async (host) => {
    const { agent } = host.chain("chat")
    host.simulator.script("alpha/m18", [bash, status(503)])
    const session = await host.session()
    await session.command("understudy", `chain delta/${gemini}`)
    await session.prompt("hello", { agent, model: "alpha/m18" })
    const [request] = host.simulator.requests(`delta/${gemini}`)
    expect(request ? promptTexts(request).at(-1) : "not asked").toContain("Go on with the task")
  })

  scenario(
    "and whose subagent's was: forked and undone, both know only the user's own models",
    async (host) => {
      const [parent, child] = [host.chain("chat", "anthropic"), host.chain("chat", "anthropic")]
      host.simulator.script(parent.primary, [
        toolCall(...host.tools.subagent(child.agent, "ask")),
        status(503),
      ])
      host.simulator.script(child.primary, [status(429)])
      const session = await host.session()
      const reply = await session.prompt("hello", { agent: parent.agent })
      expect(seen(reply)).toMatchObject({ model: parent.fallback, error: undefined })
      await expectUnnoticed(session, ["hello"], parent.primary)
      expect(asked(host, ...parent.models, ...child.models)).toEqual([2, 1, 1, 1])
      const [subagent] = await session.children()
      await expectFork(host, session, parent)
      await expectFork(host, subagent ?? session, child)
      const [prompt] = await session.messages()
      await host.api.post(`/session/${session.id}/revert`, { messageID: prompt?.info["id"] })
      await session.prompt("anew", { agent: parent.agent })
      await session.idle(2)
      await expectAsWritten(session, ["anew"], parent.primary)
    },
  )

  scenario(
    "/understudy leaves nothing in the request for a title that is made of all that stands before it",
    async (host) => {
      const chain = host.chain("chat", "anthropic")
      const session = await host.session({ title: undefined })
      const { text: reply } = await session.command("understudy", "status", { agent: chain.agent })
      const hold = Bun.file(join(host.home.project, "hold-turn"))
      await hold.write("")
      const answer = session.prompt("words of the prompt", { agent: chain.agent })
      const { body } = await host.simulator.waitForRequest(
        ({ purpose, body: asked }) =>
          purpose === "title" && JSON.stringify(asked).includes("words of the prompt"),
      )
      await hold.delete()
      await answer
      const texts = records(body["messages"]).map(({ content }) => JSON.stringify(content))
      expect(texts.at(-1)).toContain("words of the prompt")
      // Its message stands there, so that the test cannot pass because OpenCode has left it out.
      expect(texts.at(-2)).toContain("(settings)")
      expect(texts.join()).not.toContain(JSON.stringify(reply).slice(1, 40))
    },
  )

  scenario(
    "opencode run leaves a prompt on the user's own model, and its server knows which model it has met down",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "anthropic")
      host.simulator.script(primary, [reset(), reset()])
      expect((await host.run(["hello"], { agent })).exitCode).toBe(0)
      const [found] = (await host.api.get("/session")) as readonly unknown[]
      const id = string(record(found)["id"])
      expect(await userModels(host, id)).toEqual([primary])
      expect(await host.openSession(id).prompt("again", { agent })).toMatchObject({ model: fallback })
      expect(asked(host, primary, fallback)).toEqual([2, 2])
      expect(await userModels(host, id)).toEqual([primary, primary])
    },
  )
})

/** A fork takes over what stands in the history. */
async function expectFork(host: Host, session: Session, { primary }: Chain): Promise<void> {
  const fork = record(await host.api.post(`/session/${session.id}/fork`, {}))
  expect(await userModels(host, string(fork["id"]))).toEqual([primary])
}

async function userModels(host: Host, sessionID: string): Promise<readonly string[]> {
  return records(await host.api.get(`/session/${sessionID}/message`)).flatMap((message) => {
    const info = record(message["info"])
    return info["role"] === "user" ? [modelOf(info)] : []
  })
}

function modelOf(user: Readonly<Record<string, unknown>>): string {
  const model = record(user["model"])
  return `${string(model["providerID"])}/${string(model["modelID"])}`
}

describe("where OpenCode takes long to sum up what a turn has changed", () => {
  const slowGit = join(import.meta.dir, "../fixtures/slow-git")
  const scenario = inFlightScenarios({
    git: true,
    environment: { PATH: `${slowGit}:${process.env["PATH"] ?? ""}` },
  })

  scenario("each switch holds at once, and no step is spent on a model that was left", async (host) => {
    const { agent, models, primary } = host.chain("chat", "chat", "anthropic")
    for (const model of models.slice(0, 2)) host.simulator.script(model, [bash, status(503), status(503)])
    const session = await host.session()
    await session.prompt("hello", { agent })
    const steps = (await session.history()).slice(1)
    expect(steps.map(({ model }) => models.indexOf(model))).toEqual([0, 0, 1, 1, 2])
    await expectUnnoticed(session, ["hello"], primary)
  })
})

describe("while the user's own model cools down", () => {
  const scenario = inFlightScenarios(options)

  scenario("a message that nobody is to answer names it, and so does what follows", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.script(primary, [status(429)])
    await (await host.session()).prompt("hello", { agent })
    const session = await host.session()
    await session.prompt("for later", { agent, noReply: true })
    await session.waitForEvent(
      ({ type, properties }) => type === "message.updated" && modelOf(record(properties["info"])) === primary,
    )
    expect(await userModels(host, session.id)).toEqual([primary])
    expect(asked(host, primary, fallback)).toEqual([1, 1])
    await session.prompt("now", { agent })
    expect(asked(host, primary, fallback)).toEqual([1, 2])
    await session.idle()
    expect(await userModels(host, session.id)).toEqual([primary, primary])
  })
})

describe.if(hasTmux)("the terminal interface after a switch", () => {
  test("each /undo takes one prompt back into the box, /redo brings it again, the box keeps the own model, and no panel shows what is not in a store", async () => {
    // The first start on a busy machine takes its time.
    const slow = 60_000
    await using tui = await startTui({
      git: true,
      understudy: { fallback_models: ["gamma/two"], runtime_fallback: { store: "memory" } },
      configFiles: withPanel,
    })
    tui.simulator.script("alpha/one", [text("first answer"), textWithoutEnd("Half "), text("third answer")])
    tui.simulator.script("gamma/two", [text("and half.")])
    await tui.prompt("prompt one")
    await tui.waitForScreen(/first answer/, slow)
    await tui.waitForScreen(/▣ +Build · alpha\/one/)
    await tui.prompt("prompt two")
    await tui.waitForScreen(/and half\./, slow)
    await tui.waitForScreen(/▣ +Build · gamma\/two/)
    const switched = await tui.screen()
    expect(switched).toMatch(/Build · alpha\/one alpha/)
    expect(switched.match(/prompt two/g)).toHaveLength(1)
    expect(sidebarOf(switched)).toMatch(/^Context$/m)
    expect(sidebarOf(switched)).not.toMatch(/Understudy|gamma/)
    await tui.prompt("/undo")
    await tui.waitForScreen(/1 message reverted/)
    const undone = await tui.waitForScreen(/prompt two/)
    expect(undone).not.toContain("and half.")
    expect(undone).toContain("first answer")
    await tui.press("C-u")
    await tui.prompt("/redo")
    const redone = await tui.waitForScreen(/and half\./)
    expect(redone).not.toContain("message reverted")
    expect(redone).toMatch(/Build · alpha\/one alpha/)
    expect(await tui.logs()).not.toContain("panel:")
  })
})
