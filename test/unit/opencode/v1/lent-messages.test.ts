import { describe, expect, test } from "bun:test"
import { createLentMessages, type LentMessages } from "../../../../src/opencode/v1/lent-messages.ts"

/** OpenCode's half of a rewriting: it builds the message anew, asks our hook, and stores what the hook leaves. */

type Stored = Record<string, unknown>
type Client = Parameters<typeof createLentMessages>[0]

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
  let reverted = false
  let refuses = false
  const build = (body: Stored): Stored => ({
    id: body["messageID"],
    sessionID,
    role: "user",
    time: { created: 999 },
    agent: body["agent"],
    model: {
      ...(body["model"] as object),
      ...(body["variant"] !== undefined && { variant: body["variant"] }),
    },
    ...(body["format"] !== undefined && { format: new Format() }),
  })
  const prompt = ({ body }: { body: Stored }): Promise<unknown> => {
    if (refuses) return Promise.resolve({ error: { name: "NotFoundError" } })
    const message = build(body)
    const isOurs = messages.restore(sessionID, message, body["parts"] as unknown[])
    calls.push(`${isOurs ? "rewritten" : "new"} ${nameOf(message)}`)
    database.set(String(message["id"]), message)
    return Promise.resolve({ data: {} })
  }
  const session = {
    prompt,
    promptAsync: prompt,
    get: () => Promise.resolve({ data: reverted ? { revert: { messageID: "msg_1" } } : {} }),
    message: ({ path }: { path: { messageID: string } }) =>
      Promise.resolve({ data: { info: JSON.parse(JSON.stringify(database.get(path.messageID))) } }),
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
    log,
    write,
    of,
    revert: (is: boolean) => void (reverted = is),
    refuse: (does: boolean) => void (refuses = does),
  }
}

function nameOf(message: Stored): string {
  const { providerID, modelID, variant } = message["model"] as Record<string, string | undefined>
  return `${providerID}/${modelID}${variant === undefined ? "" : ` ${variant}`}`
}

const own = { model: "a/own", variant: "high" } as const

/** A message that the user has just written. */
function written(more: Stored = {}) {
  const world = setUp()
  const message = world.write("msg_1", more)
  const before = { ...message, model: { ...(message["model"] as object) } }
  world.messages.keep(world.sessionID, message, own, own)
  return { ...world, before }
}

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
    expect(await messages.giveBack(sessionID, "msg_1")).toBe(true)
    expect(database.get("msg_1")).toEqual(before)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual(["rewritten b/1", "rewritten a/own high"])
  })

  test("stays lent while an undo is pending, and is given back after it", async () => {
    const { messages, of, sessionID, revert, calls } = written()
    await messages.lend(of("msg_1"), { model: "b/1" })
    revert(true)
    expect(await messages.giveBack(sessionID)).toBe(false)
    revert(false)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual(["rewritten b/1", "rewritten a/own high"])
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
    expect(await messages.giveBack(sessionID, "msg_1")).toBe(false)
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
    await messages.lend(of("msg_1"), { model: "b/1" })
    const stale = { ...database.get("msg_1") }
    await messages.giveBack(sessionID)
    for (let count = 0; count < 20; count += 1) {
      messages.onStored(sessionID, stale)
      await messages.giveBack(sessionID)
    }
    expect(calls.filter((call) => call === "rewritten a/own high").length).toBeGreaterThan(1)
    expect(nameOf(database.get("msg_1") ?? {})).toBe("a/own high")
  })

  test("is written once the summary under way has ended, which would put the older copy over it", async () => {
    const { messages, of, sessionID, database, calls } = written()
    messages.onSummingUp(sessionID)
    const lent = messages.lend(of("msg_1"), { model: "b/1" })
    await Promise.resolve()
    expect(calls).toEqual([])
    messages.onStored(sessionID, { ...database.get("msg_1"), summary: { diffs: [] } })
    await lent
    expect(calls).toEqual(["rewritten b/1"])
    // What OpenCode tells of our own writing is no end of a summary.
    messages.onSummingUp(sessionID)
    messages.onStored(sessionID, database.get("msg_1"))
    const back = messages.giveBack(sessionID)
    await Promise.resolve()
    expect(calls).toHaveLength(1)
    messages.onStored(sessionID, { ...database.get("msg_1"), summary: { diffs: ["d"] } })
    await back
    expect(database.get("msg_1")).toMatchObject({ summary: { diffs: ["d"] } })
  })

  test("does not wait for summaries where snapshots are off", async () => {
    const { messages, of, sessionID, calls } = written()
    messages.expectNoSummaries()
    messages.onSummingUp(sessionID)
    await messages.lend(of("msg_1"), { model: "b/1" })
    expect(calls).toEqual(["rewritten b/1"])
  })

  test("that cannot be lent is as before", async () => {
    const { messages, of, sessionID, refuse, calls } = written()
    refuse(true)
    const failure = await messages.lend(of("msg_1"), { model: "b/1" }).catch(String)
    expect(failure).toContain("rewrite the turn's message")
    refuse(false)
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(calls).toEqual([])
  })

  test("with the variant beside the model (1.14) keeps it there", async () => {
    const model = { providerID: "a", modelID: "own" }
    const { messages, of, sessionID, database, before } = written({ model, variant: "high" })
    await messages.lend(of("msg_1"), { model: "b/1", variant: "low" })
    expect(database.get("msg_1")?.["variant"]).toBe("low")
    await messages.giveBack(sessionID)
    expect(database.get("msg_1")).toEqual(before)
  })

  test("is replayed on another model, without its parts", async () => {
    const { messages, of, calls } = written()
    await messages.replay(of("msg_1"), { model: "b/1" })
    expect(calls).toEqual(["rewritten b/1"])
  })
})

describe("a message of somebody else's", () => {
  test("is none of ours: with parts, with another model, or unknown", () => {
    const { messages, sessionID } = written()
    const message = { id: "msg_1", agent: "build", model: { providerID: "a", modelID: "own" } }
    expect(messages.restore(sessionID, { ...message }, [{ type: "text" }])).toBe(false)
    const other = { ...message, model: { providerID: "z", modelID: "9" } }
    expect(messages.restore(sessionID, other, [])).toBe(false)
    expect(messages.restore(sessionID, { ...message, id: "msg_9" }, [])).toBe(false)
  })

  test("that OpenCode made from a lent one goes back to the user's own model", async () => {
    const { messages, sessionID, database, write } = written()
    const inherited = write("msg_2", { model: { providerID: "b", modelID: "1" } })
    messages.keep(sessionID, inherited, own, { model: "b/1" })
    expect(await messages.giveBack(sessionID)).toBe(true)
    expect(nameOf(database.get("msg_2") ?? {})).toBe("a/own high")
  })
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
