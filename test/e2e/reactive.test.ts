/**
 * Providers whose requests cannot be ended in flight: Cohere's protocol is none of ours, Bedrock signs its headers
 * before they are sent, and a provider that cannot be loaded sends none at all.
 */
import { afterAll, expect } from "bun:test"
import { after, gate, hasImage, promptTexts, text, toolResults } from "../simulator/index.ts"
import { record } from "../simulator/protocol/json.ts"
import { cohereCalls, cohereSays, refuse, startCohere } from "./cohere-provider.ts"
import type { Host, Session } from "./harness/index.ts"
import { endRest } from "./harness/shared-store.ts"
import { inFlightScenarios, roundTrip } from "./in-flight/unnoticed.ts"
import { attachedImage } from "./pixel.ts"

const cohere = startCohere()
afterAll(() => cohere.stop())

const model = (name: string) => ({
  name,
  tool_call: true,
  attachment: true,
  limit: { context: 200_000, output: 32_000 },
  modalities: { input: ["text", "image", "pdf"], output: ["text"] },
  variants: { high: { thinking: { type: "enabled" } } },
})
/** Named as they are spelled in settings: toasts show names. */
const modelsOf = (provider: string) => ({ one: model(`${provider}/one`) })

/** Each scenario has an agent and providers of its own. */
const chains = {
  hour: ["coh1/one", "gamma/m1"],
  kept: ["coh2/one", "gamma/m2"],
  refused: ["coh3/one", "gamma/m3"],
  three: ["coh4/one", "coh5/one", "gamma/m4"],
  mixed: ["coh6/one", "gamma/m5", "coh7/one"],
  allRefused: ["coh8/one", "coh9/one", "coh10/one"],
  allAway: ["coh11/one", "coh12/one"],
  escape: ["coh13/one", "gamma/m6"],
  escapeWait: ["coh14/one", "gamma/m7"],
  tools: ["coh15/one", "gamma/m8"],
  unloadable: ["nothing/one", "gamma/m9"],
  bedrock: ["bedrock/one", "gamma/m10"],
  request: ["coh16/one", "gamma/m11"],
  parent: ["gamma/m12"],
  child: ["coh17/one", "gamma/m13"],
  late: ["coh18/one", "gamma/m14"],
  thinking: ["coh19/one", "coh20/one", "gamma/m15"],
  thinkingOwn: ["coh21/one", "gamma/m16"],
  queued: ["coh22/one", "gamma/m17"],
  returning: ["coh23/one", "gamma/m18"],
} as const

type Name = keyof typeof chains

const numbered = Object.fromEntries(
  Array.from({ length: 23 }, (_, index) => `coh${index + 1}`).map((id) => [
    id,
    {
      npm: "@ai-sdk/cohere",
      name: id,
      options: { baseURL: `${cohere.origin}/${id}`, apiKey: `key-of-${id}` },
      models: modelsOf(id),
    },
  ]),
)

const scenario = inFlightScenarios({
  opencode: {
    provider: {
      ...numbered,
      bedrock: {
        npm: "@ai-sdk/amazon-bedrock",
        name: "bedrock",
        options: {
          baseURL: `${cohere.origin}/bedrock`,
          region: "us-east-1",
          accessKeyId: "AKIDEXAMPLE",
          secretAccessKey: "secret",
        },
        models: modelsOf("bedrock"),
      },
      nothing: {
        npm: "file:///nowhere/provider.js",
        name: "nothing",
        options: {},
        models: modelsOf("nothing"),
      },
    },
    agent: Object.fromEntries(
      Object.entries(chains).map(([name, [own]]) => [
        name,
        { mode: name === "child" ? "subagent" : "primary", model: own, description: name },
      ]),
    ),
  },
  understudy: {
    runtime_fallback: { cooldown_seconds: 600 },
    agents: Object.fromEntries(
      Object.entries(chains).map(([name, [, ...fallbacks]]) => [name, { fallback_models: fallbacks }]),
    ),
  },
})

const hour = refuse(429, "rate limited", { "retry-after": "3600" })
const badKey = refuse(401, "invalid api token")

/** Waits for the n-th answer that came to its end properly or not at all. */
async function finished(session: Session, by: string): Promise<void> {
  await session.waitForEvent((event) => {
    const info = record(event.properties["info"])
    return `${String(info["providerID"])}/${String(info["modelID"])}` === by && info["finish"] === "stop"
  })
  await session.waitForEvent(
    () => record(session.events("session.status").at(-1)?.properties["status"])["type"] === "idle",
  )
}

