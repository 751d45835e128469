import { describe, expect, test } from "bun:test"
import { heldCircuit } from "../../../../src/core/circuit.ts"
import { isAskedAgain } from "../../../../src/failover/refusal-text.ts"
import type { TurnHooks } from "../../../../src/opencode/v1/turn-hooks.ts"
import { createMemoryStore } from "../../../../src/store/memory-store.ts"
import { stepMarkerHeader } from "../../../../src/transport/step-marker.ts"
import { abort, announce, exhaust, switchTo } from "../../../../src/turn/transitions.ts"
import { ownFaults } from "./in-flight/step.ts"
import { apiError, makeWorld, type World, type WorldOptions } from "./world.ts"

type HeadersInput = Parameters<TurnHooks["chat.headers"]>[0]

async function begun(options: WorldOptions = {}): Promise<World> {
  const world = makeWorld(options)
  await world.message("msg_1", "a/own")
  return world
}

/** OpenCode prepares a request: the headers that it is given, or the error. */
async function prepare(
  world: World,
  agent: unknown = "build",
  change: Readonly<Record<string, unknown>> = {},
): Promise<readonly string[] | string> {
  const message = { id: "msg_1", agent: "build", model: { providerID: "a", modelID: "own" }, ...change }
  const model = { providerID: "a", id: "own", api: { npm: "@ai-sdk/openai-compatible" } }
  const output = { headers: {} }
  try {
    const input = { sessionID: "ses_1", agent, model, message } as unknown as HeadersInput
    await world.hooks["chat.headers"](input, output)
    return Object.keys(output.headers)
  } catch (error) {
    return String(error)
  }
}

/** OpenCode has read the conversation for a step. */
const transform = (world: World, messages: unknown[]): Promise<void> =>
  world.hooks["experimental.chat.messages.transform"]({}, { messages } as unknown as Parameters<
    TurnHooks["experimental.chat.messages.transform"]
  >[1])

/** The message of our own command. */
async function command(world: World, argumentsText: string, id = "msg_1", providerID = "a"): Promise<void> {
  const output = { parts: [] }
  await world.hooks["command.execute.before"](
    { command: "understudy", sessionID: "ses_1", arguments: argumentsText },
    output,
  )
  const modelID = providerID === "a" ? "own" : "1"
  const message = { id, agent: "build", model: { providerID, modelID } }
  await world.hooks["chat.message"]({ sessionID: "ses_1" }, {
    message,
    parts: output.parts,
  } as unknown as Parameters<TurnHooks["chat.message"]>[1])
}

describe("a request is marked", () => {
  test("as a step of the turn, and the self-check sees it", async () => {
    const world = await begun()
    expect(await prepare(world)).toEqual([stepMarkerHeader])
    expect(world.announced).toEqual([
      { sessionID: "ses_1", messageID: "msg_1", model: "a/own", isStructured: false },
    ])
    expect(world.watched).toEqual(["ses_1 step", "a marked"])
  })

  test("as a title's, which is no step", async () => {
    const world = await begun()
    expect(await prepare(world, "title")).toEqual([stepMarkerHeader])
    expect(world.announced).toMatchObject([{ outside: "title", hides: [] }])
    expect(world.watched).toEqual(["a marked"])
    expect(world.turn()?.inUse.step).toBeUndefined()
  })

  test("for the message by which a child session sums up, which is a step like any other", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own", { agent: "compaction" })
    expect(await prepare(world, "compaction", { agent: "compaction" })).toEqual([stepMarkerHeader])
    expect(world.announced).toEqual([expect.not.objectContaining({ outside: "compaction" })])
    expect(world.turn()?.inUse.step).toBe("announced")
  })

  test("for what follows such an answer, to be answered with nothing and without a provider", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own", { agent: "compaction" })
    await prepare(world, "compaction", { agent: "compaction", id: "msg_2" })
    expect(world.announced).toMatchObject([{ messageID: "msg_2", localReply: "" }])
  })

  test("for a compaction, which is no step: an empty summary wipes the context", async () => {
    const world = await begun()
    expect(await prepare(world, "compaction")).toEqual([stepMarkerHeader])
    expect(world.announced).toMatchObject([{ outside: "compaction", hides: [] }])
  })

  test("for a title whatever has become of a compaction, which alone is refused where nobody can write it", async () => {
    const world = await begun({ mayMark: false })
    await prepare(world, "compaction")
    world.sessions.patchCompaction("ses_1", { refusal: "nobody is left" })
    expect(await prepare(world, "compaction")).toContain("nobody is left")
    expect(await prepare(world, "title")).toEqual([])
  })

  test.each<[string, WorldOptions]>([
    ["where the marker would not be taken off again", { mayMark: false }],
    ["where requests cannot be caught", { catches: false }],
  ])("not %s", async (_, options) => {
    expect(await prepare(await begun(options))).toEqual([])
  })

  test("not when its message is of a shape that nobody knows", async () => {
    const world = await begun()
    expect(await prepare(world, "build", { model: undefined })).toEqual([])
    expect(ownFaults(world)).toEqual([])
  })
})

