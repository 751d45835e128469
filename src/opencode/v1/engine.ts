import { homedir } from "node:os"
import type { LoadedSettings } from "../../config/load-settings.ts"
import type { Settings } from "../../config/schema.ts"
import { parseCommand } from "../../command/parse-command.ts"
import { runCommand } from "../../command/run-command.ts"
import { type ModelKey, modelRef, sameModel } from "../../core/model-ref.ts"
import { assembleActors, assembleDecisions } from "../../failover/assemble.ts"
import type { Failover, FailoverDeps } from "../../failover/failover.ts"
import type { StepRequest } from "../../failover/in-flight.ts"
import { createOwnFaults } from "../../failover/own-fault.ts"
import { readWireRequest } from "../../failover/wire-request.ts"
import type { Host } from "../../host/host.ts"
import { assembleAccounts } from "../../accounts/assemble.ts"
import { keyCounts } from "../../accounts/key-counts.ts"
import { createOnSwitch, tellingStore } from "../../notify/on-switch.ts"
import { createIncidents } from "../../notify/incidents.ts"
import { openStore } from "../../store/open-store.ts"
import { stateDirectory } from "../../store/state-directory.ts"
import type { Store } from "../../store/store.ts"
import { createFetchRoutes } from "../../transport/fetch-routes.ts"
import { wrapFetch } from "../../transport/fetch-wrapper.ts"
import { pause } from "../../transport/pause.ts"
import type { FetchInit, FetchInput } from "../../transport/step-marker.ts"
import { textCompletion } from "../../transport/wire/wire-protocol.ts"
import { categoryRegistry } from "../../turn/category-registry.ts"
import { createIdleSignal } from "../../turn/idle-signal.ts"
import { sessionsOfProcess } from "../../turn/sessions.ts"
import { type AnnouncedStep, createStepTokens, type StepTokens } from "../../turn/step-tokens.ts"
import { createMayMark } from "./carries-marker.ts"
import { hideReplies } from "./hide-replies.ts"
import { createHostWatch, type HostWatch } from "./host-watch.ts"
import type { OpenCodeHost } from "./opencode-host.ts"
import { createTurnHooks, type TurnHooks } from "./turn-hooks.ts"

/** Parts that a test puts in place of the real ones, to prove what happens when they fail. */
export type EngineOverrides = {
  readonly failover?: (deps: FailoverDeps) => Failover
  readonly host?: (host: Host) => Host
  readonly store?: Store
}

export type Engine = {
  readonly hooks: TurnHooks
  readonly dispose: () => Promise<void>
}

export type EngineInput = {
  readonly loaded: Pick<LoadedSettings, "settings" | "files" | "elsewhere" | "origin">
  readonly host: OpenCodeHost
  /** After how long without a byte OpenCode itself gives a model's stream up, milliseconds. */
  readonly hostLimitMs: (model: ModelKey) => number
  readonly overrides: EngineOverrides
}

/** @throws Error with the reply itself where the protocol is none of ours: no provider must be asked for it */
async function replyLocally(
  model: ModelKey,
  reply: string,
  input: FetchInput,
  init: FetchInit,
): Promise<Response> {
  const protocol = readWireRequest(input, init)
  if (!protocol) throw new Error(reply)
  return textCompletion(protocol, modelRef(model).modelID, reply)
}