async function roles(session: Session): Promise<readonly string[]> {
  return (await session.history()).map((entry) =>
    `${entry.role} ${entry.model} ${entry.error ?? ""} ${entry.text}`.replace(/ +/g, " ").trim(),
  )
}

async function switches(host: Host, name: Name): Promise<readonly string[]> {
  return (await host.waitForToasts(chains[name][0])).map((toast) => toast.message)
}

scenario(
  "a rate limit of an hour is left at once, and the prompt stands in the history once",
  async (host) => {
    cohere.script("coh1/one", hour)
    const session = await host.session()
    await session.promptAsync("hello", { agent: "hour" })
    await finished(session, "gamma/m1")
    expect(await roles(session)).toEqual([
      "user coh1/one hello",
      "assistant coh1/one",
      "assistant gamma/m1 gamma/m1 says hello",
    ])
    expect(cohere.requests("coh1/one")).toHaveLength(1)
    expect(host.simulator.requests("gamma/m1")).toHaveLength(1)
    expect(session.sessionErrors()).toEqual([])
    expect(await switches(host, "hour")).toEqual([
      expect.stringMatching(
        /^coh1\/one: rate limit reached\. Continuing with gamma\/m1\. coh1\/one is back in about (59 minutes|an hour)\./,
      ),
    ])
  },
)

scenario("the next prompt goes straight to the fallback", async (host) => {
  const session = await host.session()
  const reply = await session.prompt("again", { agent: "hour" })
  expect(reply.model).toBe("gamma/m1")
  expect(cohere.requests("coh1/one")).toHaveLength(1)
})

scenario(
  "what the prompt held is kept: files once, the image, agent, variant, tools, system",
  async (host) => {
    cohere.script("coh2/one", hour)
    const session = await host.session()
    await session.promptAsync(
      [
        { type: "text", text: "look" },
        {
          type: "file",
          mime: "text/plain",
          filename: "note.txt",
          url: "data:text/plain;base64,UExVTVMgQVJFIEJMVUU=",
        },
        attachedImage,
      ],
      { agent: "kept", system: "Speak like a sailor.", tools: { bash: false }, variant: "high" },
    )
    await finished(session, "gamma/m2")
    const [request] = host.simulator.requests("gamma/m2")
    if (!request) throw new Error("the fallback was not asked")
    expect(hasImage(request)).toBe(true)
    expect(
      promptTexts(request)
        .join(" ")
        .match(/PLUMS ARE BLUE/g),
    ).toHaveLength(1)
    expect(promptTexts(request).filter((prompt) => prompt === "look")).toHaveLength(1)
    expect(request.conversation.system).toContain("Speak like a sailor.")
    expect(request.conversation.tools).not.toContain("bash")
    const [user, , answer] = await session.messages()
    expect(answer?.agent).toBe("kept")
    expect(JSON.stringify(user?.info)).toContain('"variant":"high"')
  },
)

scenario("the output format is kept: the fallback is offered StructuredOutput", async (host) => {
  cohere.script("coh16/one", hour)
  const session = await host.session()
  const schema = { type: "object", properties: { answer: { type: "number" } }, required: ["answer"] }
  await session.promptAsync("how many?", { agent: "request", format: { type: "json_schema", schema } })
  const request = await host.simulator.waitForRequest("gamma/m11")
  expect(request.conversation.tools).toContain("StructuredOutput")
})

scenario("a refused key is met once OpenCode has given up, with one switch and one toast", async (host) => {
  cohere.script("coh3/one", badKey)
  const session = await host.session()
  await session.promptAsync("hello", { agent: "refused" })
  await finished(session, "gamma/m3")
  expect(await roles(session)).toEqual([
    "user coh3/one hello",
    "assistant coh3/one APIError",
    "assistant gamma/m3 gamma/m3 says hello",
  ])
  expect(host.simulator.requests("gamma/m3")).toHaveLength(1)
  expect(await switches(host, "refused")).toHaveLength(1)
})

