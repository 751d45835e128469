/** OpenCode 2 asks OpenAI and xAI over a WebSocket, where no HTTP hook sees what fails. */
import { afterAll, expect } from "bun:test"
import { gate } from "../../simulator/gate.ts"
import { record, string } from "../../simulator/protocol/json.ts"
import { openaiResponses } from "../../simulator/protocol/openai-responses.ts"
import { scenarios2 } from "../harness/opencode2/index.ts"
import { providerConfig } from "../harness/providers.ts"

const usage = { inputTokens: 10, outputTokens: 5 }
const muchUsed = { ...usage, inputTokens: 59_000 }

/** What ChatGPT says when a plan's limit is reached. */
const limit = {
  type: "error",
  status: 429,
  error: {
    type: "usage_limit_reached",
    message: "The usage limit has been reached",
    resets_in_seconds: 7_200,
  },
}

const headers = {
  "content-type": "text/event-stream",
  "x-codex-primary-used-percent": "93",
  "x-codex-primary-window-minutes": "300",
}

/** Holds back the first answer of the model `falling`, which then reaches its limit. */
const lastCall = gate()
let isFallen = false

/** What the model of this name says, as frames over HTTP. */
async function framesOf(model: string): Promise<string> {
  if (model === "limited" || (model === "falling" && isFallen)) return `data: ${JSON.stringify(limit)}\n\n`
  const encoder = openaiResponses.encoder(model, crypto.randomUUID(), "seal")
  if (model === "falling") {
    isFallen = true
    lastCall.arrive()
    await lastCall.opened
    return encoder.toolCall("shell", '{"command":"true"}', true) + encoder.finish("tool-calls", usage)
  }
  const said = model === "silent" ? "" : encoder.text(`${model} says hello`)
  return encoder.begin() + said + encoder.finish("stop", model === "full" ? muchUsed : usage)
}

const modelOf = (body: string): string => string(record(JSON.parse(body))["model"])

/** A provider that speaks OpenAI's responses over a WebSocket, and over HTTP to whoever has no dead key. */
function startProvider() {
  const asked: string[] = []
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request, self) {
      if (self.upgrade(request)) return undefined
      const body = await request.text()
      const model = modelOf(body)
      const key = request.headers.get("authorization") ?? ""
      asked.push(`${model} ${key}`)
      if (body.includes("compaction_trigger")) return Response.json(limit, { status: 429 })
      return key === "Bearer key-of-keyed"
        ? Response.json(limit, { status: 429 })
        : new Response(await framesOf(model), { headers })
    },
    websocket: {
      async message(socket, body) {
        const model = modelOf(String(body))
        asked.push(`${model} over a WebSocket`)
        for (const frame of (await framesOf(model)).split("\n\n")) {
          const [, data] = frame.split("data: ")
          if (model === "closing" && data?.includes("response.completed")) return socket.close(1011)
          if (data !== undefined) socket.send(data)
        }
      },
    },
  })
  return { origin: server.url.origin, asked, stop: (): Promise<void> => server.stop(true) }
}

const provider = startProvider()
afterAll(() => provider.stop())

const models = { well: {}, limited: {}, silent: {}, falling: {}, closing: {} }
/** Its answer fills its window, and the provider compacts it itself, as OpenAI does. */
const full = { full: { limit: { context: 60_000, output: 1_000 } } }

const overSocket = (id: string, offered: object = models, more: object = {}): object => {
  const config = providerConfig("responses", id, provider.origin, record(offered))
  return { ...config, options: { ...record(config["options"]), transport: "websocket", ...more } }
}

const scenario = scenarios2({
  opencode: {
    provider: {
      socket: overSocket("socket"),
      keyed: overSocket("keyed"),
      metered: overSocket("metered"),
      native: overSocket("native", full, { compaction: { type: "native" } }),
    },
  },
  understudy: {
    providers: { keyed: { keys: ["second"] }, metered: { leave_at_percent: 90 } },
    fallback_models: ["gamma/m1"],
  },
})

const askedOf = (model: string): readonly string[] => provider.asked.filter((one) => one.startsWith(model))

scenario("a model that is well is asked there", async (host) => {
  const session = await host.session()
  const reply = await session.prompt("hello", { model: "socket/well" })
  expect(reply).toMatchObject({ model: "socket/well", text: "well says hello" })
  expect(askedOf("well")).toEqual(["well over a WebSocket"])
})

scenario("an answer with nothing in it is a failure", async (host) => {
  const session = await host.session()
  const reply = await session.prompt("hello", { model: "socket/silent" })
  expect(reply).toMatchObject({ model: "gamma/m1", text: "gamma/m1 says hello", error: undefined })
})

scenario("an answer whose connection closes in the middle is continued by the next model", async (host) => {
  const session = await host.session()
  expect(await session.prompt("hello", { model: "socket/closing" })).toMatchObject({ model: "gamma/m1" })
  expect(askedOf("closing")).toEqual(["closing over a WebSocket"])
  expect((await session.history()).filter(({ role }) => role === "assistant")).toMatchObject([
    { model: "socket/closing", text: "closing says hello" },
    { model: "gamma/m1", text: "gamma/m1 says hello" },
  ])
})

scenario("a limit is told with the provider's own words and time", async (host) => {
  const session = await host.session()
  expect(await session.prompt("hello", { model: "socket/limited" })).toMatchObject({ model: "gamma/m1" })
  const { message } = await host.waitForToast("socket/limited")
  expect(message).toContain("usage limit reached")
  expect(message).toContain("back in about 2 hours")
  expect(askedOf("limited")).toEqual(["limited over a WebSocket"])
})

scenario("a provider with a second key is asked over HTTP, where it can be used", async (host) => {
  const session = await host.session()
  const reply = await session.prompt("hello", { model: "keyed/well" })
  expect(reply).toMatchObject({ model: "keyed/well", text: "well says hello" })
  expect(askedOf("well").slice(-2)).toEqual(["well Bearer key-of-keyed", "well Bearer second"])
})

scenario("a model that is found down in the middle of a turn is not asked again", async (host) => {
  const [first, second] = [await host.session(), await host.session()]
  await first.promptAsync("hello", { model: "socket/falling" })
  await lastCall.reached
  expect(await second.prompt("hello", { model: "socket/falling" })).toMatchObject({ model: "gamma/m1" })
  lastCall.open()
  await first.wait()
  const answers = (await first.history()).filter(({ role }) => role === "assistant")
  expect(answers).toMatchObject([
    { model: "socket/falling", tools: ["shell:completed"] },
    { model: "gamma/m1", text: "gamma/m1 says hello" },
  ])
  expect(askedOf("falling")).toHaveLength(2)
})

scenario("a provider whose limits are to be read is asked over HTTP, which tells them", async (host) => {
  const session = await host.session()
  expect(await session.prompt("hello", { model: "metered/well" })).toMatchObject({ model: "metered/well" })
  expect(await session.prompt("again")).toMatchObject({ model: "gamma/m1" })
  expect((await host.waitForToast("metered/well")).message).toContain("5 h window 93 % used")
})

scenario("a compaction that the provider cannot do itself becomes another model's summary", async (host) => {
  const session = await host.session()
  await session.prompt("hello", { model: "native/full" })
  const reply = await session.prompt("again")
  expect(reply).toMatchObject({ model: "gamma/m1", text: "gamma/m1 says hello" })
  const rows = (await session.messages()).filter(({ type }) => type === "compaction")
  expect(rows).toMatchObject([{ status: "completed", summary: "gamma/m1 says hello" }])
  expect(askedOf("full")).toEqual(["full over a WebSocket", "full Bearer key-of-native"])
})
