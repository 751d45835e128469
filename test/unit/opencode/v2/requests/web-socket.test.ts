/** Steps that OpenCode asks over a WebSocket: what is seen of them, and which are to go over HTTP. */
import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../../../src/config/schema.ts"
import { heldCircuit } from "../../../../../src/core/circuit.ts"
import type { RetryEvent } from "../../../../../src/opencode/v2/host/context.ts"
import { makeWorld, usual, type World } from "../world.ts"

const model = { id: "1", providerID: "a" }
const step = { sessionID: "s", agent: "build", model, kind: "primary" } as const
const address = "wss://provider.test/v1/responses"

const response = { id: "resp_1", output: [] }
const created = { type: "response.created", response }
const said = { type: "response.output_text.delta", item_id: "m", output_index: 0, delta: "hello" }
const called = { type: "response.output_item.done", output_index: 0, item: { type: "function_call" } }
const completed = { type: "response.completed", response: { ...response, status: "completed" } }
const error = (more: object): object => ({ type: "error", error: more })
const limit = error({ type: "usage_limit_reached", message: "The usage limit", resets_in_seconds: 7_200 })

async function prompted(settings: SettingsInput = usual): Promise<World> {
  const world = makeWorld({ settings })
  world.open("s", "a/1")
  await world.prompt("s")
  return world
}

/** One request as OpenCode makes it. @returns where it went, and the frames that OpenCode got */
function ask(world: World, ...frames: readonly object[]) {
  return askAt(address, world, ...frames)
}

async function askAt(url: string, { hooks }: World, ...frames: readonly object[]) {
  await hooks["model.request"](step)
  const asked = { ...step, url }
  await hooks["experimental.ws.handshake"](asked)
  const got: unknown[] = []
  for (const frame of frames) {
    const received = { ...step, frame: JSON.stringify(frame) }
    await hooks["experimental.ws.receive"](received)
    got.push(JSON.parse(received.frame))
  }
  return { url: asked.url, got }
}

/** What a title, which is asked for beside the turn's first step, has of that step's session. */
async function title({ hooks }: World, ...frames: readonly object[]): Promise<void> {
  const beside = { ...step, kind: "title" } as const
  await hooks["experimental.ws.handshake"]({ ...beside, url: address })
  for (const frame of frames)
    await hooks["experimental.ws.receive"]({ ...beside, frame: JSON.stringify(frame) })
}

async function fails({ hooks }: World, type: string, attempt = 2): Promise<RetryEvent> {
  const event: RetryEvent = {
    ...step,
    error: { type, message: "" },
    attempt,
    decision: { retry: false },
  }
  await hooks.retry(event)
  return event
}

