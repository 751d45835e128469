import { afterEach, describe, expect, jest, test } from "bun:test"
import { isSessionGone } from "../../../../../src/host/session-gone.ts"
import {
  createLentMessages,
  type LentMessages,
} from "../../../../../src/opencode/v1/lending/lent-messages.ts"
import type { Choice } from "../../../../../src/turn/turn.ts"

/** OpenCode's half of a rewriting: it builds the message anew, asks our hook, and stores what the hook leaves. */

type Stored = Record<string, unknown>
type Client = Parameters<typeof createLentMessages>[0]

type OtherPlugin = (output: { readonly message: Stored; parts: unknown[] }) => void

class Format {
  readonly type = "json_schema"
}

let serial = 0

function setUp() {
  serial += 1
  const sessionID = `ses_${serial}`
  const database = new Map<string, Stored>()
  const calls: string[] = []
  const log: string[] = []
  let asked = 0
  const bodies: Stored[] = []
  /** The parts that OpenCode stores: those of its own list, whatever the hooks make of theirs. */
  const stored: unknown[] = []
  let othersBefore: OtherPlugin = () => undefined
  let othersBehind: OtherPlugin = () => undefined
  let reverted = false
  let refuses = false
  /** Each call waits for it. */
  let gate: Promise<void> = Promise.resolve()
  const build = (id: string, body: Stored): Stored => ({
    id: body["messageID"],
    sessionID: id,
    role: "user",
    time: { created: 999 },
    title: "made by OpenCode",
    agent: body["agent"],
    model: {
      ...(body["model"] as object),
      ...(body["variant"] !== undefined && { variant: body["variant"] }),
    },
    ...(body["format"] !== undefined && { format: new Format() }),
  })
  const prompt = async ({ path, body }: { path: { id: string }; body: Stored }): Promise<unknown> => {
    bodies.push(body)
    await gate
    if (refuses) return { error: { name: "NotFoundError" } }
    const message = build(path.id, body)
    const parts = [...(body["parts"] as unknown[])]
    const output = { message, parts }
    othersBefore(output)
    const isOurs = messages.restore(path.id, output)
    othersBehind(output)
    stored.push(...parts)
    calls.push(`${isOurs ? "rewritten" : "new"} ${nameOf(message)}`)
    database.set(String(message["id"]), message)
    return { data: {} }
  }
  const session = {
    prompt,
    promptAsync: prompt,
    get: () => {
      asked += 1
      return Promise.resolve({ data: reverted ? { revert: { messageID: "msg_1" } } : {} })
    },
    message: ({ path }: { path: { messageID: string } }) =>
      Promise.resolve({
        data: { info: JSON.parse(JSON.stringify(database.get(path.messageID) ?? null)) as unknown },
      }),
  }
  const messages: LentMessages = createLentMessages({ session } as unknown as Client, (_, line) =>
    log.push(line),
  )
  const write = (id: string, more: Stored = {}): Stored => {
    const message = {
      id,
      sessionID,
      role: "user",
      time: { created: 5 },
      agent: "build",
      model: { providerID: "a", modelID: "own", variant: "high" },
      system: "s",
      tools: { bash: false },
      ...more,
    }
    database.set(id, message)
    return message
  }
  const of = (id: string) => ({ sessionID, messageID: id, agent: "build" })
  return {
    sessionID,
    messages,
    database,
    calls,
    bodies,
    log,
    /** How often OpenCode was asked for the session. */
    asked: () => asked,
    holdUp: (until: Promise<void>) => void (gate = until),
    write,
    of,
    revert: (is: boolean) => void (reverted = is),
    refuse: (does: boolean) => void (refuses = does),
    stored,
    othersDo: (before: OtherPlugin, behind: OtherPlugin) => {
      othersBefore = before
      othersBehind = behind
    },
  }
}

function nameOf(message: Stored): string {
  const { providerID, modelID, variant } = message["model"] as Record<string, string | undefined>
  return `${providerID}/${modelID}${variant === undefined ? "" : ` ${variant}`}`
}

const own = { model: "a/own", variant: "high" } as const

