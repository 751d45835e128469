import { expect, test } from "bun:test"
import { scratch } from "../scratch-terminal.ts"

test("a dry run as JSON has the documented shape", async () => {
  await using home = await scratch({})
  const args = ["--assume-connected", "--json", "--model", "alpha/one", "--chain", "beta/two"]
  const { exitCode, said } = await home.run("simulate", ...args, "alpha: 429 retry-after 60")
  expect(exitCode).toBe(0)
  const { agent, model, events } = JSON.parse(said) as {
    readonly agent: string
    readonly model: string
    readonly events: readonly { readonly at: number; readonly event: string }[]
  }
  expect([agent, model]).toEqual(["build", "alpha/one"])
  const happened = ["prompt", "failed", "rests", "switched", "toast", "answered"]
  expect(events.map(({ event }) => event)).toEqual(happened)
  expect(events.every(({ at }) => at >= 0)).toBeTrue()
})

test("a model that is named outranks the scenario's", async () => {
  await using home = await scratch({})
  const { said } = await home.run("simulate", "--json", "--scenario", "rate-limit", "--model", "beta/two")
  expect(JSON.parse(said)).toMatchObject({ model: "beta/two" })
})
