import { describe, expect, test } from "bun:test"
import { parseCommand } from "../../../src/command/parse-command.ts"
import { runCommand } from "../../../src/command/run-command.ts"
import { describeEntry } from "../../../src/command/status-text.ts"
import type { SettingsInput } from "../../../src/config/schema.ts"
import { pathText, type SettingsPath } from "../../../src/config/settings-problem.ts"
import type { Catalog } from "../../../src/core/catalog.ts"
import { heldCircuit, keyCircuit } from "../../../src/core/circuit.ts"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { switchTo } from "../../../src/turn/transitions.ts"
import { catalogOf } from "../catalog-of.ts"
import { apiError, makeWorld, usual, type World } from "../opencode/v1/world.ts"
import { turnOf } from "../turn/turn-of.ts"

const catalog = catalogOf({
  "a/own": { name: "Own (latest)" },
  "b/1": {},
  "c/1": {},
  "d/1": { variants: ["high"] },
})

function run(
  world: World,
  text: string,
  known: Catalog = catalog,
  keyCounts: ReadonlyMap<string, number> = new Map(),
  model: ModelKey = "a/own",
): Promise<string> {
  const { sessions, store, failover, now, settings } = world
  const { enabled } = settings.runtime_fallback
  const sources = {
    files: ["/home/me/c/understudy.jsonc"],
    elsewhere: [],
    origins: (paths: readonly SettingsPath[]) =>
      Promise.resolve(
        paths.map((path) => ({
          from: "file" as const,
          file: `/home/me/c/${pathText(path)}`,
          line: 3,
          column: 5,
        })),
      ),
  }
  const { chain, successor, reasonAgainst } = failover
  const { foresee, leaveStandIn } = world.turns
  const deps = {
    sessions,
    store,
    chain,
    successor,
    reasonAgainst,
    foresee,
    leaveStandIn,
    catalog: known,
    sources,
    enabled,
    home: "/home/me",
    keyCounts,
    missingKeys: [],
    now,
  }
  return runCommand(deps, { sessionID: "ses_1", agent: "build", model }, parseCommand(text))
}

async function switched(settings: SettingsInput = usual): Promise<World> {
  const world = makeWorld({
    settings,
    onReplay: async ({ messageID, model }, that) =>
      void (await that.message(messageID, model, { isReplay: true })),
  })
  await world.message("msg_1", "a/own")
  await world.step("msg_1", "a/own")
  await world.fail("msg_1", "a/own", apiError(503, "unavailable"))
  world.pass(15_000)
  return world
}

const chainOfBuild =
  "Fallback models of build (agents.build, ~/c/agents.build.fallback_models:3:5):\n- b/1\n- c/1"

