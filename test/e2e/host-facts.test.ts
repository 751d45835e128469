/**
 * The facts about OpenCode that this product stands on, proved without the plugin. When one fails with a new version
 * of OpenCode, the part of the product that relies on it is named in the title of its group. What the terminal shows of an
 * answer that changed its model is seen with the plugin only, in `in-flight/one-message.test.ts`.
 */
import { afterAll, describe, expect } from "bun:test"
import {
  after,
  assistantTexts,
  call,
  cut,
  empty,
  endOfStream,
  gate,
  halfCall,
  hasImage,
  offeredTools,
  promptTexts,
  type ProtocolName,
  repeat,
  reset,
  say,
  status,
  type Step,
  stream,
  text,
  textThenError,
  textWithoutEnd,
  toolCall,
  toolResults,
} from "../simulator/index.ts"
import { record, string } from "../simulator/protocol/json.ts"
import { modelReference, scenarios, type Session, usualSettings } from "./harness/index.ts"
import { wasLeft } from "./in-flight/unnoticed.ts"
import { attachedImage } from "./pixel.ts"

const PROTOCOLS: readonly ProtocolName[] = ["chat", "responses", "anthropic", "gemini"]

const isAbort = (error: unknown): boolean => record(error)["name"] === "MessageAbortedError"

let asked = 0
const registry = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: () => {
    asked += 1
    return new Response("{}", { status: 404 })
  },
})
afterAll(() => registry.stop(true))

/** One host for all groups that need no plugin. */
const scenario = scenarios({
  ...usualSettings,
  manyChains: false,
  chains: [
    ...Array.from({ length: 10 }, () => ["chat"] as const),
    ...Array.from({ length: 4 }, () => ["anthropic"] as const),
    ...Array.from({ length: 3 }, () => ["responses"] as const),
    ...Array.from({ length: 3 }, () => ["chat", "chat"] as const),
    ["gemini"],
  ],
  plugin: "none",
  environment: { npm_config_registry: registry.url.href },
})

describe("OpenCode's own retry is what the in-flight path must forestall", () => {
  const RETRIED: readonly (readonly [title: string, protocol: ProtocolName, step: Step])[] = [
    ["a 429", "chat", status(429)],
    ["a 503", "gemini", status(503)],
    ["Anthropic's 529", "anthropic", status(529)],
    ["a connection reset before the first byte", "chat", reset()],
    ["a connection reset in the middle of a stream", "responses", stream(say("half "), cut())],
    ["an error frame of chat completions", "chat", textThenError("half")],
    ["response.failed", "responses", textThenError("half")],
    ["Anthropic's overloaded_error in the stream", "anthropic", textThenError("half")],
    ["a 400 whose text holds 1429", "chat", status(400, { message: "You sent 1429 items, 100 are allowed" })],
  ]
  for (const [title, protocol, step] of RETRIED) {
    scenario(
      `${title} is retried on the same model, announced as session.status and not as session.error`,
      async (host) => {
        const { agent, primary } = host.chain(protocol)
        host.simulator.always(primary, step)
        const session = await host.session()
        await session.promptAsync("hello", { agent })
        const retry = record((await session.waitForRetry()).properties["status"])
        expect(retry["attempt"]).toBe(1)
        expect(session.sessionErrors()).toEqual([])
        await session.abort()
        await session.idle()
        expect(host.simulator.requests(primary)).toHaveLength(1)
      },
    )
  }

  scenario("the retry asks the same model again about two seconds later", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.script(primary, [status(429), text("better now")])
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.text).toBe("better now")
    const [first, second] = host.simulator.requests(primary)
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThan(1_500)
  })

  scenario("a retry-after of an hour means an hour", async (host) => {
    const { agent, primary } = host.chain("anthropic")
    host.simulator.always(primary, status(429, { headers: { "retry-after": "3600" } }))
    const session = await host.session()
    await session.promptAsync("hello", { agent })
    const retry = record((await session.waitForRetry()).properties["status"])
    expect(Number(retry["next"]) - Date.now()).toBeGreaterThan(3_500_000)
    await session.abort()
    await session.idle()
  })

  scenario("an abort in the retry wait leaves a message without error, finish or parts", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.always(primary, status(429))
    const session = await host.session()
    const reply = session.prompt("hello", { agent })
    await session.waitForRetry()
    await session.abort()
    expect(await reply).toMatchObject({ role: "assistant", error: undefined, finish: undefined, parts: [] })
  })

  scenario("a plain 400 is not retried: session.error, an error on the message, two idles", async (host) => {
    const { agent, primary } = host.chain("chat")
    host.simulator.always(primary, status(400))
    const session = await host.session()
    const reply = await session.prompt("hello", { agent })
    expect(reply.error).toBe("APIError")
    // One with the error, one when the loop is left.
    await session.idle(2)
    const error = record(session.sessionErrors()[0]?.properties["error"])
    expect(error).toMatchObject({ name: "APIError", data: { statusCode: 400, isRetryable: false } })
    expect(host.simulator.requests(primary)).toHaveLength(1)
  })
})