/** Everything that works while OpenCode 1 runs, put together from the settings in force. */
export async function createEngine({
  loaded,
  host: realHost,
  hostLimitMs,
  overrides,
}: EngineInput): Promise<Engine> {
  const { settings, ...sources } = loaded
  const runtime = settings.runtime_fallback
  const now = Date.now
  const watch = createHostWatch(realHost, runtime.notify_on_fallback)
  const host = watch.watched(overrides.host?.(realHost) ?? realHost)
  const store = overrides.store ?? (await openRealStore(runtime, host, now))
  const sessions = sessionsOfProcess((what, { sessionID, phase }) =>
    host.log("warn", `a fault of our own: ${what} is not possible while ${sessionID} is ${phase.is}`),
  )
  const onSwitch = settings.on_switch && createOnSwitch({ command: settings.on_switch, log: host.log })
  const incidents = createIncidents(now)
  const categories = categoryRegistry()
  const idle = createIdleSignal()
  const decisions = assembleDecisions({
    settings,
    store: onSwitch ? tellingStore(store, onSwitch) : store,
    sessions,
    categories,
    incidents,
    host,
    standsBack: watch.standsBack,
    now,
    random: Math.random,
    ...(overrides.failover && { createFailover: overrides.failover }),
  })
  const { inFlight, reactive } = assembleActors({
    decisions,
    settings,
    sessions,
    host,
    idle,
    pause,
    now,
    hostLimitMs,
  })
  const { failover } = decisions
  const accountSend = await assembleAccounts({
    settings,
    store,
    host,
    incidents,
    onSwitch,
    now,
    random: Math.random,
  })
  const faults = createOwnFaults(host)
  const tokens = createStepTokens()
  const routes = createFetchRoutes((input, init) => readWireRequest(input, init) !== undefined)
  const wrapping = wrapFetch((token) => {
    const step = tokens.get(token)
    if (!step) return undefined
    const { hides } = step
    if (hides) return (input, init, send) => send(input, hideReplies(init, hides))
    watch.onCaught(step.model)
    return (input, init, send) => {
      if (step.localReply !== undefined) return replyLocally(step.model, step.localReply, input, init)
      const withKeys = faults.guard(() => failover.enabled(step.sessionID)) === true
      const sendStep = withKeys ? accountSend(step, send) : send
      return inFlight({ ...step, input, init, send: sendStep } satisfies StepRequest)
    }
  }, routes.see)
  if (!wrapping.installed)
    host.log(
      "warn",
      `failover inside the turn is not possible (${wrapping.why}); failures are met by a replay`,
    )
  /** Without the wrapper nobody would take the marker off again. */
  let catches = wrapping.installed

  return {
    hooks: createTurnHooks({
      ...decisions,
      host,
      messages: realHost,
      sessions,
      categories,
      reactive,
      idle,
      command: async (place, argumentsText) => {
        const catalog = await host.catalog()
        const { chain, successor } = failover
        const state = { sessions, store, chain, successor, catalog, sources, now }
        const deps = { ...state, enabled: runtime.enabled, keyCounts: keyCounts(settings) }
        return runCommand(deps, place, parseCommand(argumentsText))
      },
      watch,
      mayMark: createMayMark(routes, watch.webSocketsOn),
      announceStep: (step) => (catches ? announce(step, tokens, watch) : undefined),
      entryInUse: (sessionID, model) => {
        const turn = sessions.turn(sessionID)
        if (!turn || sameModel(model, turn.own.model)) return undefined
        return failover.chain(turn).entries.find((entry) => sameModel(entry.model, model))
      },
    }),
    dispose: async () => {
      catches = false
      if (wrapping.installed) wrapping.dispose()
      await store.close()
    },
  }
}

function announce(step: AnnouncedStep, tokens: StepTokens, watch: HostWatch): string | undefined {
  if (step.localReply !== undefined || step.hides) return tokens.announce(step)
  if (!watch.mayMark(step.model)) return undefined
  watch.onMarked(step.model)
  return tokens.announce(step)
}

function openRealStore(runtime: Settings["runtime_fallback"], host: Host, now: () => number): Promise<Store> {
  return openStore(runtime.store, {
    longestCooldownMs: runtime.max_cooldown_seconds * 1_000,
    log: (level, message) => host.log(level, message),
    now,
    random: Math.random,
    stateDirectory: stateDirectory({ platform: process.platform, home: homedir(), env: process.env }),
  })
}
