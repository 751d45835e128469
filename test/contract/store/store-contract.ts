import { afterEach, describe, expect, test } from "bun:test"
import {
  afterFailure,
  type CircuitKey,
  type CircuitRecord,
  heldCircuit,
  probeLeaseMs,
  takeProbe,
} from "../../../src/core/circuit.ts"
import {
  type AccountLimits,
  type JournalEntry,
  type SessionRecord,
  type Store,
  storeBounds,
} from "../../../src/store/store.ts"
import { accountLimits, failure, journalEntry, noon, sessionRecord } from "./store-records.ts"

export type StoreHarness = {
  /** A store on a medium of its own, or on the medium of the store that was opened before in the same test. */
  readonly open: (now: () => number) => Promise<Store>
  /** Whether two stores opened in one test see each other. */
  readonly shared: boolean
  /** Resolves when what was written so far is where the other stores look. */
  readonly settle: (seen: () => boolean) => Promise<void>
  readonly cleanUp: () => Promise<void>
}

const opus: CircuitKey = "model:anthropic/claude-opus-4-5"
const policy = { baseMs: 60_000, multiplier: 2, maxMs: 3_600_000 }

export function storeContract(name: string, harness: StoreHarness): void {
  describe(`${name} store keeps the contract:`, () => {
    const opened: Store[] = []
    let clock = noon
    const open = async (): Promise<Store> => {
      const store = await harness.open(() => clock)
      opened.push(store)
      await store.ready
      return store
    }
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((store) => store.close()))
      await harness.cleanUp()
      clock = noon
    })

    describe("circuits", () => {
      test("a circuit that nobody wrote is unknown", async () => {
        const store = await open()
        expect(store.circuit(opus)).toBeUndefined()
        expect(store.circuits()).toEqual([])
      })

      const records: readonly CircuitRecord[] = [
        failure(opus, noon),
        failure("model:openrouter/meta/llama-3:free", noon, 7),
        { ...failure("provider:anthropic", noon), kind: "auth" },
        { ...failure(opus, noon), probeUntil: noon + 30_000, toldBackAt: noon + 7_200_000 },
        heldCircuit("model:ollama/qwen3", noon),
        failure("model:höher/ünïcode-模型", noon),
      ]
      test.each(records.map((record) => [record.key, record] as const))(
        "gives back %s unchanged",
        async (key, record) => {
          const store = await open()
          expect(store.updateCircuit(key, () => record)).toEqual(record)
          expect(store.circuit(key)).toEqual(record)
          expect(store.circuits()).toEqual([record])
        },
      )

      test("a change sees the record before it and decides what stands after it", async () => {
        const store = await open()
        for (let count = 1; count <= 3; count++) {
          const failed = store.updateCircuit(opus, (before) =>
            afterFailure(before, {
              key: opus,
              verdict: { kind: "overloaded" },
              policy,
              at: clock,
              random: 0,
            }),
          )
          expect(failed?.failures).toBe(count)
          clock = failed?.until ?? 0
        }
        const probing = store.updateCircuit(opus, (before) => before && takeProbe(before, clock))
        expect(probing?.probeUntil).toBeGreaterThan(clock)
        expect(store.updateCircuit(opus, () => undefined)).toBeUndefined()
        expect(store.circuit(opus)).toBeUndefined()
        expect(store.circuits()).toEqual([])
      })

      test("one circuit's change leaves the others alone", async () => {
        const store = await open()
        store.updateCircuit(opus, () => failure(opus, noon))
        store.updateCircuit("provider:openai", () => failure("provider:openai", noon))
        store.updateCircuit(opus, () => undefined)
        expect(store.circuits().map((record) => record.key)).toEqual(["provider:openai"])
      })

      test(`keeps at most ${storeBounds.circuits}; the oldest failures go, a held circuit stays`, async () => {
        const store = await open()
        const held = store.updateCircuit("model:a/held", (): CircuitRecord => heldCircuit("model:a/held", 1))
        const extra = 20
        for (let index = 0; index < storeBounds.circuits - 1 + extra; index++) {
          const key: CircuitKey = `model:a/${index}`
          store.updateCircuit(key, () => failure(key, noon + index))
        }
        expect(store.circuits().length).toBe(storeBounds.circuits)
        expect(store.circuit("model:a/held")).toEqual(held)
        expect(store.circuit(`model:a/${extra - 1}`)).toBeUndefined()
        expect(store.circuit(`model:a/${extra}`)).toBeDefined()
      })
    })

    describe("the probe of a circuit whose cooldown is over", () => {
      const due = noon + 60_000

      test("is not needed for a closed circuit, nor given for an open one", async () => {
        const store = await open()
        expect(store.takeProbe(opus, noon)).toEqual({ state: "not-needed" })
        store.updateCircuit(opus, () => failure(opus, noon))
        expect(store.takeProbe(opus, noon)).toEqual({ state: "not-needed" })
      })

      test("is given once, and again when it was given back", async () => {
        const store = await open()
        store.updateCircuit(opus, () => failure(opus, noon))
        const first = store.takeProbe(opus, due)
        const probe = { key: opus, until: due + probeLeaseMs }
        expect(first).toEqual({ state: "taken", probe })
        expect(store.takeProbe(opus, due + 1)).toEqual({ state: "busy", until: probe.until })
        store.giveBackProbe(probe)
        expect(store.takeProbe(opus, due + 2)).toMatchObject({ state: "taken" })
      })

      test("of a circuit that was judged since is nobody's any more", async () => {
        const store = await open()
        store.updateCircuit(opus, () => failure(opus, noon))
        store.takeProbe(opus, due)
        const judged = failure(opus, due + 5, 2)
        store.updateCircuit(opus, () => judged)
        store.giveBackProbe({ key: opus, until: due + probeLeaseMs })
        expect(store.circuit(opus)).toEqual(judged)
        store.updateCircuit(opus, () => undefined)
        store.giveBackProbe({ key: opus, until: due + probeLeaseMs })
        expect(store.circuit(opus)).toBeUndefined()
      })
    })

    describe("journal", () => {
      test("answers newest first, and of the same instant the later one first", async () => {
        const store = await open()
        const entries = [
          journalEntry(noon - 2),
          journalEntry(noon - 1, "ses_a"),
          journalEntry(noon - 1, "ses_b"),
        ] as const
        // What another machine has to tell may come late.
        for (const index of [1, 0, 2] as const) store.appendJournal(entries[index])
        expect(store.journal({ limit: 10 })).toEqual(entries.toReversed())
        expect(store.journal({ limit: 2 })).toEqual(entries.toReversed().slice(0, 2))
        expect(store.journal({ limit: 0 })).toEqual([])
      })

      test("can be asked for one session, and the limit counts that session's entries only", async () => {
        const store = await open()
        for (let index = 0; index < 6; index++)
          store.appendJournal(journalEntry(noon + index, index % 2 === 0 ? "ses_even" : "ses_odd"))
        const found = store.journal({ limit: 2, sessionID: "ses_even" })
        expect(found.map((entry) => entry.at - noon)).toEqual([4, 2])
      })

      test("an entry with no more than the required fields comes back as it was", async () => {
        const store = await open()
        const entry: JournalEntry = { at: noon, sessionID: "ses_1", event: "exhausted", from: "a/b" }
        store.appendJournal(entry)
        expect(store.journal({ limit: 1 })).toEqual([entry])
      })

      test("cuts a detail that is longer than 1,000 characters", async () => {
        const store = await open()
        const whole = { ...journalEntry(noon), detail: "x".repeat(1_000) }
        store.appendJournal(whole)
        expect(store.journal({ limit: 1 })).toEqual([whole])
        store.appendJournal({ ...journalEntry(noon), detail: "x".repeat(5_000) })
        expect(store.journal({ limit: 1 })[0]?.detail).toBe(`${"x".repeat(999)}…`)
      })

      test(`keeps the newest ${storeBounds.journalEntries} entries`, async () => {
        const store = await open()
        const extra = 50
        for (let index = 0; index < storeBounds.journalEntries + extra; index++)
          store.appendJournal(journalEntry(noon + index))
        const kept = store.journal({ limit: 10_000 })
        expect(kept.length).toBe(storeBounds.journalEntries)
        expect(kept.at(-1)?.at).toBe(noon + extra)
      })

      test("forgets entries that are older than the bound", async () => {
        const store = await open()
        store.appendJournal(journalEntry(noon))
        clock = noon + storeBounds.journalAgeMs
        expect(store.journal({ limit: 1 }).length).toBe(1)
        clock += 1
        expect(store.journal({ limit: 1 })).toEqual([])
      })
    })

    describe("sessions", () => {
      test("are kept, replaced and forgotten", async () => {
        const store = await open()
        expect(store.session("ses_1")).toBeUndefined()
        const first = sessionRecord("ses_1", noon)
        store.saveSession(first)
        expect(store.session("ses_1")).toEqual(first)
        const second: SessionRecord = { sessionID: "ses_1", own: "openai/gpt-5.2", updatedAt: noon + 1 }
        store.saveSession(second)
        expect(store.session("ses_1")).toEqual(second)
        store.forgetSession("ses_1")
        expect(store.session("ses_1")).toBeUndefined()
        store.forgetSession("ses_1")
      })

      test("older than the bound are forgotten", async () => {
        const store = await open()
        store.saveSession(sessionRecord("ses_1", noon))
        clock = noon + storeBounds.sessionAgeMs
        expect(store.session("ses_1")).toBeDefined()
        clock += 1
        expect(store.session("ses_1")).toBeUndefined()
      })

      test(`number at most ${storeBounds.sessions}; the ones unused longest go`, async () => {
        const store = await open()
        const extra = 20
        for (let index = 0; index < storeBounds.sessions + extra; index++)
          store.saveSession(sessionRecord(`ses_${index}`, noon + index))
        expect(store.session(`ses_${extra - 1}`)).toBeUndefined()
        expect(store.session(`ses_${extra}`)).toBeDefined()
      })
    })

    describe("limits", () => {
      test("of an account are kept and replaced", async () => {
        const store = await open()
        expect(store.limits()).toEqual([])
        store.saveLimits(accountLimits("anthropic", noon))
        store.saveLimits(accountLimits("anthropic#0123456789abcdef", noon))
        const later: AccountLimits = { account: "anthropic", windows: [], updatedAt: noon + 1 }
        store.saveLimits(later)
        expect(store.limits()).toHaveLength(2)
        expect(store.limits()).toContainEqual(later)
        expect(store.limits()).toContainEqual(accountLimits("anthropic#0123456789abcdef", noon))
      })

      test(`number at most ${storeBounds.accounts}; the ones heard of longest ago go`, async () => {
        const store = await open()
        for (let index = 0; index <= storeBounds.accounts; index++)
          store.saveLimits(accountLimits(`account-${index}`, noon + index))
        const accounts = store.limits().map(({ account }) => account)
        expect(accounts).toHaveLength(storeBounds.accounts)
        expect(accounts).not.toContain("account-0")
      })
    })

    test("after close no method throws", async () => {
      const store = await open()
      store.updateCircuit(opus, () => failure(opus, noon))
      await store.close()
      store.updateCircuit(opus, () => failure(opus, noon + 1))
      store.appendJournal(journalEntry(noon))
      store.saveSession(sessionRecord("ses_1", noon))
      store.forgetSession("ses_1")
      store.saveLimits(accountLimits("anthropic", noon))
      store.circuit(opus)
      store.circuits()
      store.limits()
      store.session("ses_1")
      store.journal({ limit: 1 })
      await store.close()
    })

    if (harness.shared) sharedContract(open, harness)
  })
}

