import { describe, expect, test } from "bun:test"
import { faultName, isSilent, planAnswer, retryAfterMs } from "../../../../script/soak/plan-answer.ts"
import { allPlans, planKills, planTurn, promptOf, tagIn } from "../../../../script/soak/plan-turn.ts"

const turnsOf = (seed: number) =>
  Array.from({ length: 600 }, (_, index) => planTurn(seed, Math.floor(index / 20), index % 20))
const answersOf = (seed: number, isDoomed = false) =>
  Array.from({ length: 3_000 }, (_, index) =>
    planAnswer(seed, 0.5, {
      model: `m${index % 7}`,
      tag: `[s${index}.t0]`,
      count: 0,
      holds: index % 2 === 0 ? "call" : "words",
      isDoomed,
    }),
  )

describe("the plan of a run", () => {
  test("is the same for the same seed, and another for another", () => {
    expect(turnsOf(7)).toEqual(turnsOf(7))
    expect(answersOf(7)).toEqual(answersOf(7))
    expect(turnsOf(7)).not.toEqual(turnsOf(8))
    expect(answersOf(7)).not.toEqual(answersOf(8))
  })

  test("holds every event, subagents, and turns for which everybody is away", () => {
    const turns = turnsOf(1)
    const kinds = new Set(turns.map(({ event }) => event.kind))
    expect([...kinds].toSorted()).toEqual(["compact", "delete", "escape", "none", "second-prompt"])
    expect(turns.some(({ isDoomed }) => isDoomed)).toBe(true)
    expect(turns.some(({ tasks }) => tasks.some(({ do: what }) => what === "delegate"))).toBe(true)
  })

  test("gives every plan a tag of its own, which is found again in what OpenCode makes of the prompt", () => {
    const plans = turnsOf(1).flatMap(allPlans)
    expect(new Set(plans.map(({ tag }) => tag)).size).toBe(plans.length)
    for (const plan of plans) expect(tagIn(`<reminder>\n${promptOf(plan)}\n</reminder>`)).toBe(plan.tag)
    expect(tagIn("done [s0.t0]")).toBeUndefined()
  })

  test("cuts the power once in half a minute, at least once, and in time", () => {
    expect(planKills(3, 8, 2)).toHaveLength(1)
    expect(planKills(3, 90, 2).map(({ server }) => server)).toEqual([0, 1, 0])
    for (const { atMs } of planKills(3, 8, 2)) expect(atMs).toBeLessThan(8_000)
  })
})

describe("the faults of a run", () => {
  test("come at every place and in every way", () => {
    const names = new Set(answersOf(1).flatMap(({ fault }) => (fault ? [faultName(fault)] : [])))
    for (const how of ["reset", "error frame", "end without terminator", "silence"])
      for (const place of [
        "mid text",
        "mid thought",
        "in a tool's input",
        "after a whole call",
        "after everything",
      ])
        expect(names).toContain(`${how} ${place}`)
    for (const name of ["429 retry-after 4", "silence before the first byte", "401", "200 with error"])
      expect(names).toContain(name)
  })

  test("are as frequent as they should be, and lasting where everybody is away", () => {
    const failed = answersOf(1).filter(({ fault }) => fault !== undefined).length
    expect(failed / 3_000).toBeWithin(0.45, 0.55)
    const doomed = answersOf(1, true).flatMap(({ fault }) => (fault ? [faultName(fault)] : []))
    expect([...new Set(doomed)].toSorted()).toEqual(["401", "402", "404"])
    expect(doomed).toHaveLength(3_000)
  })

  test("are silences where nothing comes any more", () => {
    const faults = answersOf(1).flatMap(({ fault }) => (fault ? [fault] : []))
    const silent = faults.filter(isSilent).map(faultName)
    for (const name of new Set(silent)) expect(name).toMatch(/^(?:silence|pings)/)
    for (const fault of faults.filter((one) => !isSilent(one)))
      expect(faultName(fault)).not.toMatch(/silence|pings/)
  })

  test("are a habit of some models, which then fail a whole turn in one way", () => {
    const turns = Array.from({ length: 600 }, (_, turn) => `[s0.t${turn}]`).map((tag) =>
      [0, 1, 2].map((count) => {
        const { fault } = planAnswer(1, 0, { model: "m", tag, count, holds: "call", isDoomed: false })
        return fault && faultName(fault)
      }),
    )
    for (const faults of turns) expect(new Set(faults).size).toBe(1)
    const withHabit = turns.filter(([first]) => first !== undefined)
    expect(withHabit.length / turns.length).toBeWithin(0.03, 0.09)
  })

  test("a time that no provider can mean is none", () => {
    expect(retryAfterMs({ kind: "status", status: 429, retryAfter: "2" })).toBe(2_000)
    for (const retryAfter of ["soon", "-5", "1e308"])
      expect(retryAfterMs({ kind: "status", status: 429, retryAfter })).toBeUndefined()
  })
})