describe("a message is kept as the user wrote it", () => {
  test("when it comes in, under the model that takes it", async () => {
    const world = await begun()
    expect(world.kept).toEqual(["msg_1 of a/own on a/own"])
  })

  test("on the stand-in where that takes it from its start, and the message names it", async () => {
    const world = makeWorld()
    await world.failover.judge(
      { ...(await begun().then((other) => other.turn() ?? fail())) },
      { status: 503 },
      undefined,
    )
    expect(await world.message("msg_1", "a/own")).toBe("b/1")
    expect(world.kept).toEqual(["msg_1 of a/own on b/1"])
  })

  test.each([
    ["by hand", {}, "b/1"],
    ["by a plugin, for the model", { synthetic: true }, "a/own"],
    ["by a plugin, for the person", { ignored: true }, "a/own"],
  ] as const)("on the stand-in, named %s", async (_, part, own) => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    world.store.saveSession({ sessionID: "ses_1", own: "a/own", inUse: "b/1", lent: "msg_1", updatedAt: 1 })
    await world.message("msg_2", "b/1", { part })
    expect(world.turn()?.own.model).toBe(own)
  })

  test("and names the stand-in only once the next process would find whose choice it was", async () => {
    const store = createMemoryStore({ now: () => 1_000_000 })
    const { promise, resolve } = Promise.withResolvers<void>()
    const world = makeWorld({ store: { ...store, flushed: () => promise } })
    store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 1_000_000))
    const named = world.message("msg_1", "a/own")
    await new Promise((later) => setImmediate(later))
    expect([store.session("ses_1")?.lent, world.kept]).toEqual(["msg_1", []])
    resolve()
    expect(await named).toBe("b/1")
  })

  test("once: later steps of it keep nothing", async () => {
    const world = await begun()
    await prepare(world)
    await prepare(world)
    expect(world.kept).toHaveLength(1)
  })

  test("when only its request is seen", async () => {
    const world = await begun()
    await prepare(world, "build", { id: "msg_2" })
    expect(world.kept.at(-1)).toBe("msg_2 of a/own on a/own")
  })

  test("as the user's own choice where OpenCode made it from a lent one", async () => {
    const world = await begun()
    world.change(switchTo({ model: "b/1" }, {}))
    await world.step("msg_2", "b/1")
    expect(world.kept.at(-1)).toBe("msg_2 of a/own on b/1")
  })

  test("for a compaction that OpenCode began on a lent model", async () => {
    const world = await begun()
    world.change(switchTo({ model: "b/1" }, {}))
    await world.step("msg_2", "b/1", "compaction")
    expect(world.kept.at(-1)).toBe("msg_2 of a/own on b/1")
    await world.step("msg_3", "a/own", "compaction")
    expect(world.kept).toHaveLength(2)
  })

  test("not where it is of a shape that nobody knows", async () => {
    const world = makeWorld()
    await world.hooks["chat.message"]({ sessionID: "ses_1" }, {
      message: {},
      parts: [],
    } as unknown as Parameters<TurnHooks["chat.message"]>[1])
    expect([...world.kept, ...ownFaults(world)]).toEqual([])
  })
})