describe("what ends without a finish reason is asked again at once and without end: it must count as a failure", () => {
  const UNFINISHED: readonly (readonly [title: string, protocols: readonly ProtocolName[], step: Step])[] = [
    ["a stream without its terminator", PROTOCOLS, textWithoutEnd("half")],
    ["a tool call that breaks off", PROTOCOLS, stream(halfCall("bash"), endOfStream())],
    [
      "an HTTP 200 with an error as JSON",
      PROTOCOLS,
      status(200, { body: { error: { message: "no balance" } } }),
    ],
    ["an error frame, which the Gemini client ignores", ["gemini"], textThenError("half")],
  ]
  for (const [title, protocols, step] of UNFINISHED) {
    for (const protocol of protocols) {
      scenario(`${protocol}: ${title}`, async (host) => {
        const [model = ""] = host.models(1, [protocol])
        host.simulator.always(model, step)
        const session = await host.session()
        await session.promptAsync("hello", { model })
        await host.simulator.waitForRequest((request) => request.model === model && request.call === 3)
        await session.abort()
        expect(session.retries()).toEqual([])
        expect(session.sessionErrors().filter((event) => !isAbort(event.properties["error"]))).toEqual([])
        expect((await session.history())[1]?.finish).toBe("unknown")
      })
    }
  }
})

/** Makes the session's first message name another model, without starting anything. */
async function rewrite(session: Session, model: string, agent: string): Promise<void> {
  const [first] = await session.messages()
  await session.prompt([], { model, agent, noReply: true, messageID: string(first?.info["id"]) })
}

describe("the loop goes on with what its message names: the in-flight path stands on it", () => {
  // The other two have no word for "tool calls" without one: an empty answer of theirs ends as "stop".
  for (const from of ["chat", "anthropic"] as const) {
    for (const end of ["tool-calls"] as const) {
      scenario(
        `${from}: an empty completion (${end}) goes on with the model that the rewritten message names`,
        async (host) => {
          const [primary = "", fallback = ""] = host.models(2, [from, from === "chat" ? "anthropic" : "chat"])
          const failing = gate()
          host.simulator.script(primary, [after(failing, empty(end))])
          const session = await host.session()
          const reply = session.prompt("hello", { model: primary, agent: "build" })
          await failing.reached
          await rewrite(session, fallback, "build")
          failing.open()
          expect(await reply).toMatchObject({
            model: fallback,
            text: `${fallback} says hello`,
            error: undefined,
          })
          expect(host.simulator.requests(primary)).toHaveLength(1)
          const [request] = host.simulator.requests(fallback)
          expect(request === undefined ? [] : promptTexts(request)).toEqual(["hello"])
          expect(request === undefined ? [] : assistantTexts(request).filter((part) => part !== "")).toEqual(
            [],
          )
          await session.idle()
          expect(session.idles()).toHaveLength(1)
          expect(session.sessionErrors()).toEqual([])
        },
      )
    }
  }

  scenario("after a tool call the fallback gets its result, and the tool runs once", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const failing = gate()
    const command = { command: "echo ran >> ran.txt; echo done", description: "Leaves a trace" }
    host.simulator.script(primary, [toolCall("bash", command), after(failing, empty("tool-calls"))])
    const session = await host.session()
    const reply = session.prompt("hello", { agent })
    await failing.reached
    await rewrite(session, fallback, agent)
    failing.open()
    expect((await reply).model).toBe(fallback)
    const [request] = host.simulator.requests(fallback)
    expect(request === undefined ? [] : toolResults(request).map((result) => result.text.trim())).toEqual([
      "done",
    ])
    expect(await Bun.file(`${host.home.project}/ran.txt`).text()).toBe("ran\n")
  })

  scenario(
    "a rewriting that no hook completes loses the rest: the system text of the prompt",
    async (host) => {
      const { agent, primary, fallback } = host.chain("chat", "chat")
      const failing = gate()
      host.simulator.script(primary, [after(failing, empty("tool-calls"))])
      const session = await host.session()
      const reply = session.prompt("hello", { agent, system: "Speak like a sailor." })
      await failing.reached
      await rewrite(session, fallback, agent)
      failing.open()
      await reply
      const systems = [...host.simulator.requests(primary), ...host.simulator.requests(fallback)]
      expect(systems.map((request) => request.conversation.system.includes("Speak like a sailor."))).toEqual([
        true,
        false,
      ])
    },
  )

  scenario(
    "tools that a prompt switches off stay off for the session: they become its permissions",
    async (host) => {
      const { agent, primary } = host.chain("chat", "chat")
      const session = await host.session()
      await session.prompt("hello", { agent, tools: { bash: false } })
      await session.prompt("hello", { agent })
      await session.prompt("hello", { agent, tools: { bash: true } })
      const offered = host.simulator
        .requests(primary)
        .map((request) => offeredTools(request).includes("bash"))
      expect(offered).toEqual([false, false, true])
    },
  )

  scenario("a subagent's loop does the same, and its parent gets the answer", async (host) => {
    const parent = host.chain("chat")
    const child = host.chain("chat", "anthropic")
    const failing = gate()
    const task = { description: "Ask the other", prompt: "who are you?", subagent_type: child.agent }
    host.simulator.script(parent.primary, [
      toolCall("task", task),
      (request) => text(`it said: ${toolResults(request).at(-1)?.text ?? "nothing"}`),
    ])
    host.simulator.script(child.primary, [after(failing, empty("tool-calls"))])
    const session = await host.session()
    const reply = session.prompt("hello", { agent: parent.agent })
    await failing.reached
    const [sub] = await session.children()
    await sub?.prompt([], { model: child.fallback, agent: child.agent, noReply: true })
    failing.open()
    expect((await reply).text).toContain(`${child.fallback} says hello`)
  })
})