scenario("a chain of three with two that fail ends on the third", async (host) => {
  cohere.script("coh4/one", hour)
  cohere.script("coh5/one", badKey)
  const session = await host.session()
  await session.promptAsync("hello", { agent: "three" })
  await finished(session, "gamma/m4")
  expect(cohere.requests("coh4/one")).toHaveLength(1)
  expect(cohere.requests("coh5/one")).toHaveLength(1)
  expect((await roles(session))[0]).toBe("user coh4/one hello")
})

scenario("both ways work in one turn, each failure handled by exactly one of them", async (host) => {
  cohere.script("coh6/one", badKey)
  host.simulator.always("gamma/m5", { kind: "status", status: 529 })
  const session = await host.session()
  await session.promptAsync("hello", { agent: "mixed" })
  await finished(session, "coh7/one")
  expect(cohere.requests("coh6/one")).toHaveLength(1)
  expect(host.simulator.requests("gamma/m5")).toHaveLength(1)
  expect(cohere.requests("coh7/one")).toHaveLength(1)
  await host.waitForToasts("gamma/m5: ")
  expect(await switches(host, "mixed")).toEqual([
    expect.stringContaining("Continuing with gamma/m5"),
    expect.stringContaining("Continuing with coh7/one"),
  ])
})

scenario(
  "when all fail the turn ends, each error stands in the history, and the toast names all",
  async (host) => {
    for (const name of chains.allRefused) cohere.script(name, badKey)
    const session = await host.session()
    await session.promptAsync("hello", { agent: "allRefused" })
    const toast = await host.waitForToast("No other model is left: coh9/one")
    expect(toast.variant).toBe("error")
    for (const name of chains.allRefused) expect(toast.message).toContain(name)
    await session.waitForEvent(() => session.sessionErrors().length === 3)
    await roundTrip(host)
    expect(chains.allRefused.map((name) => cohere.requests(name).length)).toEqual([1, 1, 1])
    expect((await session.history()).filter((entry) => entry.error === "APIError")).toHaveLength(3)
  },
)

scenario("when all are away for an hour, nobody waits for an hour, and the error is seen", async (host) => {
  for (const name of chains.allAway) cohere.script(name, hour)
  const session = await host.session()
  await session.promptAsync("hello", { agent: "allAway" })
  expect((await host.waitForToast("No other model is left: coh12/one")).variant).toBe("error")
  await session.waitForEvent("session.error")
  expect(chains.allAway.map((name) => cohere.requests(name).length)).toEqual([1, 1])
  expect((await session.history())[0]?.model).toBe("coh11/one")
  expect(JSON.stringify(session.sessionErrors().at(-1)?.properties)).toContain(
    "No model is left for this turn.",
  )
})

scenario("Esc while the fallback answers ends the turn for good", async (host) => {
  cohere.script("coh13/one", hour)
  const never = gate()
  host.simulator.always("gamma/m6", after(never, text("too late")))
  const session = await host.session()
  await session.promptAsync("hello", { agent: "escape" })
  await never.reached
  await session.abort()
  await session.waitForEvent("session.error")
  await roundTrip(host)
  expect(host.simulator.requests("gamma/m6")).toHaveLength(1)
  expect(cohere.requests("coh13/one")).toHaveLength(1)
  expect(host.toasts("No other model is left").filter((toast) => toast.message.includes("gamma/m6"))).toEqual(
    [],
  )
})

scenario("Esc at the very moment of our own abort is not lost", async (host) => {
  cohere.script("coh14/one", hour)
  host.simulator.always("gamma/m7", after(gate(), text("too late")))
  const session = await host.session()
  await session.promptAsync("hello", { agent: "escapeWait" })
  await session.waitForRetry()
  await session.abort()
  await roundTrip(host)
  // On a slow machine Esc comes when the fallback has been asked already: then it ends that.
  expect(host.simulator.requests("gamma/m7").filter(({ clientAborted }) => !clientAborted)).toEqual([])
})

scenario("a tool that has run is not run again when a later step fails", async (host) => {
  cohere.script(
    "coh15/one",
    cohereCalls("bash", { command: "echo x >> ran.txt", description: "Mark" }),
    badKey,
  )
  const session = await host.session()
  await session.promptAsync("hello", { agent: "tools" })
  await finished(session, "gamma/m8")
  expect(await Bun.file(`${host.home.project}/ran.txt`).text()).toBe("x\n")
  expect(cohere.requests("coh15/one")).toHaveLength(2)
  const [request] = host.simulator.requests("gamma/m8")
  expect(request && toolResults(request)).toHaveLength(1)
})

