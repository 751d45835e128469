import { describe, expect, test } from "bun:test"
import type { SettingsInput } from "../../../src/config/schema.ts"
import { heldCircuit } from "../../../src/core/circuit.ts"
import { switchTo } from "../../../src/turn/transitions.ts"
import { makeWorld } from "../opencode/v1/world.ts"

describe("what the chain says of the model in use beyond the model", () => {
  const settings: SettingsInput = {
    agents: { build: { fallback_models: [{ model: "b/1", temperature: 0.2 }, "c/1"] } },
  }
  const begun = async () => {
    const world = makeWorld({ settings })
    await world.message("msg_1", "a/own")
    return { world, entryInUse: world.failover.entryInUse }
  }

  test("is what stands in the list", async () => {
    const { entryInUse } = await begun()
    expect(entryInUse("ses_1", "b/1")).toEqual({ model: "b/1", temperature: 0.2 })
  })

  test("is nothing for the user's own model, for strangers and for unknown sessions", async () => {
    const { world, entryInUse } = await begun()
    expect(entryInUse("ses_1", "a/own")).toBeUndefined()
    expect(entryInUse("ses_1", "z/9")).toBeUndefined()
    expect(entryInUse("ses_9", "b/1")).toBeUndefined()
    world.change(switchTo({ model: "b/1" }, {}))
    expect(entryInUse("ses_1", "a/own")).toBeUndefined()
  })
})

test("behind a model that took the turn from its start comes the next one of the list", async () => {
  const world = makeWorld({ settings: { fallback_models: ["b/1", "c/1", "d/1"] } })
  world.store.updateCircuit("model:a/own", () => heldCircuit("model:a/own", 0))
  expect(await world.message("msg_1", "a/own")).toBe("b/1")
  const turn = world.turn()
  if (!turn) throw new Error("no turn")
  const next = await world.failover.successor(turn, { kind: "rate_limit" })
  expect(next).toMatchObject({ do: "switch", to: { model: "c/1" } })
})