/** All that is ready to run has run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A message that the user has just written. */
function written(more: Stored = {}) {
  const world = setUp()
  const message = world.write("msg_1", more)
  const before = { ...message, model: { ...(message["model"] as object) } }
  world.messages.keep(world.sessionID, message, own, own)
  return { ...world, before }
}

afterEach(() => void jest.useRealTimers())

describe("a lent message", () => {
  test("names the other model, and nothing else of it changes", async () => {
    const format = new Format()
    const { messages, database, of, before } = written({ format })
    await messages.lend(of("msg_1"), { model: "b/1", variant: "low" })
    const lent = database.get("msg_1")
    expect(lent).toEqual({ ...before, model: { providerID: "b", modelID: "1", variant: "low" } })
    expect(lent?.["format"]).toBe(format)
  })

  test("is given back to the last field", async () => {
    const { messages, database, of, before, sessionID, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    expect(await messages.giveBack(sessionID, { upTo: "msg_1", isBusy: false })).toBe(true)
    expect(database.get("msg_1")).toEqual(before)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual(["rewritten b/1", "rewritten a/own high"])
  })

  test("that comes back to its own model is as the user wrote it, whatever variant is asked for", async () => {
    const { messages, database, of, before } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    await messages.lend(of("msg_1"), { model: "a/own", variant: "low" })
    expect(database.get("msg_1")).toEqual(before)
  })

  test("stays lent while an undo is pending, and is given back after it", async () => {
    const { messages, of, sessionID, revert, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    revert(true)
    expect(await messages.giveBack(sessionID)).toBe(false)
    expect(await messages.giveBack(sessionID, { upTo: "msg_1", isBusy: false })).toBe(false)
    revert(false)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual(["rewritten b/1", "rewritten a/own high"])
  })

  test("stays lent where the user undoes while a summary holds its giving back up", async () => {
    const { messages, of, sessionID, database, revert, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    messages.onSummingUp(sessionID)
    const back = messages.giveBack(sessionID)
    await settled()
    revert(true)
    messages.onStored(sessionID, { ...database.get("msg_1"), summary: { diffs: [] } })
    expect(await back).toBe(false)
    expect(calls).toEqual(["rewritten b/1"])
    revert(false)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual(["rewritten b/1", "rewritten a/own high"])
  })

  test("of a session at work is given back without asking: OpenCode takes no undo then", async () => {
    const { messages, of, sessionID, asked, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    expect(await messages.giveBack(sessionID, { upTo: "msg_1", isBusy: true })).toBe(true)
    expect([asked(), ...calls]).toEqual([0, "rewritten b/1", "rewritten a/own high"])
  })

  test("is not brought back to life when OpenCode has removed it", async () => {
    const { messages, of, sessionID, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    messages.onRemoved(sessionID, "msg_1")
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual(["rewritten b/1"])
  })

  test("is given back only up to the message that is meant: a queued one stays on its stand-in", async () => {
    const { messages, of, sessionID, database, write } = written()
    messages.keep(sessionID, write("msg_2"), own, { model: "b/1" })
    await messages.lend(of("msg_1"), { model: "b/1" })
    await messages.lend(of("msg_2"), { model: "b/1" })
    expect(await messages.giveBack(sessionID, { upTo: "msg_1", isBusy: false })).toBe(false)
    expect([...database.values()].map(nameOf)).toEqual(["a/own high", "b/1"])
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect([...database.values()].map(nameOf)).toEqual(["a/own high", "a/own high"])
  })

  test("keeps the summary that OpenCode writes into it meanwhile", async () => {
    const { messages, of, sessionID, database } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    messages.onStored(sessionID, { ...database.get("msg_1"), summary: { diffs: ["d"] } })
    await messages.giveBack(sessionID)
    expect(database.get("msg_1")).toMatchObject({ summary: { diffs: ["d"] }, model: { providerID: "a" } })
  })

  test("is given back once more when OpenCode writes an older state over it, but not for ever", async () => {
    const { messages, of, sessionID, database, calls } = written()
    for (const given of [6, 12]) {
      await messages.lend(of("msg_1"), { model: "b/1" })
      const stale = { ...database.get("msg_1") }
      await messages.giveBack(sessionID)
      // As it is to be, it may be stored as often as OpenCode likes.
      for (let count = 0; count < 20; count += 1) messages.onStored(sessionID, { ...database.get("msg_1") })
      for (let count = 0; count < 20; count += 1) {
        messages.onStored(sessionID, stale)
        await settled()
      }
      expect(calls.filter((call) => call === "rewritten a/own high")).toHaveLength(given)
    }
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(nameOf(database.get("msg_1") ?? {})).toBe("a/own high")
  })

  test("is written once the summary under way has ended, which would put the older copy over it", async () => {
    const { messages, of, sessionID, database, calls } = written()
    messages.onSummingUp(sessionID)
    const lent = messages.lend(of("msg_1"), { model: "b/1" })
    await settled()
    expect(calls).toEqual([])
    messages.onStored(sessionID, { ...database.get("msg_1"), summary: { diffs: [] } })
    await lent
    expect(calls).toEqual(["rewritten b/1"])
    // What OpenCode tells of our own writing is no end of a summary.
    messages.onSummingUp(sessionID)
    messages.onStored(sessionID, database.get("msg_1"))
    const back = messages.giveBack(sessionID)
    await settled()
    expect(calls).toHaveLength(1)
    messages.onStored(sessionID, { ...database.get("msg_1"), summary: { diffs: ["d"] } })
    await back
    expect(database.get("msg_1")).toMatchObject({ summary: { diffs: ["d"] } })
  })

  test("waits as long as a summary may take, and the newer wish behind it", async () => {
    const { messages, of, sessionID, database, calls } = written()
    const stale = { ...database.get("msg_1"), summary: { diffs: [] } }
    messages.onSummingUp(sessionID)
    messages.onStored(sessionID, stale)
    jest.useFakeTimers()
    messages.onSummingUp(sessionID)
    const lent = messages.lend(of("msg_1"), { model: "b/1" })
    const back = messages.giveBack(sessionID, { upTo: "msg_1", isBusy: true })
    for (let ready = 0; ready < 10; ready += 1) await Promise.resolve()
    jest.advanceTimersByTime(59_000)
    messages.onStored(sessionID, stale)
    await Promise.all([lent, back])
    expect(calls).toEqual(["rewritten b/1", "rewritten a/own high"])
  })

  test("that is lent anew while a summary holds its giving back up stays lent", async () => {
    const { messages, of, sessionID, database, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    messages.onSummingUp(sessionID)
    const stale = { ...database.get("msg_1"), summary: { diffs: [] } }
    const back = messages.giveBack(sessionID)
    const again = messages.lend(of("msg_1"), { model: "b/1" })
    // What the summary has written is older than the giving back, which is yet to come.
    await settled()
    messages.onStored(sessionID, stale)
    await Promise.all([back, again])
    await settled()
    expect(calls).toEqual(["rewritten b/1", "rewritten a/own high", "rewritten b/1"])
  })

  test("is written once the summary of a compaction's message has ended, which nobody has kept", async () => {
    const { messages, of, sessionID, database, calls } = written()
    messages.onSummingUp(sessionID)
    const lent = messages.lend(of("msg_1"), { model: "b/1" })
    await settled()
    expect(calls).toEqual([])
    messages.onStored(sessionID, { ...database.get("msg_1"), id: "msg_2", summary: { diffs: [] } })
    await settled()
    expect(calls).toEqual(["rewritten b/1"])
    await lent
  })

  test("whose rewriting OpenCode has yet to tell of does not stand for a compaction's summary", async () => {
    const { messages, of, sessionID, database, calls } = written()
    const summed = { ...database.get("msg_1"), summary: { diffs: [] } }
    messages.onStored(sessionID, summed)
    await messages.lend(of("msg_1"), { model: "b/1" })
    messages.onSummingUp(sessionID)
    const again = messages.lend(of("msg_1"), { model: "c/1" })
    await settled()
    messages.onStored(sessionID, { ...summed, id: "msg_2" })
    await settled()
    expect(calls).toEqual(["rewritten b/1", "rewritten c/1"])
    await again
  })

  test("without a summary is no news of one when it is rewritten", async () => {
    const { messages, of, sessionID, database, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    messages.onSummingUp(sessionID)
    messages.onStored(sessionID, { ...database.get("msg_1"), summary: { diffs: [] } })
    await messages.lend(of("msg_1"), { model: "c/1" })
    expect(calls).toEqual(["rewritten b/1", "rewritten c/1"])
  })

  test("that OpenCode refuses to rewrite is not taken for the end of the next summary", async () => {
    const { messages, of, sessionID, database, calls, refuse } = written()
    const summed = { ...database.get("msg_1"), summary: { diffs: [] } }
    messages.onStored(sessionID, summed)
    refuse(true)
    await messages.lend(of("msg_1"), { model: "b/1" }).catch(String)
    refuse(false)
    messages.onSummingUp(sessionID)
    messages.onStored(sessionID, summed)
    const lent = messages.lend(of("msg_1"), { model: "b/1" })
    await settled()
    expect(calls).toEqual(["rewritten b/1"])
    await lent
  })

  test("does not wait for summaries where snapshots are off", async () => {
    const { messages, of, sessionID, calls } = written()
    messages.expectNoSummaries()
    messages.onSummingUp(sessionID)
    await messages.lend(of("msg_1"), { model: "b/1" })
    expect(calls).toEqual(["rewritten b/1"])
  })

  test.each([
    ["lent", "rewrite the turn's message"],
    ["replayed", "replay the message"],
  ])("that cannot be %s is as before", async (what, text) => {
    const { messages, of, sessionID, refuse, calls } = written()
    refuse(true)
    const move = what === "lent" ? messages.lend : messages.replay
    expect(await move(of("msg_1"), { model: "b/1" }).catch(String)).toContain(text)
    refuse(false)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual([])
  })

  test("is replayed on another model, without its parts", async () => {
    const { messages, of, calls } = written()
    await messages.replay(of("msg_1"), { model: "b/1" })
    expect(calls).toEqual(["rewritten b/1"])
  })
})

describe("a rewriting", () => {
  test("says nothing but the message, its agent and the user's own model, and runs no loop", async () => {
    const { messages, of, bodies } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    await messages.replay(of("msg_1"), { model: "b/1", variant: "low" })
    const parts = [{ type: "text", text: "", ignored: true }]
    const model = { providerID: "a", modelID: "own" }
    const body = { messageID: "msg_1", agent: "build", model, variant: "high", parts }
    expect(bodies).toStrictEqual([{ ...body, noReply: true }, body])
  })

  const meddle: OtherPlugin = (output) => {
    expect(output.parts[0]).toMatchObject({ type: "text", text: "" })
    output.parts.push({ type: "text", text: "mine" })
    output.message["model"] = { providerID: "z", modelID: "forced" }
  }
  const calm: OtherPlugin = () => undefined

  test.each([
    ["before", meddle, calm],
    ["behind", calm, meddle],
  ])("is what it is to be, whatever plugins %s us do to it", async (_, before, behind) => {
    const { messages, of, database, stored, othersDo, sessionID, before: asWritten } = written()
    othersDo(before, behind)
    await messages.lend(of("msg_1"), { model: "b/1" })
    const lent = { ...database.get("msg_1") }
    expect(lent).toEqual({ ...asWritten, model: { providerID: "b", modelID: "1" } })
    await messages.replay(of("msg_1"), { model: "c/1" })
    await messages.giveBack(sessionID)
    expect({ ...database.get("msg_1") }).toEqual(asWritten)
    expect(stored).toEqual([])
  })

  test("waits for the one before it, also where that one fails", async () => {
    const { messages, of, bodies, calls, holdUp, refuse } = written()
    const gate = Promise.withResolvers<void>()
    holdUp(gate.promise)
    refuse(true)
    const first = messages.lend(of("msg_1"), { model: "b/1" }).catch(String)
    const second = messages.lend(of("msg_1"), { model: "c/1" })
    await settled()
    expect(bodies).toHaveLength(1)
    gate.resolve()
    await first
    refuse(false)
    await second
    expect(calls).toEqual(["rewritten c/1"])
  })

  test("that waits is undone by a giving back behind it, though nothing is lent yet", async () => {
    const { messages, of, sessionID, database, holdUp, before } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    const gate = Promise.withResolvers<void>()
    holdUp(gate.promise)
    const [first, lent] = [messages.giveBack(sessionID), messages.lend(of("msg_1"), { model: "b/1" })]
    await settled()
    // OpenCode tells of what it has stored, and answers later.
    messages.onStored(sessionID, before)
    const last = messages.giveBack(sessionID)
    gate.resolve()
    await Promise.all([first, lent, last])
    expect(nameOf(database.get("msg_1") ?? {})).toBe("a/own high")
  })

  test("to the own model names it as the user did", async () => {
    const { messages, of, database } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    await messages.lend(of("msg_1"), { model: "a/own" })
    expect(nameOf(database.get("msg_1") ?? {})).toBe("a/own high")
    await messages.replay(of("msg_1"), { model: "b/1" })
    await messages.replay(of("msg_1"), { model: "a/own" })
    expect(nameOf(database.get("msg_1") ?? {})).toBe("a/own high")
    await messages.replay(of("msg_1"), { model: "a/own", variant: "low" })
    expect(nameOf(database.get("msg_1") ?? {})).toBe("a/own high")
  })

  test("is not made where nothing is lent, and OpenCode is not even asked", async () => {
    const { messages, of, sessionID, calls, asked } = written()
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(await messages.giveBack("ses_unknown")).toBe(true)
    expect(asked()).toBe(0)
    await messages.lend(of("msg_1"), { model: "b/1" })
    expect(await Promise.all([messages.giveBack(sessionID), messages.giveBack(sessionID)])).toEqual([
      true,
      true,
    ])
    expect([calls.length, asked()]).toEqual([2, 1])
    await messages.replay(of("msg_1"), { model: "b/1" })
    await messages.replay(of("msg_1"), own)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect([calls.length, asked()]).toEqual([4, 1])
  })

  test("of a message that nobody has kept fails", async () => {
    const { messages, of } = written()
    expect(await messages.lend(of("msg_9"), own).catch(String)).toContain("not known")
    expect(await messages.replay(of("msg_9"), own).catch(String)).toContain("not known")
  })

  test("is safe from what OpenCode does to its own objects", async () => {
    const { messages, of, sessionID, database, before } = written()
    const touch = (): void =>
      void Reflect.set(database.get("msg_1")?.["model"] as object, "modelID", "touched")
    touch()
    await messages.lend(of("msg_1"), { model: "a/own" })
    touch()
    messages.onStored(sessionID, { ...database.get("msg_1"), model: { providerID: "b", modelID: "1" } })
    await messages.giveBack(sessionID)
    expect(database.get("msg_1")).toEqual(before)
  })
})

describe("what OpenCode tells of a message", () => {
  const onStandIn = (world: ReturnType<typeof written>): Stored => ({
    ...world.before,
    model: { providerID: "b", modelID: "1" },
  })

  test("an older state of one that is lent stays: nobody has given it back", async () => {
    const world = written()
    await world.messages.lend(world.of("msg_1"), { model: "b/1" })
    world.messages.onStored(world.sessionID, world.before)
    await settled()
    expect(world.calls).toEqual(["rewritten b/1"])
  })

  test("an older state that cannot be put right is logged", async () => {
    const world = written()
    world.refuse(true)
    world.messages.onStored(world.sessionID, onStandIn(world))
    await settled()
    expect(world.log.join()).toContain("could not be given back")
  })

  test("of unknown sessions, messages and shapes is nothing to us", () => {
    const { messages, sessionID, before } = written()
    messages.onStored("ses_unknown", before)
    messages.onStored(sessionID, { ...before, id: "msg_9" })
    messages.onStored(sessionID, "strange")
    messages.onSummingUp("ses_unknown")
    messages.onRemoved("ses_unknown", "msg_1")
    messages.keep(sessionID, {}, own, own)
    expect(messages.isKept("ses_unknown", "msg_1")).toBe(false)
  })

  test("a deletion of the session makes it forgotten, and nobody's fault that its turn can no longer be lent", async () => {
    const { messages, sessionID, of } = written()
    expect([messages.isKept(sessionID, "msg_1"), messages.isKept(sessionID, "msg_9")]).toEqual([true, false])
    messages.forget(sessionID)
    expect(messages.isKept(sessionID, "msg_1")).toBe(false)
    for (const call of [messages.lend, messages.replay])
      expect(isSessionGone(await call(of("msg_1"), own).catch((error: unknown) => error))).toBe(true)
  })

  test("nor where it was to be given back at that moment", async () => {
    const { messages, sessionID, of } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    const giving = messages.giveBack(sessionID)
    messages.forget(sessionID)
    expect(await giving).toBe(true)
    const refused = await messages.lend(of("msg_1"), own).catch((error: unknown) => error)
    expect(isSessionGone(refused)).toBe(true)
  })
})

describe("a fork", () => {
  const onStandIn = { providerID: "b", modelID: "1" }

  /** A turn that is lent, and what a fork makes of its message. */
  async function forked(more: Stored) {
    const world = written({ time: { created: serial + 1_000 } })
    await world.messages.lend(world.of("msg_1"), { model: "b/1" })
    const fork = `${world.sessionID}_fork`
    const lent = world.database.get("msg_1")
    const copy = world.write("msg_2", { ...lent, id: "msg_2", sessionID: fork, model: onStandIn, ...more })
    world.messages.onStored(fork, copy)
    await settled()
    return { ...world, fork }
  }

  test("in the middle of a turn that is lent has the message as the user wrote it, and the turn goes on", async () => {
    const { database, before, fork } = await forked({})
    expect(database.get("msg_2")).toEqual({ ...before, id: "msg_2", sessionID: fork })
    expect(database.get("msg_1")).toMatchObject({ model: onStandIn })
  })

  type Back = (world: ReturnType<typeof written>) => Promise<unknown>
  test.each<[string, Back]>([
    ["is given back", ({ messages, sessionID }) => messages.giveBack(sessionID)],
    ["goes back to the user's own model", ({ messages, of }) => messages.lend(of("msg_1"), own)],
  ])(
    "made while it was lent has it as well, where the message %s before OpenCode tells of the copy",
    async (_, goBack) => {
      const world = written({ time: { created: serial + 1_000 } })
      await world.messages.lend(world.of("msg_1"), { model: "b/1" })
      const fork = `${world.sessionID}_fork`
      const lent = { ...world.database.get("msg_1"), id: "msg_2", sessionID: fork, model: onStandIn }
      await goBack(world)
      world.messages.onStored(fork, world.write("msg_2", lent))
      await settled()
      expect(world.database.get("msg_2")).toEqual({ ...world.before, id: "msg_2", sessionID: fork })
    },
  )

  test("and one more is so too, though the first is deleted", async () => {
    const { messages, database, before, fork, sessionID, write } = await forked({})
    messages.forget(fork)
    const again = `${sessionID}_again`
    const lent = { ...database.get("msg_1"), id: "msg_3", sessionID: again, model: onStandIn }
    messages.onStored(again, write("msg_3", lent))
    await settled()
    expect(database.get("msg_3")).toEqual({ ...before, id: "msg_3", sessionID: again })
  })

  test.each<[string, Stored]>([
    ["for another agent", { agent: "plan" }],
    ["on another model", { model: { providerID: "c", modelID: "1" } }],
    ["at another time", { time: { created: 6 } }],
  ])("has nothing to do with a message %s", async (_, more) => {
    const { calls } = await forked(more)
    expect(calls).toEqual(["rewritten b/1"])
  })
})

describe("of many messages in one session", () => {
  const many = (count: number, now: Choice): readonly boolean[] => {
    const { messages, sessionID, write } = setUp()
    const ids = Array.from({ length: count }, (_, index) => `msg_${String(index).padStart(3, "0")}`)
    for (const id of ids) messages.keep(sessionID, write(id), own, now)
    return ids.map((id) => messages.isKept(sessionID, id))
  }
  const dropped = (kept: readonly boolean[]): number => kept.indexOf(true)

  test("some of those that are as the user wrote them are kept, the newest among them", () => {
    expect(dropped(many(25, own))).toBe(0)
    expect(dropped(many(26, own))).toBe(1)
    expect(many(60, own).at(-1)).toBe(true)
  })

  test("those that are lent are kept for longer", () => {
    expect(dropped(many(50, { model: "b/1" }))).toBe(0)
    expect(dropped(many(51, { model: "b/1" }))).toBe(1)
  })

  test("one that is kept anew is the newest", () => {
    const { messages, sessionID, write } = setUp()
    const ids = Array.from({ length: 25 }, (_, index) => `msg_${index + 100}`)
    for (const id of [...ids, "msg_100", "msg_200"]) messages.keep(sessionID, write(id), own, own)
    expect([messages.isKept(sessionID, "msg_100"), messages.isKept(sessionID, "msg_101")]).toEqual([
      true,
      false,
    ])
  })
})

describe("a message of somebody else's", () => {
  test("is none of ours where we rewrite nothing, or another one", async () => {
    const { messages, sessionID, of, refuse } = written()
    const message = { id: "msg_1", agent: "build", model: { providerID: "a", modelID: "own" } }
    const restore = (id: string): boolean =>
      messages.restore(sessionID, { message: { ...message, id }, parts: [] })
    expect(restore("msg_1")).toBe(false)
    expect(restore("msg_9")).toBe(false)
    const expectRefused = async (refused: Promise<unknown>): Promise<void> => {
      expect(await refused.catch(String)).toContain("NotFoundError")
      expect(restore("msg_1")).toBe(false)
    }
    refuse(true)
    await expectRefused(messages.lend(of("msg_1"), { model: "b/1" }))
    await expectRefused(messages.replay(of("msg_1"), { model: "b/1" }))
    refuse(false)
    await messages.lend(of("msg_1"), { model: "b/1" })
    expect(restore("msg_1")).toBe(false)
    refuse(true)
    await expectRefused(messages.giveBack(sessionID))
  })

  test("that OpenCode made from a lent one goes back to the user's own model", async () => {
    const { messages, sessionID, database, write } = written()
    const inherited = write("msg_2", { model: { providerID: "b", modelID: "1" } })
    messages.keep(sessionID, inherited, own, { model: "b/1" })
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(nameOf(database.get("msg_2") ?? {})).toBe("a/own high")
  })
})

test.each([
  ["that OpenCode does not give out", undefined, "does not give it out"],
  ["of a shape that nobody knows", { id: "msg_1" }, "of a shape that we do not know"],
])("a message left lent %s cannot be put back", async (_, stored, message) => {
  const { messages, sessionID, database } = setUp()
  if (stored) database.set("msg_1", stored)
  expect(await messages.repair(sessionID, "msg_1", own).catch(String)).toContain(message)
})

test("a message left lent without a format is put back without one", async () => {
  const { messages, sessionID, write, bodies } = setUp()
  write("msg_1", { model: { providerID: "b", modelID: "1" } })
  await messages.repair(sessionID, "msg_1", own)
  expect(bodies.map((body) => "format" in body)).toEqual([false])
})

test("a message that another process has left lent is put back, its format built by OpenCode itself", async () => {
  const { messages, sessionID, database, write } = setUp()
  write("msg_1", { model: { providerID: "b", modelID: "1" }, format: { type: "json_schema" } })
  await messages.repair(sessionID, "msg_1", own)
  const stored = database.get("msg_1")
  expect(stored).toMatchObject({ time: { created: 5 }, system: "s", tools: { bash: false } })
  expect(nameOf(stored ?? {})).toBe("a/own high")
  expect(stored?.["format"]).toBeInstanceOf(Format)
})
