import { describe, expect, test } from "bun:test"
import { afterSuccess, type CircuitKey, type CircuitRecord, circuitState } from "../../../src/core/circuit.ts"
import { withoutClockSkew } from "../../../src/store/clock-skew.ts"
import { createMemoryStore } from "../../../src/store/memory-store.ts"

const noon = Date.UTC(2026, 0, 1, 12)
const day = 86_400_000
const key: CircuitKey = "model:a/own"

/** A store in which a clock a day ahead has written. */
function world(record: CircuitRecord) {
  let clock = noon
  const now = () => clock
  const medium = createMemoryStore({ now })
  medium.updateCircuit(key, () => record)
  const store = withoutClockSkew(medium, { now, longestCooldownMs: 3_600_000 })
  return {
    store,
    medium,
    later: (ms: number) => (clock += ms),
    stateNow: () => circuitState(store.circuit(key), clock),
  }
}

const ahead: CircuitRecord = {
  key,
  failures: 1,
  kind: "rate_limit",
  failedAt: noon + day,
  until: noon + day + 60_000,
}

describe("a record of a clock that was a day ahead", () => {
  test("rests a minute, as it was to rest, and not a day; however often it is read", () => {
    const { stateNow, later, store } = world(ahead)
    expect(stateNow()).toMatchObject({ state: "open", until: noon + 60_000 })
    later(40_000)
    expect(stateNow()).toMatchObject({ state: "open", until: noon + 60_000 })
    expect(store.circuits()).toEqual([{ ...ahead, failedAt: noon, until: noon + 60_000 }])
    later(20_000)
    expect(stateNow().state).toBe("half-open")
    later(day)
    expect(stateNow().state).toBe("half-open")
  })

  test("is probed, and healed by an answer to a request sent now", () => {
    const { store, medium, later } = world(ahead)
    store.circuit(key)
    later(60_000)
    expect(store.takeProbe(key, noon + 60_000).state).toBe("taken")
    store.updateCircuit(key, (before) => afterSuccess(before, noon + 60_001))
    expect(medium.circuit(key)).toBeUndefined()
  })

  test("so does one that was read before this machine's clock was set back", () => {
    const { stateNow, later } = world({ ...ahead, failedAt: noon, until: noon + 60_000 })
    expect(stateNow()).toMatchObject({ state: "open", until: noon + 60_000 })
    later(-day)
    expect(stateNow()).toMatchObject({ state: "open", until: noon - day + 60_000 })
    later(40_000)
    expect(stateNow()).toMatchObject({ state: "open", until: noon - day + 60_000 })
  })

  test("loses with its time what the provider has said of its return, and keeps it where only a probe lies ahead", () => {
    const said = { toldBackAt: noon + 7_200_000 }
    expect(world({ ...ahead, ...said }).store.circuit(key)?.toldBackAt).toBeUndefined()
    const sound = { ...ahead, ...said, failedAt: noon, until: noon + 60_000 }
    expect(world({ ...sound, probeUntil: noon + day }).store.circuit(key)).toEqual(sound)
  })

  test("is not written by being read", () => {
    const { store, medium } = world(ahead)
    store.circuit(key)
    store.updateCircuit(key, (before) => before)
    expect(medium.circuit(key)).toBe(ahead)
  })
})