describe("our own command", () => {
  const answering: WorldOptions = { command: (argumentsText) => `answer to ${argumentsText}` }

  test("is answered in the model's place, and begins no turn", async () => {
    const world = makeWorld(answering)
    await command(world, "status")
    expect(world.turn()).toBeUndefined()
    expect(await prepare(world)).toEqual([stepMarkerHeader])
    expect(world.announced).toMatchObject([{ messageID: "msg_1", localReply: "answer to status" }])
    expect(world.watched).toEqual(["a marked"])
  })

  test.each<[string, WorldOptions]>([
    ["not be taken off again", { mayMark: false }],
    ["not be caught", { catches: false }],
  ])("is answered as an error where the marker could %s", async (_, options) => {
    const world = makeWorld({ ...answering, ...options })
    await command(world, "status")
    expect(await prepare(world)).toBe("Error: answer to status")
  })

  test("is about the user's own model where OpenCode has given it that of a lent message", async () => {
    const owns: string[] = []
    const world = makeWorld({ command: (_, own) => String(owns.push(own)) })
    await world.message("msg_1", "a/own")
    world.store.saveSession({ sessionID: "ses_1", own: "a/own", inUse: "b/1", lent: "msg_1", updatedAt: 1 })
    await command(world, "status", "msg_2", "b")
    await command(world, "status", "msg_3", "c")
    expect(owns).toEqual(["a/own", "c/1"])
  })

  test("is not answered to another message", async () => {
    const world = makeWorld(answering)
    await command(world, "status")
    await world.message("msg_2", "a/own")
    await prepare(world, "build", { id: "msg_2" })
    expect(world.announced.map(({ localReply }) => localReply)).toEqual([undefined])
  })

  describe("thrown into a turn", () => {
    const prompt = { id: "msg_1", role: "user", sessionID: "ses_1" }
    const answer = (finish: string) => ({ id: "msg_2", role: "assistant", sessionID: "ses_1", finish })
    const thrownIn = async (finish: string): Promise<World> => {
      const world = await begun(answering)
      await prepare(world)
      await command(world, "status", "msg_3")
      await transform(
        world,
        [prompt, answer(finish)].map((info) => ({ info, parts: [] })),
      )
      return world
    }

    test("that awaits an answer is answered with an end on which the loop goes on, and then a step as any other", async () => {
      const world = await thrownIn("tool-calls")
      for (let step = 0; step < 2; step += 1)
        expect(await prepare(world, "build", { id: "msg_3" })).toEqual([stepMarkerHeader])
      expect(world.announced.slice(1)).toMatchObject([
        { messageID: "msg_3", localReply: "answer to status", goesOn: true },
        { messageID: "msg_3" },
      ])
      expect(world.announced.at(-1)).not.toHaveProperty("localReply")
      expect(world.turn()).toMatchObject({ messageID: "msg_3", phase: { is: "running" } })
    })

    test("that has been answered ends it, as one at rest", async () => {
      const world = await thrownIn("stop")
      for (let request = 0; request < 2; request += 1) await prepare(world, "build", { id: "msg_3" })
      const replies = world.announced.slice(1).map(({ localReply, goesOn }) => [localReply, goesOn])
      expect(replies).toEqual([
        ["answer to status", undefined],
        ["answer to status", undefined],
      ])
    })

    test("and answered as an error is no failure of the model that the turn is on", async () => {
      const world = await begun({ command: () => "a/own: rate limit reached", mayMark: false })
      await prepare(world)
      await command(world, "status", "msg_3")
      const message = String(await prepare(world, "build", { id: "msg_3" }))
      expect(message.replaceAll("\u2060", "")).toBe("Error: a/own: rate limit reached")
      expect(isAskedAgain(message)).toBe(false)
      await world.fail("msg_3", "a/own", { name: "UnknownError", data: { message } })
      expect([world.calls, world.store.circuits()]).toEqual([[], []])
    })

    test("that Esc has ended does not take it up again", async () => {
      const world = await begun(answering)
      await prepare(world)
      world.change(abort)
      await command(world, "status", "msg_3")
      await transform(
        world,
        [prompt, answer("tool-calls")].map((info) => ({ info, parts: [] })),
      )
      await prepare(world, "build", { id: "msg_3" })
      expect(world.announced.at(-1)).not.toHaveProperty("goesOn")
    })
  })

  test("is left out of titles, up to the twentieth answer from behind", async () => {
    const world = makeWorld(answering)
    for (let count = 0; count < 25; count += 1) await command(world, String(count), `msg_${count + 10}`)
    await world.message("msg_90", "a/own")
    expect(await prepare(world, "title", { id: "msg_90" })).toEqual([stepMarkerHeader])
    expect(world.announced.at(-1)?.hides).toHaveLength(20)
    expect(world.announced.at(-1)?.hides?.at(-1)).toBe("answer to 24")
  })

  test("is looked for in titles alone: a compaction is given none of them", async () => {
    const world = makeWorld(answering)
    await command(world, "status")
    expect(await prepare(world, "compaction", { id: "msg_2" })).toEqual([stepMarkerHeader])
    expect(world.announced.at(-1)?.hides).toEqual([])
  })

  test("leaves a title alone that cannot be marked", async () => {
    const world = makeWorld({ ...answering, mayMark: false })
    await command(world, "status")
    expect(await prepare(world, "title", { id: "msg_2" })).toEqual([])
  })

  test("is none of another name", async () => {
    const world = makeWorld(answering)
    const output = { parts: [{ type: "text", text: "theirs" }] }
    const input = { command: "theirs", sessionID: "ses_1", arguments: "" }
    await world.hooks["command.execute.before"](
      input,
      output as unknown as Parameters<TurnHooks["command.execute.before"]>[1],
    )
    expect(output.parts).toEqual([{ type: "text", text: "theirs" }])
  })
})

