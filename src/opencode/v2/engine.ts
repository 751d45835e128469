import { homedir } from "node:os"
import { assembleAccounts } from "../../accounts/assemble.ts"
import { keyCounts } from "../../accounts/key-counts.ts"
import { parseCommand } from "../../command/parse-command.ts"
import { runCommand } from "../../command/run-command.ts"
import type { LoadedSettings } from "../../config/load-settings.ts"
import { assembleDecisions } from "../../failover/assemble.ts"
import { createTimeouts } from "../../failover/timeouts.ts"
import type { Failover, FailoverDeps } from "../../failover/failover.ts"
import { createOwnFaults } from "../../failover/own-fault.ts"
import { createIncidents } from "../../notify/incidents.ts"
import { createOnSwitch, tellingStore } from "../../notify/on-switch.ts"
import { sidebarFacts } from "../../notify/sidebar-facts.ts"
import { openStore } from "../../store/open-store.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import type { Store } from "../../store/store.ts"
import { categoryRegistry } from "../../turn/category-registry.ts"
import { sessionsOfProcess } from "../../turn/sessions.ts"
import type { BusEvent, Context, HookName, SessionHooks } from "./context.ts"
import { createCompactions } from "./compaction.ts"
import { createEntryOptions } from "./entry-options.ts"
import { createEvidenceBox } from "./evidence.ts"
import type { HostPort } from "./host-port.ts"
import { createHttpHooks } from "./http.ts"
import { createLoans } from "./loans.ts"
import { createOwnRequests } from "./own-requests.ts"
import { isProcessAlive } from "./process-alive.ts"
import type { Answers } from "./people.ts"
import { createRetryHook } from "./retry.ts"
import { keyOf } from "./model-reference.ts"
import { readStanding } from "./session-model.ts"
import { createTurnEnds } from "./turn-ends.ts"
import { createTurnStarts, defaultAgent } from "./turn-starts.ts"

/** Parts that a test puts in place of the real ones, to prove what happens when they fail. */
export type EngineOverrides = {
  readonly failover?: (deps: FailoverDeps) => Failover
  readonly store?: Store
}

export type EngineInput = {
  readonly context: Context
  readonly loaded: LoadedSettings
  readonly host: HostPort
  readonly overrides: EngineOverrides
}

/** What is to be hung into OpenCode 2. None of it throws. */
export type Engine = {
  readonly hooks: { readonly [Name in HookName]?: (event: SessionHooks[Name]) => Promise<void> }
  readonly onEvent: (event: BusEvent) => Promise<void>
  readonly answers: Answers
  readonly dispose: () => Promise<void>
}

/** Everything that works while OpenCode 2 runs, put together from the settings in force. */
export async function createEngine({ context, loaded, host, overrides }: EngineInput): Promise<Engine> {
  const { settings, ...sources } = loaded
  const runtime = settings.runtime_fallback
  const now = Date.now
  const opened =
    overrides.store ??
    (await openStore(runtime.store, {
      log: (level, message) => host.log(level, message),
      now,
      random: Math.random,
      longestCooldownMs: runtime.max_cooldown_seconds * 1_000,
      stateDirectory: stateDirectory({ platform: process.platform, home: homedir(), env: process.env }),
    }))
  const onSwitch = settings.on_switch && createOnSwitch({ command: settings.on_switch, log: host.log })
  const store = onSwitch ? tellingStore(opened, onSwitch) : opened
  const sessions = sessionsOfProcess((what, { sessionID, phase }) =>
    host.log("warn", `a fault of our own: ${what} is not possible while ${sessionID} is ${phase.is}`),
  )
  const categories = categoryRegistry()
  const incidents = createIncidents(now)
  const { failover, turns, notices, nextMove, ownChoice } = assembleDecisions({
    settings,
    store,
    sessions,
    categories,
    incidents,
    // What a killed process has left behind is put right below, from OpenCode's own storage.
    host: { ...host, repair: () => Promise.resolve() },
    now,
    random: Math.random,
    ...(overrides.failover && { createFailover: overrides.failover }),
  })
  const faults = createOwnFaults(host)
  const loans = createLoans({
    context,
    pid: process.pid,
    isAlive: isProcessAlive,
    onStorageFault: faults.log,
  })
  const starts = createTurnStarts({ context, turns, failover, sessions, loans, now })
  const evidence = createEvidenceBox()
  const accountSend = await assembleAccounts({
    settings,
    store,
    host,
    incidents,
    onSwitch,
    now,
    random: Math.random,
  })
  const ownRequests = createOwnRequests(now, async (request, step) => {
    const { url, method, headers, signal } = request
    return accountSend(step, fetch)(url, { method, headers, signal, body: await request.text() })
  })
  const counts = keyCounts(settings)
  // 2.0.15 has no limit of its own.
  const timeouts = createTimeouts(settings, () => 0)
  const compactions = createCompactions({
    context,
    failover,
    nextMove,
    sessions,
    notices,
    ownRequests,
    faults,
    now,
  })
  const http = createHttpHooks({
    compactions,
    failover,
    sessions,
    loans,
    evidence,
    ownRequests,
    faults,
    timeouts,
    hasKeys: (providerID) => counts.has(providerID),
    now,
  })
  const onRetry = createRetryHook({
    context,
    failover,
    sessions,
    host,
    notices,
    loans,
    evidence,
    starts,
    nextMove,
    ownChoice,
    compactions,
    now,
  })
  const entryOptions = createEntryOptions(failover, sessions)
  const keepsStandIn = runtime.restore_primary === "never"
  const onTurnEvent = createTurnEnds({
    failover,
    sessions,
    categories,
    turns,
    starts,
    loans,
    ownChoice,
    notices,
    store,
    ownRequests,
    compactions,
    keepsStandIn,
    now,
  })
  const harmless =
    <Event>(run: (event: Event) => Promise<void> | void) =>
    async (event: Event): Promise<void> => {
      await faults.guardAsync(async () => run(event))
    }
  // What a killed process has left behind; nothing waits for it.
  void faults.guardAsync(loans.repair)
  return {
    hooks: {
      prompt: harmless(starts.begin),
      context: harmless((event) => {
        compactions.ended(event.sessionID)
        entryOptions(event)
      }),
      "model.request": harmless((event) => {
        host.isUp()
        if (event.kind === "primary") starts.noteStep(event)
      }),
      "http.request": harmless(http.onRequest),
      "http.response": harmless(http.onResponse),
      retry: harmless(onRetry),
      compaction: harmless(compactions.onCompaction),
    },
    onEvent: harmless(async (event) => {
      if (event.type === "model.updated" || event.type === "provider.updated") host.forgetCatalog()
      await onTurnEvent(event)
    }),
    answers: {
      command: async (sessionID, argumentsText) => {
        const { session, own } = await readStanding(context, loans, sessionID)
        if (!own) return "OpenCode has no model for this session."
        const place = { sessionID, agent: session.agent ?? defaultAgent, model: keyOf(own) }
        const state = {
          sessions,
          store,
          chain: failover.chain,
          successor: failover.successor,
          catalog: await host.catalog(),
          sources,
          now,
        }
        const deps = { ...state, enabled: runtime.enabled, keyCounts: counts }
        return runCommand(deps, place, parseCommand(argumentsText))
      },
      sidebar: async (sessionID) => sidebarFacts(store, await host.catalog(), sessionID),
    },
    dispose: async () => {
      await store.close()
      await host.flushed()
    },
  }
}