describe("status", () => {
  test("of a session that has asked nobody yet: the agent's list, and where it stands", async () => {
    expect(await run(makeWorld(), "status")).toBe(`Your model: **Own (a/own)**\n\n${chainOfBuild}`)
  })

  test("of a provider with several keys names each by its number", async () => {
    const world = makeWorld()
    const key = keyCircuit("a", "0123456789abcdef")
    const until = world.now() + 40_000
    const record = { failures: 1, kind: "rate_limit", failedAt: world.now(), until, keyNumber: 1 } as const
    world.store.updateCircuit(key, () => ({ key, ...record }))
    expect(await run(world, "status", catalog, new Map([["a", 2]]))).toEndWith(
      "\n\nKeys:\n- a: key 1: rate limit reached, back in 40 s; key 2: ready",
    )
  })

  test("of a healthy session", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    expect(await run(world, "")).toBe(`Your model: **Own (a/own)**\n\n${chainOfBuild}`)
  })

  test("of a session without a chain names what was read", async () => {
    const world = makeWorld({ settings: {} })
    await world.message("msg_1", "a/own")
    expect(await run(world, "")).toContain(
      "Fallback models of build: none are set (settings read: ~/c/understudy.jsonc).",
    )
  })

  test("names the model in its place, why, until when, and the last switches, each once", async () => {
    const world = await switched()
    const text = await run(world, "status")
    expect(text).toContain("Your model: **Own (a/own)** – service is unavailable, cooling down for 45 s")
    expect(text).toContain("Your next prompt goes to **b/1**.")
    expect(text).not.toContain("Also")
    expect(text).toContain("Last switches here:\n- 15 s ago, a/own to b/1: service is unavailable")
  })

  test("says why the model is another one where that one is to stay, though the own one is well", async () => {
    const world = await switched({ ...usual, runtime_fallback: { restore_primary: "never" } })
    world.idle()
    world.pass(86_400_000)
    const text = await run(world, "status")
    expect(text).toStartWith("Your model: **Own (a/own)**\n")
    expect(text).toContain("Your next prompt goes to **b/1** (switched earlier: service is unavailable).")
  })

  test("names nobody as in use who rests, and says what the next prompt does when all rest", async () => {
    const world = await switched()
    const rest = async (model: string): Promise<string> => {
      await run(world, `hold ${model}`)
      return run(world, "status")
    }
    expect(await rest("b/1")).toContain("Your next prompt goes to **c/1**.")
    const all = await rest("c/1")
    expect(all).toContain("None of these models can be used now. Your next prompt asks your own model once.")
    expect(all).not.toContain("goes to")
  })

  test("says of each model of the list what keeps it from taking the next prompt", async () => {
    const settings = { ignore_models: ["c/1"], fallback_models: ["gone/1", "b/unheard-of", "c/1", "b/small"] }
    const known = catalogOf({ "a/own": {}, "c/1": {}, "b/small": { contextTokens: 8_000 } })
    const world = makeWorld({ settings, catalog: known })
    await world.message("msg_1", "a/own")
    world.sessions.patch("ses_1", { contextTokens: 9_000 })
    await world.failover.judge(turnOf(), { status: 503 }, undefined)
    const said = await run(world, "status", known)
    expect(said).toContain(
      [
        "- gone/1 – gone is not connected",
        "- b/unheard-of – OpenCode does not know this model",
        "- c/1 – not allowed: ignore_models",
        "- b/small – its context window of 8000 tokens is too small for the 9000 in use",
      ].join("\n"),
    )
    expect(said).toContain("None of these models can be used now. Your next prompt asks your own model once.")
  })

  test("goes by what was picked and reset since the last turn", async () => {
    const world = await switched()
    const picked = await run(world, "status", catalog, new Map(), "c/1")
    expect(picked).toStartWith("Your model: **c/1**\n\nFallback models of build")
    await run(world, "reset")
    expect(await run(world, "status")).toStartWith("Your model: **Own (a/own)**\n\nFallback models of build")
  })

  test.each([
    [
      "tripped",
      "key was rejected, check the key of a",
      "Also cooling down:\n- all of a: key was rejected, check the key of a",
    ],
    ["held", "a is held by hand", "Held by hand, until `/understudy reset`:\n- all of a"],
  ])(
    "names a provider that is %s as a whole once: with its models, or elsewhere",
    async (how, ofModel, elsewhere) => {
      const world = makeWorld()
      await world.message("msg_1", "a/own")
      if (how === "held") await run(world, "hold a/*")
      else await world.fail("msg_1", "a/own", apiError(401, "invalid api key"))
      const own = await run(world, "")
      expect(own).toStartWith(`Your model: **Own (a/own)** – ${ofModel}\n`)
      expect(own).not.toContain("all of a")
      expect(await run(world, "", catalog, new Map(), "d/1")).toContain(elsewhere)
    },
  )

  test("what is held is not cooling down", async () => {
    const world = makeWorld()
    await run(world, "hold d/1")
    expect(await run(world, "")).toEndWith("Held by hand, until `/understudy reset`:\n- d/1")
  })

  test("says that we are off, here or everywhere", async () => {
    const here = makeWorld()
    here.sessions.patch("ses_1", { off: true })
    expect(await run(here, "")).toContain("Understudy is **off** in this session.")
    const everywhere = makeWorld({ settings: { ...usual, runtime_fallback: { enabled: false } } })
    expect(await run(everywhere, "")).toContain("**off** in the settings (`runtime_fallback.enabled`)")
  })
})

