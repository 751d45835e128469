import { homedir } from "node:os"
import type { Settings } from "./config/schema.ts"
import { parseCommand } from "./command/parse-command.ts"
import { runCommand } from "./command/run-command.ts"
import { type ModelKey, modelRef, sameModel } from "./core/model-ref.ts"
import { createCompactionFailover } from "./failover/compaction.ts"
import { createFailover, type Failover, type FailoverDeps } from "./failover/failover.ts"
import { createInFlight, type StepRequest } from "./failover/in-flight.ts"
import { readWireRequest } from "./failover/wire-request.ts"
import { createReactive } from "./failover/reactive.ts"
import type { Host } from "./host/host.ts"
import { createHostWatch } from "./opencode/v1/host-watch.ts"
import { createTurnHooks, type TurnHooks } from "./opencode/v1/turn-hooks.ts"
import { createIncidents } from "./notify/incidents.ts"
import { createNotices } from "./notify/notices.ts"
import { createAccountSend } from "./accounts/account-send.ts"
import { createLimitWatch } from "./accounts/limit-watch.ts"
import { createOnSwitch, tellingStore } from "./notify/on-switch.ts"
import { openStore } from "./store/open-store.ts"
import { stateDirectory } from "./store/state-directory.ts"
import type { Store } from "./store/store.ts"
import { wrapFetch } from "./transport/fetch-wrapper.ts"
import { pause } from "./transport/pause.ts"
import type { FetchInit, FetchInput } from "./transport/step-marker.ts"
import { textCompletion } from "./transport/wire/wire-protocol.ts"
import { categoryRegistry } from "./turn/category-registry.ts"
import { createIdleSignal } from "./turn/idle-signal.ts"
import { sessionsOfProcess } from "./turn/sessions.ts"
import { createStepTokens } from "./turn/step-tokens.ts"
import { createTurnKeeper } from "./failover/turn-keeper.ts"

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
  readonly settings: Settings
  readonly host: Host
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

/** Everything that works while OpenCode runs, put together from the settings in force. */
export async function createEngine({ settings, host: realHost, overrides }: EngineInput): Promise<Engine> {
  const runtime = settings.runtime_fallback
  const now = Date.now
  const watch = createHostWatch(realHost, runtime.notify_on_fallback)
  const host = watch.watched(overrides.host?.(realHost) ?? realHost)
  const log = (level: "info" | "warn" | "error", message: string): void => host.log(level, message)
  const store =
    overrides.store ??
    (await openStore(runtime.store, {
      log,
      now,
      random: Math.random,
      longestCooldownMs: runtime.max_cooldown_seconds * 1_000,
      stateDirectory: stateDirectory({ platform: process.platform, home: homedir(), env: process.env }),
    }))
  const onSwitch = settings.on_switch && createOnSwitch({ command: settings.on_switch, log })
  const sessions = sessionsOfProcess()
  const categories = categoryRegistry()
  const idle = createIdleSignal()
  const { standsBack } = watch
  const failoverDeps = { settings, store, sessions, categories, host, standsBack, now, random: Math.random }
  const failover = (overrides.failover ?? createFailover)(failoverDeps)
  const notices = createNotices({
    host,
    store: onSwitch ? tellingStore(store, onSwitch) : store,
    now,
    incidents: createIncidents(now),
    notify: runtime.notify_on_fallback,
  })
  const turns = createTurnKeeper({ settings, failover, sessions, store, notices, now })
  const compaction = createCompactionFailover({ failover, sessions, host, notices, idle, now })
  const waitsWhenExhausted = runtime.when_exhausted === "wait"
  const reactive = createReactive({
    failover,
    sessions,
    host,
    notices,
    idle,
    compaction,
    waitsWhenExhausted,
    now,
  })
  const inFlight = createInFlight({
    failover,
    sessions,
    host,
    notices,
    now,
    timeouts: {
      firstTokenMs: runtime.first_token_timeout_seconds * 1_000,
      stallMs: runtime.stall_timeout_seconds * 1_000,
    },
    mostWaitMs: waitsWhenExhausted ? runtime.max_wait_seconds * 1_000 : undefined,
    pause,
  })
  const limits = createLimitWatch({ store, now, later: (run) => void setImmediate(run) })
  const accountSend = createAccountSend({ limits })
  const tokens = createStepTokens()
  const wrapping = wrapFetch((token) => {
    const step = tokens.get(token)
    if (!step) return undefined
    watch.onCaught(step.model)
    return (input, init, send) =>
      step.localReply === undefined
        ? inFlight({ ...step, input, init, send: accountSend(step.model, send) } satisfies StepRequest)
        : replyLocally(step.model, step.localReply, input, init)
  })
  if (!wrapping.installed)
    log("warn", `failover inside the turn is not possible (${wrapping.why}); failures are met by a replay`)

  return {
    hooks: createTurnHooks({
      host,
      sessions,
      categories,
      turns,
      reactive,
      idle,
      command: (sessionID, argumentsText) =>
        runCommand(
          { sessions, store, failover, enabled: runtime.enabled, now },
          sessionID,
          parseCommand(argumentsText),
        ),
      watch,
      announceStep: (step) => {
        if (!wrapping.installed) return undefined
        if (step.localReply !== undefined) return tokens.announce(step)
        if (!watch.mayMark(step.model)) return undefined
        watch.onMarked(step.model)
        return tokens.announce(step)
      },
      entryInUse: (sessionID, model) => {
        const turn = sessions.turn(sessionID)
        if (!turn || sameModel(model, turn.own)) return undefined
        return failover.chain(turn).entries.find((entry) => sameModel(entry.model, model))
      },
    }),
    dispose: async () => {
      if (wrapping.installed) wrapping.dispose()
      await store.close()
    },
  }
}