describe("what the list says of a stand-in", () => {
  const params = async (entryInUse: NonNullable<WorldOptions["entryInUse"]> | undefined) => {
    const world = makeWorld(entryInUse ? { entryInUse } : {})
    const output = { temperature: 1, topP: 1, topK: 1, maxOutputTokens: 1, options: {} }
    const input = { sessionID: "ses_1", model: { providerID: "b", id: "1" } }
    await world.hooks["chat.params"](input as unknown as Parameters<TurnHooks["chat.params"]>[0], output)
    return [output.temperature, output.topP, output.maxOutputTokens]
  }
  test.each([
    ["nothing", undefined, [1, 1, 1]],
    ["nothing of these", {}, [1, 1, 1]],
    ["the temperature", { temperature: 0 }, [0, 1, 1]],
    ["top_p", { top_p: 0 }, [1, 0, 1]],
    ["max_tokens", { max_tokens: 9 }, [1, 1, 9]],
  ])("reaches the request: %s", async (_, entry, expected) => {
    expect(await params(entry)).toEqual(expected)
  })
})

describe("the conversation that a model is given", () => {
  test("holds none of our commands, is shaped after a cut, and says how full the window is", async () => {
    const world = makeWorld()
    const user = (id: string, parts: readonly unknown[]) => ({
      info: { id, role: "user", sessionID: "ses_1" },
      parts,
    })
    const text = (said: string) => ({ type: "text", text: said })
    const cut = {
      info: {
        id: "msg_3",
        role: "assistant",
        sessionID: "ses_1",
        parentID: "msg_2",
        finish: "unknown",
        tokens: { input: 100, output: 20 },
      },
      parts: [text("Half")],
    }
    const messages: unknown[] = [
      user("msg_1", [{ ...text("/understudy"), metadata: { understudy: "command" } }]),
      user("msg_2", [text("hello")]),
      cut,
    ]
    await transform(world, messages)
    expect(messages.slice(0, 2)).toMatchObject([{ info: { id: "msg_2" } }, { info: { id: "msg_3" } }])
    expect(messages).toHaveLength(3)
    expect(world.sessions.get("ses_1").contextTokens).toBe(120)
    // An answer that broke off before it was counted.
    await transform(world, [user("msg_2", [text("hello")])])
    expect(world.sessions.get("ses_1").contextTokens).toBe(120)
  })

  test("says what the next model must be able to read, and the next turn must as well", async () => {
    const world = await begun()
    const info = { id: "msg_1", role: "user", sessionID: "ses_1" }
    const seen = { type: "tool", state: { attachments: [{ type: "file", mime: "image/png" }] } }
    await transform(world, [{ info, parts: [seen] }])
    expect(world.turn()?.needs).toMatchObject({ images: true, pdf: false })
    await world.message("msg_2", "a/own")
    expect(world.turn()).toMatchObject({ messageID: "msg_2", needs: { images: true, pdf: false } })
    await transform(world, [{ info, parts: [] }])
    expect(world.turn()?.needs).toMatchObject({ images: false, pdf: false })
  })

  test("says nothing of the window where no answer stands in it", async () => {
    const world = makeWorld()
    await transform(world, [])
    expect(world.sessions.get("ses_1").contextTokens).toBe(0)
    expect(ownFaults(world)).toEqual([])
  })
})