describe("a command does what it says", () => {
  test("off and on", async () => {
    const world = makeWorld()
    expect(await run(world, "off")).toContain("off in this session")
    expect(world.failover.enabled("ses_1")).toBe(false)
    expect(await run(world, "on")).toBe("Understudy is on in this session.")
    expect(world.failover.enabled("ses_1")).toBe(true)
  })

  test("on does not claim to overrule the settings", async () => {
    const world = makeWorld({ settings: { ...usual, runtime_fallback: { enabled: false } } })
    expect(await run(world, "on")).toContain("stays off here")
  })

  test("hold and reset of one model", async () => {
    const world = makeWorld()
    expect(await run(world, "hold b/1")).toContain("b/1 is held out of use, in all sessions.")
    expect(world.failover.tryProbe({ sessionID: "ses_1", model: "b/1" })).toEqual({ why: "held" })
    expect(await run(world, "")).toContain("- b/1 – held by hand")
    expect(await run(world, "reset c/1")).toBe("c/1 was neither cooling down nor held.")
    expect(world.failover.tryProbe({ sessionID: "ses_1", model: "b/1" })).toEqual({ why: "held" })
    expect(await run(world, "reset B/1")).toBe("b/1 may be used again.")
    expect(world.failover.tryProbe({ sessionID: "ses_1", model: "b/1" })).toBeUndefined()
  })

  test("reset of a model ends its provider's cooldown as well", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    await world.fail("msg_1", "a/own", apiError(401, "invalid api key"))
    expect(await run(world, "reset a/own")).toBe("Own (a/own) may be used again.")
    expect(world.store.circuits()).toEqual([])
  })

  test("reset ends cooldowns and holds, and nothing else", async () => {
    const world = await switched()
    await run(world, "chain d/1")
    await run(world, "off")
    await run(world, "hold c/1")
    expect(await run(world, "reset")).toBe(
      "Reset: 1 cooldown and 1 hold ended. Understudy is still off in this session; `/understudy on` switches it on. This session keeps its own list; `/understudy chain` goes back to the settings.",
    )
    expect(world.store.circuits()).toEqual([])
    expect(world.sessions.get("ses_1")).toMatchObject({ off: true, chain: [{ model: "d/1" }] })
  })

  test("reset counts a cooldown that is over as none", async () => {
    const world = await switched()
    world.pass(3_600_000)
    expect(await run(world, "reset")).toBe("Reset: 0 cooldowns and 0 holds ended.")
    expect(world.store.circuits()).toEqual([])
  })

  test("hold and reset take a model in any letters, and all models of a provider", async () => {
    const world = makeWorld()
    expect(await run(world, "hold B/1")).toContain("b/1 is held out of use")
    expect(await run(world, "next")).toContain("**c/1**")
    expect(await run(world, "reset B/1")).toBe("b/1 may be used again.")
    await run(world, "hold c/*")
    expect(await run(world, "status")).toContain("- b/1\n- c/1 – c is held by hand")
    world.store.updateCircuit("model:c/1", () => heldCircuit("model:c/1", world.now()))
    expect(await run(world, "reset c/*")).toBe("c/* may be used again.")
    expect(world.store.circuits()).toEqual([])
  })

  test("chain, and back", async () => {
    const world = makeWorld()
    await world.message("msg_1", "a/own")
    world.sessions.patch("ses_1", { parentID: "ses_0" })
    const own = "Fallback models of build (set for this session):\n- d/1\n- c/1"
    expect(await run(world, "chain d/1, c/1")).toBe(
      `This session has its own list until OpenCode restarts.\n\n${own}`,
    )
    expect(await run(world, "")).toContain(own)
    expect(await run(world, "chain")).toBe(`This session follows the settings again.\n\n${chainOfBuild}`)
  })

  test.each([
    ["chain b/1, d/2", "OpenCode does not know d/2. Did you mean d/1?"],
    ["hold b/one", "OpenCode does not know b/one."],
    ["reset zzz/large", "OpenCode does not know zzz/large."],
    ["chain zzz/*", "OpenCode does not know zzz/*."],
  ])("%s: a name that OpenCode does not know changes nothing", async (words, answer) => {
    const world = makeWorld()
    expect(await run(world, words)).toBe(`${answer}\n\nNothing was changed.`)
    expect(world.store.circuits()).toEqual([])
    expect(world.sessions.get("ses_1").chain).toBeUndefined()
  })

  test("while OpenCode cannot say what it knows, a name is taken as it is", async () => {
    expect(await run(makeWorld(), "hold x/y", { known: false })).toContain("x/y is held out of use")
  })

  test("help, and the same behind what was not understood", async () => {
    const help = await run(makeWorld(), "help")
    expect(help).toContain("/understudy status")
    expect(await run(makeWorld(), "dance")).toBe(`"dance" is not known.\n\n${help}`)
    expect(await run(makeWorld(), "of")).toStartWith('"of" is not known. Did you mean off?')
  })
})

