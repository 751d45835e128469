import { homedir } from "node:os"
import type { Settings } from "../../config/schema.ts"
import { createFailover, type Failover, type FailoverDeps } from "../../failover/failover.ts"
import { createOwnFaults } from "../../failover/own-fault.ts"
import { createTurnKeeper } from "../../failover/turn-keeper.ts"
import { createIncidents } from "../../notify/incidents.ts"
import { createNotices } from "../../notify/notices.ts"
import { openStore } from "../../store/open-store.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import type { Store } from "../../store/store.ts"
import { categoryRegistry } from "../../turn/category-registry.ts"
import { sessionsOfProcess } from "../../turn/sessions.ts"
import type { BusEvent, Context, HookName, SessionHooks } from "./context.ts"
import { createEntryOptions } from "./entry-options.ts"
import { createEvidenceBox } from "./evidence.ts"
import type { HostPort } from "./host-port.ts"
import { createHttpHooks } from "./http.ts"
import { createLoans } from "./loans.ts"
import { createOwnRequests } from "./own-requests.ts"
import { isProcessAlive } from "./process-alive.ts"
import { createRetryHook } from "./retry.ts"
import { createTurnEnds } from "./turn-ends.ts"
import { createTurnStarts } from "./turn-starts.ts"

/** Parts that a test puts in place of the real ones, to prove what happens when they fail. */
export type EngineOverrides = {
  readonly failover?: (deps: FailoverDeps) => Failover
  readonly store?: Store
}

export type EngineInput = {
  readonly context: Context
  readonly settings: Settings
  readonly host: HostPort
  readonly overrides: EngineOverrides
}

/** What is to be hung into OpenCode 2. None of it throws. */
export type Engine = {
  readonly hooks: { readonly [Name in HookName]?: (event: SessionHooks[Name]) => Promise<void> }
  readonly onEvent: (event: BusEvent) => Promise<void>
  readonly dispose: () => Promise<void>
}

/** Everything that works while OpenCode 2 runs, put together from the settings in force. */
export async function createEngine({ context, settings, host, overrides }: EngineInput): Promise<Engine> {
  const runtime = settings.runtime_fallback
  const now = Date.now
  const store =
    overrides.store ??
    (await openStore(runtime.store, {
      log: (level, message) => host.log(level, message),
      now,
      random: Math.random,
      stateDirectory: stateDirectory({ platform: process.platform, home: homedir(), env: process.env }),
    }))
  const sessions = sessionsOfProcess()
  const categories = categoryRegistry()
  const failoverDeps = { settings, store, sessions, categories, host, now, random: Math.random }
  const failover = (overrides.failover ?? createFailover)(failoverDeps)
  const incidents = createIncidents(now)
  const notices = createNotices({ host, store, incidents, notify: runtime.notify_on_fallback, now })
  const turns = createTurnKeeper({ settings, failover, sessions, store, notices, now })
  const faults = createOwnFaults(host)
  const loans = createLoans({
    context,
    pid: process.pid,
    isAlive: isProcessAlive,
    onStorageFault: faults.log,
  })
  const starts = createTurnStarts({ context, turns, failover, sessions, loans, now })
  const evidence = createEvidenceBox()
  const ownRequests = createOwnRequests(now, (request) => fetch(request))
  const timeouts = {
    firstTokenMs: runtime.first_token_timeout_seconds * 1_000,
    stallMs: runtime.stall_timeout_seconds * 1_000,
  }
  const mostWaitMs = runtime.when_exhausted === "wait" ? runtime.max_wait_seconds * 1_000 : undefined
  const http = createHttpHooks({
    failover,
    sessions,
    loans,
    evidence,
    ownRequests,
    faults,
    timeouts,
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
    mostWaitMs,
    now,
  })
  const keepsStandIn = runtime.restore_primary === "never"
  const onTurnEvent = createTurnEnds({
    failover,
    sessions,
    categories,
    turns,
    starts,
    loans,
    notices,
    store,
    ownRequests,
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
      context: harmless(createEntryOptions(failover, sessions)),
      "model.request": harmless((event) => {
        if (event.kind === "primary") starts.noteStep(event)
      }),
      "http.request": harmless(http.onRequest),
      "http.response": harmless(http.onResponse),
      retry: harmless(onRetry),
    },
    onEvent: harmless(async (event) => {
      if (event.type === "model.updated" || event.type === "provider.updated") host.forgetCatalog()
      await onTurnEvent(event)
    }),
    dispose: async () => {
      await store.close()
      await host.flushed()
    },
  }
}
