import { keyCounts } from "../../accounts/key-counts.ts"
import { createKeyHealth } from "../../accounts/key-health.ts"
import { createSessionKeys } from "../../accounts/session-keys.ts"
import { cooldownPolicy } from "../../config/policy.ts"
import type { Settings } from "../../config/schema.ts"
import type { Catalog } from "../../core/catalog.ts"
import type { ModelKey, NamedModel } from "../../core/model-ref.ts"
import { assembleDecisions } from "../../failover/assemble.ts"
import { createIncidents, withIncidents } from "../../notify/incidents.ts"
import { createMemoryStore } from "../../store/memory-store.ts"
import { createSessions } from "../../turn/sessions.ts"
import type { ScriptStep } from "./parse-script.ts"
import type { Report, SimulationEvent } from "./simulation-event.ts"

export type SimulationInput = {
  readonly settings: Settings
  readonly catalog: Catalog
  readonly agent: string
  readonly category: string | undefined
  readonly model: ModelKey
  /** A chain for this session, above the settings. */
  readonly chain: readonly NamedModel[]
  readonly needs: { readonly images: boolean; readonly pdf: boolean; readonly contextTokens: number }
  readonly steps: readonly ScriptStep[]
  /** The moment at which it starts; the clock only moves by what happens. */
  readonly startsAt: number
}

export const sessionID = "simulation"

export type SimulatedWorld = ReturnType<typeof createSimulatedWorld>

/** The production parts around a clock and a store of their own; what people would see becomes an event. */
export function createSimulatedWorld(input: SimulationInput) {
  let clock = input.startsAt
  const now = (): number => clock
  const events: SimulationEvent[] = []
  const report: Report = (event, text, facts, details = []) =>
    void events.push({ at: clock - input.startsAt, event, text, details, ...facts })
  // Those that the process knows are of other worlds.
  const incidents = createIncidents(now, crypto.randomUUID())
  const store = withIncidents(createMemoryStore({ now }), incidents)
  const sessions = createSessions((what, turn) => {
    throw new Error(`${what} is not possible while the turn is ${turn.phase.is}`)
  })
  const host = {
    catalog: () => Promise.resolve(input.catalog),
    log: () => undefined,
    toast: ({ variant, message }: { readonly variant: string; readonly message: string }) => {
      if (input.settings.runtime_fallback.notify_on_fallback) report("toast", message, { variant })
      return Promise.resolve()
    },
  }
  const decisions = assembleDecisions({
    settings: input.settings,
    store,
    sessions,
    // The production registry belongs to the whole process; this session must not be left behind in it.
    categories: { categoryOf: () => input.category },
    keyCount: (providerID) => keyCounts(input.settings).get(providerID) ?? 1,
    incidents,
    host,
    now,
    random: () => 0,
  })
  sessions.patch(sessionID, { contextTokens: input.needs.contextTokens })
  if (input.chain.length > 0) sessions.setChain(sessionID, input.chain)
  const pass = (ms: number): void => {
    clock += Math.max(0, ms)
  }
  const cooldown = cooldownPolicy(input.settings)
  const keyHealth = createKeyHealth({ store, cooldown, now, random: () => 0 })
  const sessionKeys = createSessionKeys()
  return { ...decisions, input, now, pass, report, host, events, store, sessions, keyHealth, sessionKeys }
}