describe("a turn that is refused", () => {
  test("is refused in its steps, and nowhere else", async () => {
    const world = await begun()
    world.change(exhaust("nobody is left"))
    expect(await prepare(world)).toBe("Error: nobody is left")
    expect(await prepare(world, "title")).toEqual([stepMarkerHeader])
    expect(await prepare(world, "build", { id: "msg_0" })).toEqual([stepMarkerHeader])
  })

  test("is not, where OpenCode's own retries go on", async () => {
    const world = await begun()
    world.change(exhaust(undefined))
    expect(await prepare(world)).toEqual([stepMarkerHeader])
  })
})

describe("what is still lent in a session", () => {
  const updated = (more: object): Readonly<Record<string, unknown>> => ({ info: { id: "ses_1", ...more } })
  const idle = { status: { type: "idle" } }
  const rows: readonly (readonly [string, (world: World) => Promise<void> | void, readonly string[]])[] = [
    ["goes back when it comes to rest", (world) => world.event("session.status", idle), ["all"]],
    ["stays while the turn runs", (world) => world.event("session.updated", updated({})), []],
    [
      "goes back when the session is changed at rest",
      async (world) => {
        world.turns.ended("ses_1")
        await world.event("session.updated", updated({}))
      },
      ["all"],
    ],
    [
      "stays while OpenCode's own retries go on, with no model left",
      async (world) => {
        await world.event("session.status", { status: { type: "busy" } })
        world.change(exhaust(undefined))
        await world.event("session.updated", updated({}))
      },
      [],
    ],
    [
      "goes back once they have come to rest, and when the session is changed then",
      async (world) => {
        await world.event("session.status", { status: { type: "busy" } })
        world.change(exhaust(undefined))
        await world.event("session.status", idle)
        await world.event("session.updated", updated({}))
      },
      ["all", "all"],
    ],
    [
      "stays while an undo is pending",
      async (world) => {
        world.turns.ended("ses_1")
        await world.event("session.updated", updated({ revert: { messageID: "msg_1" } }))
      },
      [],
    ],
    [
      "stays while the turn is replayed",
      async (world) => {
        await world.retry("rate limited")
        await world.event("session.updated", updated({}))
      },
      [],
    ],
  ]
  test.each(rows)("%s", async (_, happens, givenBack) => {
    const world = await begun()
    await happens(world)
    expect(world.givenBack).toEqual([...givenBack])
  })

  test.each([
    [true, undefined],
    [false, "msg_1"],
  ])("and its record says so only where it went back: %p", async (givesBack, lent) => {
    const world = await begun({ givesBack })
    world.store.saveSession({ sessionID: "ses_1", own: "a/own", inUse: "b/1", lent: "msg_1", updatedAt: 1 })
    await world.event("session.status", idle)
    expect(world.store.session("ses_1")?.lent).toBe(lent)
  })

  test.each([
    ["session.status", { sessionID: "ses_2", ...idle }],
    ["session.updated", { info: { id: "ses_2" } }],
  ])("by a process before this one is still known after %s", async (type, properties) => {
    const world = await begun()
    world.store.saveSession({ sessionID: "ses_2", own: "a/own", inUse: "b/1", lent: "msg_1", updatedAt: 1 })
    await world.event(type, properties)
    expect(world.store.session("ses_2")?.lent).toBe("msg_1")
  })
})