describe("replaying and addressing: the reactive path stands on it", () => {
  scenario("the same message id replays the prompt on another model without a second copy", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    host.simulator.always(primary, status(400))
    const session = await host.session()
    await session.prompt("hello", { agent })
    const [user] = await session.messages()
    const id = String(user?.info["id"])
    const parts =
      user?.parts.map((part) => ({ id: part["id"], type: part["type"], text: part["text"] })) ?? []
    const reply = await session.prompt(parts, { agent, model: fallback, messageID: id })
    expect(reply.text).toBe(`${fallback} says hello`)
    const history = await session.history()
    expect(history.map((entry) => `${entry.role} ${entry.model} ${entry.text}`.trim())).toEqual([
      `user ${fallback} hello`,
      `assistant ${primary}`,
      `assistant ${fallback} ${fallback} says hello`,
    ])
    const [request] = host.simulator.requests(fallback)
    expect(request === undefined ? [] : promptTexts(request)).toEqual(["hello"])
  })

  scenario("a prompt without an agent uses the default agent, not the session's", async (host) => {
    const { agent } = host.chain("chat")
    const session = await host.session()
    await session.prompt("hello", { agent })
    const reply = await session.prompt("again")
    expect(reply.agent).toBe("build")
  })

  scenario("an abort gives MessageAbortedError", async (host) => {
    const { agent, primary } = host.chain("chat")
    const never = gate()
    host.simulator.always(primary, after(never, text("too late")))
    const session = await host.session()
    const reply = session.prompt("hello", { agent })
    await never.reached
    await session.abort()
    expect((await reply).error).toBe("MessageAbortedError")
    await session.waitForEvent("session.error")
    expect(await wasLeft(host, primary)).toBe(true)
  })

  for (const protocol of PROTOCOLS) {
    scenario(`${protocol}: an attached image reaches the model`, async (host) => {
      const { agent, primary } = host.chain(protocol)
      const session = await host.session()
      await session.prompt([{ type: "text", text: "look" }, attachedImage], { agent })
      expect(host.simulator.requests(primary).map(hasImage)).toEqual([true])
    })
  }

  scenario("a prompt with a JSON schema offers the tool StructuredOutput", async (host) => {
    const { agent, primary } = host.chain("anthropic")
    host.simulator.script(primary, [
      (request) =>
        offeredTools(request).includes("StructuredOutput")
          ? toolCall("StructuredOutput", { answer: 42 })
          : text("no tool"),
    ])
    const session = await host.session()
    const schema = { type: "object", properties: { answer: { type: "number" } }, required: ["answer"] }
    const reply = await session.prompt("how many?", { agent, format: { type: "json_schema", schema } })
    expect(reply.info["structured"]).toEqual({ answer: 42 })
  })

  scenario("a session without a title asks the small model, apart from the turn", async (host) => {
    const { agent, primary } = host.chain("chat")
    const session = await host.session({ title: undefined })
    await session.prompt("hello", { agent })
    const title = await host.simulator.waitForRequest((request) => request.purpose === "title")
    expect(title.model).toBe("alpha/small")
    expect(host.simulator.requests(primary)).toHaveLength(1)
  })

  scenario("a compaction asks the model apart from the turn and is told apart", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "chat")
    const session = await host.session()
    await session.prompt("hello", { agent })
    host.simulator.script(fallback, [repeat(text("a summary"))])
    await session.summarize(fallback)
    expect(host.simulator.requests(fallback).map((request) => request.purpose)).toEqual(["compaction"])
    expect(host.simulator.requests(primary)).toHaveLength(1)
  })
})