scenario("a provider that cannot be loaded is left for the next model", async (host) => {
  const session = await host.session()
  await session.promptAsync("hello", { agent: "unloadable" })
  await finished(session, "gamma/m9")
  expect((await roles(session))[0]).toBe("user nothing/one hello")
})

scenario("Bedrock's signed request bears no marker, and its failure is met", async (host) => {
  cohere.script("bedrock/one", refuse(429, "Too many requests"))
  const session = await host.session()
  await session.promptAsync("hello", { agent: "bedrock" })
  await finished(session, "gamma/m10")
  const [request] = cohere.requests("bedrock/one")
  expect(request?.headers["authorization"]).toContain("SignedHeaders=")
  expect(request?.headers["authorization"]).not.toContain("understudy")
})

scenario("a subagent's replay comes to an end: nothing loops, each model is asked once", async (host) => {
  cohere.script("coh17/one", badKey)
  host.simulator.script("gamma/m12", [
    {
      kind: "stream",
      beats: [
        {
          kind: "tool-call",
          name: "task",
          input: { description: "d", prompt: "do it", subagent_type: "child" },
        },
      ],
    },
    text("parent is done"),
  ])
  const session = await host.session()
  const reply = await session.prompt("delegate", { agent: "parent" })
  expect(reply.text).toBe("parent is done")
  const [child] = await session.children()
  if (!child) throw new Error("no child session")
  await finished(child, "gamma/m13")
  expect(cohere.requests("coh17/one")).toHaveLength(1)
  expect(host.simulator.requests("gamma/m13")).toHaveLength(1)
  expect(host.simulator.requests("gamma/m12")).toHaveLength(2)
})

scenario(
  "a model that chokes on the thinking of the one before is passed over, and stays healthy",
  async (host) => {
    cohere.script("coh19/one", badKey)
    cohere.script("coh20/one", refuse(400, "messages.1.content.0: Invalid `signature` in `thinking` block"))
    const session = await host.session()
    await session.promptAsync("hello", { agent: "thinking" })
    await finished(session, "gamma/m15")
    expect(cohere.requests("coh20/one")).toHaveLength(1)
    cohere.script("coh20/one", cohereSays("fine here"))
    const reply = await (await host.session()).prompt("hi", { agent: "build", model: "coh20/one" })
    expect(reply.text).toBe("fine here")
  },
)

scenario("the same refusal by the user's own model is left to OpenCode", async (host) => {
  cohere.script("coh21/one", refuse(400, "messages.1.content.0: Invalid `signature` in `thinking` block"))
  const session = await host.session()
  const reply = await session.prompt("hello", { agent: "thinkingOwn" })
  expect(reply.error).toBe("APIError")
  await roundTrip(host)
  expect(host.simulator.requests("gamma/m16")).toHaveLength(0)
})

scenario("a prompt that was queued behind a waiting one is answered on the fallback", async (host) => {
  // Words that say nothing are left to OpenCode, which waits two seconds; then the model is gone for an hour.
  cohere.script("coh22/one", refuse(500, "xyzzy"), hour)
  const session = await host.session()
  await session.promptAsync("first", { agent: "queued" })
  await session.waitForRetry()
  await session.promptAsync("second", { agent: "queued" })
  await finished(session, "gamma/m17")
  const request = host.simulator.requests("gamma/m17").at(-1)
  expect(request && promptTexts(request)).toEqual(["first", "second"])
})

scenario(
  "the user's own model comes back by itself, and its answer ends the cooldown and is told",
  async (host) => {
    cohere.script("coh23/one", refuse(404, "model 'one' not found"), cohereSays("well again"))
    const session = await host.session()
    await session.promptAsync("hello", { agent: "returning" })
    await finished(session, "gamma/m18")
    await endRest(host, "coh23/one")
    expect((await session.prompt("again", { agent: "returning" })).text).toBe("well again")
    expect((await host.waitForToast("back in use")).message).toBe("coh23/one is back in use.")
  },
)

scenario("no request of any scenario took our marker along", async () => {
  expect(cohere.requests().length).toBeGreaterThan(15)
  const marked = cohere.requests().filter((request) => "x-understudy-step" in request.headers)
  expect(marked).toEqual([])
  await Promise.resolve()
})