describe("a step over a WebSocket", () => {
  test("goes over HTTP where it is the last request for it: a connection that closes cannot say that nobody is left", async () => {
    const world = await prompted({})
    await fails(world, "provider.rate-limit", 9)
    expect((await ask(world)).url).toBe(address)
    await fails(world, "provider.rate-limit", 10)
    expect((await ask(world)).url).not.toBe(address)
  })

  test("that is well is passed on as it came", async () => {
    const world = await prompted()
    const frames = [created, said, completed]
    expect(await ask(world, ...frames)).toEqual({ url: address, got: frames })
    expect(world.logs).toEqual([])
  })

  test("is judged by what the provider said, not by OpenCode's class of it", async () => {
    const world = await prompted()
    expect((await ask(world, limit)).got).toEqual([limit])
    expect((await fails(world, "provider.quota")).decision).toEqual({ retry: true, delay: 0 })
    expect(world.modelOf("s")).toBe("b/1")
    expect(world.store.journal({ limit: 1, sessionID: "s" })).toMatchObject([{ kind: "quota" }])
  })

  test("that says nothing becomes a failure, unless a tool has run in its turn, or all is switched off there", async () => {
    const world = await prompted()
    expect((await ask(world, created, completed)).got).toEqual([
      created,
      error({ type: "server_error", message: "a/1 cannot go on" }),
    ])
    const worked = await prompted()
    await ask(worked, created, called, completed)
    expect((await ask(worked, created, completed)).got).toEqual([created, completed])
    expect(worked.logs).toEqual([])
    const off = await prompted()
    off.sessions.patch("s", { off: true })
    expect((await ask(off, created, completed)).got).toEqual([created, completed])
  })

  test("after which nobody is left ends in our words", async () => {
    const world = await prompted({ agents: { build: { fallback_models: ["a/2"] } } })
    const [frame] = (await ask(world, error({ code: "invalid_api_key", message: "no such key" }))).got
    expect(JSON.stringify(frame)).toContain("No model is left for this turn. a/1: key was rejected")
  })

  test("whose connection closes is asked again there, unless an answer has begun", async () => {
    const world = await prompted()
    await ask(world, created)
    expect((await fails(world, "provider.transport")).decision).toMatchObject({ retry: true })
    expect(world.modelOf("s")).toBe("a/1")
    const begun = await prompted()
    await ask(begun, created, said)
    await fails(begun, "provider.transport")
    expect(begun.modelOf("s")).toBe("b/1")
  })

  test("that OpenCode asks again by itself leaves nothing to be judged", async () => {
    const world = await prompted()
    const lost = error({ code: "previous_response_not_found", message: "not found" })
    expect((await ask(world, lost)).got).toEqual([lost])
    await fails(world, "provider.auth")
    expect(world.store.journal({ limit: 1, sessionID: "s" })).toMatchObject([{ kind: "auth" }])
  })

  test("in a protocol that nobody reads is passed on as it came, whatever was read before it", async () => {
    const world = await prompted()
    await ask(world, created)
    const { got } = await askAt("wss://provider.test/v1/unknown", world, limit)
    expect(got).toEqual([limit])
    expect(world.logs).toEqual([])
    await fails(world, "provider.auth")
    expect(world.store.journal({ limit: 1, sessionID: "s" })).toMatchObject([{ kind: "auth" }])
  })

  test("is not judged by what broke in the one before", async () => {
    const world = await prompted()
    await ask(world, limit)
    await ask(world, created)
    await fails(world, "provider.auth")
    expect(world.store.journal({ limit: 1, sessionID: "s" })).toMatchObject([{ kind: "auth" }])
  })

  test("is read on its own, whatever is asked for beside it", async () => {
    const world = await prompted()
    await ask(world)
    await title(world, created, said, completed)
    await fails(world, "provider.transport")
    expect(world.modelOf("s")).toBe("a/1")
    const begun = await prompted()
    await ask(begun, created, said)
    await title(begun)
    await fails(begun, "provider.transport")
    expect(begun.modelOf("s")).toBe("b/1")
  })

  test("of a model that has gone down in mid-turn goes over HTTP, where it is refused", async () => {
    const world = await prompted()
    expect((await ask(world, created, called, completed)).url).toBe(address)
    world.store.updateCircuit("model:a/1", () => heldCircuit("model:a/1", world.now()))
    expect((await ask(world)).url).not.toBe(address)
  })

  test("with which the provider is to compact the session goes over HTTP, unless all is switched off", async () => {
    for (const enabled of [true, false]) {
      const { hooks } = await prompted({ ...usual, runtime_fallback: { enabled } })
      const asked = { ...step, kind: "compaction", url: address } as const
      await hooks["experimental.ws.handshake"](asked)
      expect(asked.url === address).toBe(!enabled)
    }
  })

  const settings: readonly (readonly [what: string, SettingsInput, isOverHttp: boolean])[] = [
    ["without further settings stays there", usual, false],
    ["with a second key goes over HTTP", { ...usual, providers: { a: { keys: ["second"] } } }, true],
    ["with another's second key stays there", { ...usual, providers: { b: { keys: ["second"] } } }, false],
    [
      "with a limit of silence goes over HTTP",
      { ...usual, runtime_fallback: { first_token_timeout_seconds: 9 } },
      true,
    ],
    [
      "with a limit of stalling goes over HTTP",
      { ...usual, models: { "a/1": { stall_timeout_seconds: 9 } } },
      true,
    ],
    [
      "with a share at which it is left goes over HTTP",
      { ...usual, providers: { a: { leave_at_percent: 90 } } },
      true,
    ],
    ["is OpenCode's where all is switched off", { runtime_fallback: { enabled: false } }, false],
  ]
  for (const [what, given, isOverHttp] of settings)
    test(what, async () => {
      const { url } = await ask(await prompted(given))
      expect(url === address).toBe(!isOverHttp)
    })
})