describe("a line of the journal", () => {
  const base = { at: 0, sessionID: "ses_1", from: "a/own" } as const
  test.each([
    [{ ...base, event: "switched", to: "b/1", kind: "auth" }, "5 s ago, a/own to b/1: key was rejected"],
    [{ ...base, event: "switched", to: "b/1" }, "5 s ago, a/own to b/1"],
    [{ ...base, event: "switched", to: "b/1", cause: "held by hand" }, "5 s ago, a/own to b/1: held by hand"],
    [{ ...base, event: "returned", to: "a/own" }, "5 s ago, back to a/own"],
    [
      { ...base, event: "exhausted", kind: "quota" },
      "5 s ago, no model left after a/own: usage limit reached",
    ],
  ] as const)("%p", (entry, text) => {
    expect(describeEntry(entry, 5_000)).toBe(text)
  })
})

describe("going on with another model by hand", () => {
  /** The model that takes the session's next turn. */
  const nextTurn = (world: World, id: string, model: ModelKey = "a/own") => world.message(id, model)

  test("next: the model that would take over, for every turn until the own one is chosen again", async () => {
    const world = makeWorld()
    await nextTurn(world, "msg_1")
    world.idle()
    expect(await run(world, "next")).toBe(
      "From your next prompt on **b/1** answers in this session, until you pick another model, type `/understudy use a/own` or restart OpenCode.",
    )
    expect(await nextTurn(world, "msg_2")).toBe("b/1")
    world.idle()
    expect(await nextTurn(world, "msg_3")).toBe("b/1")
    world.idle()
    expect(await run(world, "next")).toContain("**c/1**")
    expect(await nextTurn(world, "msg_4")).toBe("c/1")
    world.idle()
    expect(await run(world, "next")).toStartWith("There is no model after c/1.")
    expect(await run(world, "")).toContain("\n\nYour next prompt goes to **c/1**.\n\n")
    expect(await run(world, "use a/own")).toBe(
      "Your own model **Own (a/own)** answers in this session again.",
    )
    expect(await run(world, "")).not.toContain("goes to")
    expect(await run(world, "next")).toContain("**b/1**")
    expect(await run(world, "")).toContain("Your next prompt goes to **b/1**.")
    expect(await run(world, "off")).toContain("off in this session")
    expect(await run(world, "")).not.toContain("goes to")
    await run(world, "on")
    await run(world, "use a/own")
    expect(await nextTurn(world, "msg_5")).toBe("a/own")
    expect(world.toasts).toEqual([])
  })

  test("next before the first turn, and twice in a row", async () => {
    const world = makeWorld()
    expect(await run(world, "next")).toContain("**b/1**")
    expect(await run(world, "next")).toContain("**c/1**")
    expect(await nextTurn(world, "msg_1")).toBe("c/1")
  })

  test("next passes over what cannot be used", async () => {
    const world = makeWorld()
    await run(world, "hold b/1")
    expect(await run(world, "next")).toContain("**c/1**")
  })

  test("use: the own model is asked again where its fallback was to stay, after a failure or by hand", async () => {
    const world = await switched({ ...usual, runtime_fallback: { restore_primary: "never" } })
    world.idle()
    expect(await run(world, "use a/own")).toEndWith(
      "answers in this session again. For now it is passed over – service is unavailable, cooling down for 45 s.",
    )
    world.pass(86_400_000)
    expect(await nextTurn(world, "msg_2")).toBe("a/own")
    world.idle()
    await run(world, "use d/1")
    expect(await nextTurn(world, "msg_3")).toBe("d/1")
    world.idle()
    await run(world, "use a/own")
    expect(await nextTurn(world, "msg_4")).toBe("a/own")
    world.idle()
    expect(await nextTurn(world, "msg_5")).toBe("a/own")
  })

  test("use: the own model, in the middle of a turn that is lent, is still told from what OpenCode fills in", async () => {
    const world = await switched()
    await run(world, "use a/own")
    world.pass(120_000)
    expect(await world.message("msg_2", "b/1", { isNamed: false })).toBe("a/own")
  })

  test("use: a model that rests is named as one that is passed over", async () => {
    const world = makeWorld()
    await run(world, "hold c/1")
    expect(await run(world, "use c/1")).toEndWith(
      "or restart OpenCode. For now it is passed over – held by hand.",
    )
  })

  test("an own model that is asked even while it cools down is not called passed over", async () => {
    const world = await switched({ ...usual, runtime_fallback: { restore_primary: "next_message" } })
    world.idle()
    expect(await run(world, "status")).toContain(
      "cooling down for 45 s\n\nYour next prompt asks your own model all the same.",
    )
    expect(await run(world, "use a/own")).toEndWith("answers in this session again.")
    expect(await nextTurn(world, "msg_2")).toBe("a/own")
  })

  test("use: when the model fails, the list takes over from its beginning, and the own model at its end", async () => {
    const world = makeWorld()
    await run(world, "use c/1")
    await nextTurn(world, "msg_1")
    const turn = world.turn() ?? turnOf()
    const limited = { status: 429 }
    expect((await world.failover.judge(turn, limited, undefined)).decision).toMatchObject({
      to: { model: "b/1" },
    })
    const later = switchTo({ model: "b/1" }, { kind: "rate_limit" })(turn) ?? turn
    expect((await world.failover.judge(later, limited, undefined)).decision).toMatchObject({
      to: { model: "a/own" },
    })
  })

  test("use: a model that no list names, as OpenCode spells it; a choice by /model ends it", async () => {
    const world = makeWorld()
    expect(await run(world, "use D/1")).toContain("**d/1**")
    expect(await nextTurn(world, "msg_1")).toBe("d/1")
    world.idle()
    expect(await nextTurn(world, "msg_2", "c/1")).toBe("c/1")
    world.idle()
    expect(await nextTurn(world, "msg_3")).toBe("a/own")
  })

  test("with a variant: its own where the list or the user names one, else the user's", async () => {
    const world = makeWorld({ settings: { fallback_models: ["b/1#low", "c/1"] } })
    const { sessions } = world
    const asked = (): unknown => sessions.turn("ses_1")?.inUse
    await run(world, "next")
    await world.message("msg_1", "a/own", { variant: "max" })
    expect(asked()).toMatchObject({ model: "b/1", variant: "low" })
    expect(await run(world, "use D/1#high")).toStartWith("From your next prompt on **d/1** (high) answers")
    await world.message("msg_2", "a/own", { variant: "max" })
    expect(asked()).toMatchObject({ model: "d/1", variant: "high" })
    await run(world, "chain d/1#high")
    expect(sessions.get("ses_1").chain).toEqual([{ model: "d/1", variant: "high" }])
  })

  test.each([
    ["use d/1#huge", 'd/1 has no variant "huge".'],
    ["use d/2", "OpenCode does not know d/2. Did you mean d/1?\n\nNothing was changed."],
    ["use b/*", "b does not offer Own (a/own)."],
    ["use", "use takes one model, such as openai/gpt-5.2."],
  ])("%s: nothing is changed", async (text, answer) => {
    const world = makeWorld()
    expect(await run(world, text)).toStartWith(answer)
    expect(await nextTurn(world, "msg_1")).toBe("a/own")
  })
})