function sharedContract(open: () => Promise<Store>, { settle }: StoreHarness): void {
  describe("two stores on one medium", () => {
    test("see each other's failures, successes, entries and sessions", async () => {
      const [one, other] = [await open(), await open()]
      one.updateCircuit(opus, () => failure(opus, noon))
      one.appendJournal(journalEntry(noon))
      one.saveSession(sessionRecord("ses_1", noon))
      one.saveLimits(accountLimits("anthropic", noon))
      await settle(() => other.limits().length > 0 && other.journal({ limit: 1 }).length > 0)
      expect(other.limits()).toEqual([accountLimits("anthropic", noon)])
      expect(other.circuit(opus)).toEqual(failure(opus, noon))
      expect(other.circuits()).toEqual([failure(opus, noon)])
      expect(other.journal({ limit: 5 })).toEqual([journalEntry(noon)])
      expect(other.session("ses_1")).toEqual(sessionRecord("ses_1", noon))

      other.updateCircuit(opus, () => undefined)
      other.forgetSession("ses_1")
      await settle(() => one.session("ses_1") === undefined)
      expect(one.circuit(opus)).toBeUndefined()
      expect(one.circuits()).toEqual([])
      expect(one.session("ses_1")).toBeUndefined()
    })

    test("a store that is opened later finds what was there before", async () => {
      const one = await open()
      one.updateCircuit(opus, () => failure(opus, noon))
      one.appendJournal(journalEntry(noon))
      one.saveSession(sessionRecord("ses_1", noon))
      one.saveLimits(accountLimits("anthropic", noon))
      await one.close()
      const later = await open()
      expect(later.limits()).toEqual([accountLimits("anthropic", noon)])
      expect(later.circuit(opus)).toEqual(failure(opus, noon))
      expect(later.journal({ limit: 5 })).toEqual([journalEntry(noon)])
      expect(later.session("ses_1")).toEqual(sessionRecord("ses_1", noon))
    })

    test("one probe between them", async () => {
      const [one, other] = [await open(), await open()]
      one.updateCircuit(opus, () => failure(opus, noon))
      await settle(() => other.circuit(opus) !== undefined)
      const answer = one.takeProbe(opus, noon + 60_000)
      await settle(() => other.circuit(opus)?.probeUntil !== undefined)
      expect(other.takeProbe(opus, noon + 60_000)).toMatchObject({ state: "busy" })
      if (answer.state === "taken") one.giveBackProbe(answer.probe)
      await settle(() => other.circuit(opus)?.probeUntil === undefined)
      expect(other.takeProbe(opus, noon + 60_000)).toMatchObject({ state: "taken" })
    })

    test("a change is made to what the other one wrote", async () => {
      const [one, other] = [await open(), await open()]
      one.updateCircuit(opus, () => failure(opus, noon, 3))
      await settle(() => other.circuit(opus) !== undefined)
      const failed = {
        key: opus,
        verdict: { kind: "timeout" },
        policy,
        at: noon + 60_000,
        random: 0,
      } as const
      const after = other.updateCircuit(opus, (before) => afterFailure(before, failed))
      expect(after?.failures).toBe(4)
      await settle(() => one.circuit(opus)?.failures === 4)
      expect(one.circuit(opus)).toEqual(after)
    })
  })
}
