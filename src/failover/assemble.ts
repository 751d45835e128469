import { assembleAccounts, readKeys } from "../accounts/assemble.ts"
import { keyCounts } from "../accounts/key-counts.ts"
import { parseCommand } from "../command/parse-command.ts"
import { runCommand } from "../command/run-command.ts"
import type { CommandPlace } from "../command/status-text.ts"
import type { LoadedSettings } from "../config/load-settings.ts"
import type { Settings } from "../config/schema.ts"
import { thisUser } from "../config/this-user.ts"
import { afterRestart } from "../core/circuit.ts"
import type { Host } from "../host/host.ts"
import { createOwnFaults } from "../host/own-fault.ts"
import { createIncidents, type Incidents, withIncidents } from "../notify/incidents.ts"
import { createNotices } from "../notify/notices.ts"
import { createOnSwitch, notifyingStore } from "../notify/on-switch.ts"
import { openStore } from "../store/open-store.ts"
import { stateDirectory } from "../store/state-directory.ts"
import type { Store } from "../store/store.ts"
import { categoryRegistry } from "../turn/category-registry.ts"
import { type Sessions, sessionsOfProcess } from "../turn/sessions.ts"
import { createFailover, type Failover, type FailoverDeps } from "./failover.ts"
import { createNextMove } from "./next-move.ts"
import { createOwnChoice } from "./own-choice.ts"
import { createRefusalText } from "./refusal-text.ts"
import { createTurnLifecycle } from "./turn-lifecycle.ts"

type DecisionsInput = {
  readonly settings: Settings
  readonly store: Store
  readonly sessions: Sessions
  readonly categories: FailoverDeps["categories"]
  readonly incidents: Pick<Incidents, "open">
  readonly host: Host
  readonly keyCount: FailoverDeps["keyCount"]
  readonly isHostUnsupported?: () => boolean
  readonly now: () => number
  /** A number in [0, 1). */
  readonly random: () => number
  /** A test puts another one in its place. */
  readonly createFailover?: CoreOverrides["failover"] | undefined
}

/** Puts together what decides, whoever carries it out: for the plugin, for `simulate` and for tests the same. */
export function assembleDecisions(input: DecisionsInput) {
  const { settings, store, sessions, host, now } = input
  const runtime = settings.runtime_fallback
  void createOwnFaults(host).guardAsync(() => probeAfterRestart(store, now))
  const failover = (input.createFailover ?? createFailover)(input)
  const ownChoice = createOwnChoice(store, now)
  const appendJournal: Store["appendJournal"] = (entry) => {
    const { answersFor: sessionID = entry.sessionID } = sessions.get(entry.sessionID)
    store.appendJournal({ ...entry, sessionID })
  }
  const notices = createNotices({ host, store: { ...store, appendJournal }, now, incidents: input.incidents })
  const nextMove = createNextMove({
    failover,
    refusalText: createRefusalText(host.catalog, now),
    host,
    mostWaitMs: runtime.when_exhausted === "wait" ? runtime.max_wait_seconds * 1_000 : undefined,
    now,
  })
  const turns = createTurnLifecycle({ settings, failover, sessions, ownChoice, notices, now })
  return { failover, ownChoice, notices, nextMove, turns }
}

/** A key that was changed, or a payment that was made, is found out by the first request after a start. */
async function probeAfterRestart(store: Store, now: () => number): Promise<void> {
  await store.ready
  for (const { key } of store.circuits())
    store.updateCircuit(key, (before) => before && afterRestart(before, now()))
}

/** Parts that a test puts in place of the real ones, to prove what happens when they fail. */
export type CoreOverrides = {
  readonly failover?: (deps: FailoverDeps) => Failover
  readonly store?: Store
}

export type CoreInput = {
  readonly loaded: Pick<LoadedSettings, "settings" | "files" | "elsewhere" | "origins">
  readonly host: Host
  /** As `createIncidents` takes it. */
  readonly audience?: string
  readonly isHostUnsupported?: () => boolean
  readonly overrides: CoreOverrides
}

/** What both versions of OpenCode need while they run: the decisions, with what they remember and whom they tell. */
export type Core = Awaited<ReturnType<typeof assembleCore>>

/** Puts everything together that does not depend on the host, from the settings in force. */
export async function assembleCore({ loaded, host, audience, overrides, ...options }: CoreInput) {
  const { settings, ...sources } = loaded
  const clock = { now: Date.now, random: Math.random }
  const { now } = clock
  const opened = overrides.store ?? (await openRealStore(settings.runtime_fallback, { host, ...clock }))
  // The first prompt already goes by what other machines have learnt; a server that is silent holds it up for a second.
  await opened.ready
  const onSwitch = settings.on_switch && createOnSwitch({ command: settings.on_switch, log: host.log })
  const incidents = createIncidents(now, audience)
  const store = withIncidents(onSwitch ? notifyingStore(opened, onSwitch) : opened, incidents)
  const sessions = sessionsOfProcess((what, { sessionID, phase }) =>
    host.log("warn", `an internal error: ${what} is not possible while ${sessionID} is ${phase.is}`),
  )
  const shared = { settings, store, sessions, host, incidents, ...clock }
  const categories = categoryRegistry()
  const { keys, missing } = await readKeys({ ...shared, sources })
  const decisions = assembleDecisions({
    ...shared,
    ...options,
    categories,
    keyCount: (providerID) => 1 + (keys.get(providerID)?.length ?? 0),
    createFailover: overrides.failover,
  })
  const accounts = assembleAccounts({ ...shared, keys, onSwitch })
  /** Whether the settings have further keys for this provider: then its requests are sent by us. */
  const hasKeys = (providerID: string): boolean => keys.has(providerID)
  /** Carries out `/understudy` and gives its answer as Markdown. */
  const command = async (place: CommandPlace, argumentsText: string): Promise<string> => {
    const { chain, successor, reasonAgainst } = decisions.failover
    const { foresee, leaveStandIn } = decisions.turns
    const asked = { chain, successor, reasonAgainst, foresee, leaveStandIn, catalog: await host.catalog() }
    const { enabled } = settings.runtime_fallback
    const keysWorld = { keyCounts: keyCounts(settings), missingKeys: missing }
    const deps = { ...shared, ...asked, ...keysWorld, sources, enabled, home: thisUser().home }
    return runCommand(deps, place, parseCommand(argumentsText))
  }
  return { ...decisions, ...accounts, settings, store, sessions, categories, hasKeys, command, now }
}

/** Keeps what answers have said of limits until now, and lets the store go whatever comes of that. */
export async function closeCore({ limits, store }: Pick<Core, "limits" | "store">): Promise<void> {
  try {
    limits.flush()
  } finally {
    await store.close()
  }
}

function openRealStore(
  runtime: Settings["runtime_fallback"],
  { host, now, random }: Pick<DecisionsInput, "host" | "now" | "random">,
): Promise<Store> {
  return openStore(runtime.store, {
    longestCooldownMs: runtime.max_cooldown_seconds * 1_000,
    log: host.log,
    now,
    random,
    stateDirectory: stateDirectory(thisUser()),
  })
}