describe("plugins: the loading and the hooks that the product stands on", () => {
  const PROBE = `
    export const Probe = async ({ client }, options) => {
      const original = globalThis.fetch
      globalThis.fetch = (input, init) => {
        const headers = new Headers(init?.headers)
        if (headers.has("x-probe")) headers.set("x-wrapped", "yes")
        return original(input, headers.has("x-probe") ? { ...init, headers } : init)
      }
      return {
        "chat.message": async (input, output) => {
          const text = output.parts.map((part) => part.text ?? "").join("")
          const wanted = /use (\\S+)\\/(\\S+)/.exec(text)
          if (wanted) output.message.model = { providerID: wanted[1], modelID: wanted[2] }
          await client.tui.showToast({ body: { title: "Probe", message: "saw " + text + " " + options?.word, variant: "info" } })
        },
        "chat.headers": async (input, output) => {
          output.headers["x-probe"] = [input.agent?.name ?? input.agent, input.model.id, input.message.id].join(" ")
        },
      }
    }
  `
  const scenario = scenarios({
    plugin: [["./probe", { word: "from-options" }], "./broken"],
    configFiles: {
      "broken/package.json": JSON.stringify({ name: "broken", type: "module", main: "server.js" }),
      "broken/server.js": 'throw new Error("broken on purpose")',
      "probe/package.json": JSON.stringify({
        name: "probe",
        type: "module",
        exports: { "./server": "./server.js" },
      }),
      "probe/server.js": PROBE,
    },
    opencode: { agent: { leaky: { mode: "primary", fallback_models: ["alpha/two"] } } },
  })

  scenario(
    "a folder with exports[./server] is loaded with its options, and its toast is an event",
    async (host) => {
      const session = await host.session()
      await session.prompt("hello")
      expect(await host.waitForToast("saw hello")).toEqual({
        title: "Probe",
        message: "saw hello from-options",
        variant: "info",
      })
    },
  )

  scenario("chat.message may change the model of the turn", async (host) => {
    const { agent, primary, fallback } = host.chain("chat", "anthropic")
    const session = await host.session()
    const reply = await session.prompt(`use ${fallback}`, { agent })
    expect(reply.model).toBe(fallback)
    expect(host.simulator.requests(primary)).toEqual([])
  })

  for (const protocol of PROTOCOLS) {
    scenario(`${protocol}: chat.headers marks each step, and the global fetch sees it`, async (host) => {
      const { agent, primary } = host.chain(protocol)
      host.simulator.script(primary, [
        stream(call("bash", { command: "true", description: "Nothing" })),
        text("done"),
      ])
      const session = await host.session()
      await session.prompt("hello", { agent })
      const { modelID } = modelReference(primary)
      const [user] = await session.messages()
      const marks = host.simulator
        .requests(primary)
        .map(({ headers }) => [headers["x-probe"], headers["x-wrapped"]])
      const mark = [`${agent} ${modelID} ${String(user?.info["id"])}`, "yes"]
      expect(marks).toEqual([mark, mark])
    })
  }

  scenario("unknown keys of an agent travel to the provider", async (host) => {
    const [model = ""] = host.models(1)
    const session = await host.session()
    await session.prompt("hello", { agent: "leaky", model })
    expect(host.simulator.requests(model)[0]?.body["fallback_models"]).toEqual(["alpha/two"])
  })

  scenario("one that fails to load is a session.error without a session, and only there", async (host) => {
    // Each start of the project loads anew: on a busy machine OpenCode (1.18.33) once published nothing at its own.
    await host.api.post("/instance/dispose", {})
    await host.api.get("/config")
    const event = await host.waitForEvent(({ type }) => type === "session.error")
    expect(event.properties["sessionID"]).toBeUndefined()
    expect(JSON.stringify(event.properties["error"])).toContain("broken on purpose")
    expect(await host.logs()).not.toContain("broken on purpose")
    const session = await host.session()
    expect((await session.prompt("hello")).text).toBe("alpha/one says hello")
  })
})

describe("the harness keeps the network out", () => {
  scenario("a pre-filled config folder keeps OpenCode from installing packages", async (host) => {
    const session = await host.session()
    await session.prompt("hello")
    expect(asked).toBe(0)
  })
})