describe("a half-made tool call", () => {
  const part = {
    id: "prt_1",
    sessionID: "ses_1",
    messageID: "msg_2",
    type: "tool",
    state: { status: "error", error: "Tool execution aborted" },
  }
  const removed = (world: World): readonly string[] => world.calls.filter((call) => call.startsWith("remove"))

  test("of a model that the turn has left is removed", async () => {
    const world = await begun()
    world.change(switchTo({ model: "b/1", variant: undefined }, {}))
    await world.event("message.part.updated", { part })
    expect(removed(world)).toEqual(["remove prt_1 of a/own"])
  })

  test("of a turn that the user has ended stays, and so does a whole call", async () => {
    const world = await begun()
    world.change(switchTo({ model: "b/1", variant: undefined }, {}))
    world.change(announce("build"))
    await world.event("message.part.updated", { part: { ...part, state: { status: "running" } } })
    await world.event("session.error", { error: { name: "MessageAbortedError" } })
    await world.event("message.part.updated", { part })
    expect(removed(world)).toEqual([])
  })
})

describe("events", () => {
  const answer = (more: object): Readonly<Record<string, unknown>> => ({
    info: {
      sessionID: "ses_1",
      role: "assistant",
      parentID: "msg_1",
      providerID: "a",
      modelID: "own",
      ...more,
    },
  })

  test.each<[string, string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ["a stored message", "message.updated", { info: { sessionID: "ses_1", role: "user" } }, ["ses_1 stored"]],
    ["a removed one", "message.removed", { messageID: "msg_1" }, ["ses_1 removed msg_1"]],
    ["a summary in a turn", "session.diff", { diff: [] }, ["ses_1 summing up"]],
    ["its changes", "session.diff", { diff: [{ file: "a" }] }, []],
    ["a deletion", "session.deleted", { info: { id: "ses_1" } }, ["ses_1 forgotten"]],
  ])("%s is told to whoever keeps the messages", async (_, type, properties, watched) => {
    const world = await begun()
    await world.event(type, properties)
    expect(world.watched).toEqual([...watched])
  })

  describe("a message that OpenCode does not take up", () => {
    const stored = { info: { id: "msg_1", sessionID: "ses_1", role: "user" } }
    const busy = { status: { type: "busy" } }
    const phaseOf = (world: World): string | undefined => world.turn()?.phase.is

    test("ends its turn, and is given back", async () => {
      const world = await begun()
      await world.event("message.updated", stored)
      expect([phaseOf(world), world.givenBack]).toEqual(["ended", ["all"]])
    })

    test.each<[string, (world: World) => Promise<unknown>]>([
      ["OpenCode works on the session", (world) => world.event("session.status", busy)],
      ["its request is being prepared", prepare],
    ])("does not where %s", async (_, happens) => {
      const world = await begun()
      await happens(world)
      await world.event("message.updated", stored)
      expect([phaseOf(world), world.givenBack]).toEqual(["running", []])
    })

    test.each<[string, (world: World) => Promise<unknown>, string]>([
      ["OpenCode begins", (world) => world.event("session.status", busy), "running"],
      ["another message has come in", (world) => world.message("msg_2", "a/own"), "running"],
      ["the user has ended it", async (world) => world.turns.aborted("ses_1", "msg_1"), "aborted"],
      ["its request is being prepared", prepare, "running"],
    ])("does not where %s in the meantime", async (_, happens, phase) => {
      const world = await begun()
      const told = world.event("message.updated", stored)
      await happens(world)
      await told
      expect([phaseOf(world), world.givenBack]).toEqual([phase, []])
    })

    test("does not for news of another message: its own may not be stored yet", async () => {
      const world = await begun()
      await world.event("message.updated", { info: { ...stored.info, id: "msg_0" } })
      expect([phaseOf(world), world.givenBack]).toEqual(["running", []])
    })

    test("ends its turn where the session has been deleted in the middle of a run and its id comes again", async () => {
      const world = await begun()
      await world.event("session.status", busy)
      await world.event("session.deleted", { info: { id: "ses_1" } })
      await world.message("msg_1", "a/own")
      await world.event("message.updated", stored)
      expect(phaseOf(world)).toBe("ended")
    })

    test("goes on where its own run begins a moment after another one has ended", async () => {
      const world = await begun()
      world.idle()
      world.busy()
      await Bun.sleep(5)
      expect([phaseOf(world), world.givenBack]).toEqual(["running", []])
    })

    test("ends its turn where nothing begins behind that end", async () => {
      const world = await begun()
      await world.event("session.status", { status: { type: "idle" } })
      expect([phaseOf(world), world.givenBack]).toEqual(["ended", ["all"]])
    })

    test("does not where it has been sent again in the meantime", async () => {
      const world = await begun()
      const told = world.event("message.updated", stored)
      world.change(switchTo({ model: "b/1" }, { kind: "overloaded" }))
      await told
      expect([phaseOf(world), world.givenBack]).toEqual(["running", []])
    })

    test("is nothing to us in a session without a turn", async () => {
      const world = makeWorld()
      await world.event("message.updated", stored)
      expect(world.givenBack).toEqual([])
    })
  })

  test("a subagent's session is as off as the one that it works for", async () => {
    const world = await begun()
    world.sessions.patch("ses_1", { off: true })
    await world.event("session.created", { info: { id: "ses_2", parentID: "ses_1" } })
    expect(world.sessions.isOff("ses_2")).toBe(true)
  })

  test("a summary at rest writes over nothing of ours", async () => {
    const world = await begun()
    world.turns.ended("ses_1")
    await world.event("session.diff", { diff: [] })
    expect(world.watched).toEqual([])
  })

  test("a deletion leaves nothing of the session behind", async () => {
    const world = await begun()
    const { categoryRegistry } = await import("../../../../src/turn/category-registry.ts")
    categoryRegistry().register("ses_1", "quick")
    await world.event("session.deleted", { info: { id: "ses_1" } })
    expect(world.turn()).toBeUndefined()
    expect(categoryRegistry().categoryOf("ses_1")).toBeUndefined()
  })

  test("the tokens of an answer are remembered; an answer under way says none", async () => {
    const world = await begun()
    await world.event("message.updated", answer({ tokens: { input: 100, output: 20 } }))
    await world.event("message.updated", answer({ tokens: { input: 0, output: 0 } }))
    expect(world.sessions.get("ses_1").contextTokens).toBe(120)
  })

  test("the self-check learns whether the user had ended the turn", async () => {
    const world = await begun()
    await world.event("session.status", { status: { type: "busy" } })
    world.turns.aborted("ses_1", "msg_1")
    await world.event("session.status", { status: { type: "idle" } })
    expect(world.watched).toEqual(["session.status of an aborted turn"])
  })

  test("the self-check learns whether the session has been deleted, whose loop ends a little later", async () => {
    const world = await begun()
    await world.event("session.deleted", { info: { id: "ses_1" } })
    world.watched.length = 0
    await world.event("session.status", { status: { type: "idle" } })
    expect(world.watched).toEqual(["session.status of an aborted turn"])
  })

  test("an answer without its id is no end of anything", async () => {
    const world = await begun()
    await prepare(world)
    for (let count = 0; count < 4; count += 1)
      await world.event("message.updated", answer({ finish: "unknown" }))
    expect(world.calls).toEqual([])
    expect(ownFaults(world)).toEqual([])
  })

  test("an answer that is not over yet heals nothing", async () => {
    const world = await begun()
    await prepare(world)
    await world.failover.judge(world.turn() ?? fail(), { status: 503 }, undefined)
    await world.event("message.updated", answer({ id: "msg_2" }))
    expect(world.store.circuits()).toHaveLength(1)
    await world.event("message.updated", answer({ id: "msg_2", finish: "unknown" }))
    expect(world.store.circuits()).toHaveLength(1)
    await world.event("message.updated", answer({ id: "msg_2", finish: "stop" }))
    expect(world.store.circuits()).toEqual([])
  })

  test("an answer that was aborted ends the turn that it belongs to", async () => {
    const world = await begun()
    await world.event("message.updated", answer({ id: "msg_2", error: { name: "MessageAbortedError" } }))
    expect(world.turn()?.phase).toEqual({ is: "aborted" })
    expect(world.calls).toEqual([])
  })

  test("an internal error costs OpenCode nothing, and the log says what and where it was", async () => {
    const world = await begun({
      failover: (failover) => ({ ...failover, judge: () => Promise.reject(new Error("a slip")) }),
    })
    await prepare(world)
    await world.event("session.error", { error: apiError(503, "unavailable") })
    expect(ownFaults(world).join()).toMatch(/an internal error in event; [^]*Error: a slip/)
  })
})

function fail(): never {
  throw new Error("no turn")
}
