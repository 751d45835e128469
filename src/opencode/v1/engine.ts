import { pause } from "../../async/pause.ts"
import type { ModelKey } from "../../core/model-ref.ts"
import { closeCore, assembleCore, type CoreInput, type CoreOverrides } from "../../failover/assemble.ts"
import { createTimeouts } from "../../failover/timeouts.ts"
import { catchSteps } from "./caught-steps.ts"
import { createHostWatch } from "./host-watch.ts"
import { isRunCommand } from "./host/run-command.ts"
import type { TurnHost } from "./host/turn-host.ts"
import { createCompactionInFlight } from "./in-flight/compaction-in-flight.ts"
import { createInFlight } from "./in-flight/in-flight.ts"
import { createTitleInFlight } from "./in-flight/title-in-flight.ts"
import { createLentWhileRead } from "./lending/lent-while-read.ts"
import { createOpeningSessions } from "./lending/opening-sessions.ts"
import type { OpenCodeHost } from "./opencode-host.ts"
import { createCompactionFailover } from "./reactive/compaction-failover.ts"
import { createIdleSignal } from "./reactive/idle-signal.ts"
import { createReactive } from "./reactive/reactive.ts"
import { createTurnHooks } from "./turn-hooks.ts"

/** Parts that a test puts in place of the real ones, to prove what happens when they fail. */
export type EngineOverrides = CoreOverrides & {
  readonly host?: (host: TurnHost) => TurnHost
}

export type Engine = Awaited<ReturnType<typeof createEngine>>

export type EngineInput = {
  readonly loaded: CoreInput["loaded"]
  readonly host: OpenCodeHost
  /** After how long without a byte OpenCode itself gives a model's stream up, milliseconds. */
  readonly hostLimitMs: (model: ModelKey) => number
  readonly overrides: EngineOverrides
}

/** Everything that works while OpenCode 1 runs, put together from the settings in force. */
export async function createEngine({ loaded, host: realHost, hostLimitMs, overrides }: EngineInput) {
  const { settings } = loaded
  const watch = createHostWatch(realHost)
  // OpenCode 1 runs its terminal in the main thread, and its server in a worker beside it.
  const openingSessions = createOpeningSessions({ hasTerminal: !Bun.isMainThread, pause, now: Date.now })
  const host = openingSessions.awaited(overrides.host?.(realHost) ?? realHost)
  const core = await assembleCore({ loaded, host, isHostUnsupported: watch.isHostUnsupported, overrides })
  const timeouts = createTimeouts(settings, hostLimitMs)
  const shared = { ...core, host, watch, idle: createIdleSignal(), timeouts, pause }
  const loopReads = createLentWhileRead(shared)
  const { dispose, ...steps } = catchSteps({
    ...shared,
    inFlight: createInFlight({ ...shared, loopReads }),
    compaction: createCompactionInFlight({ ...shared, askInChild: realHost.askInChild }),
    title: createTitleInFlight({ ...shared, ...realHost, host, isBrief: isRunCommand(process.argv) }),
  })
  return {
    hooks: createTurnHooks({
      ...shared,
      ...steps,
      messages: realHost,
      loopReads,
      openingSessions,
      reactive: createReactive({ ...shared, compaction: createCompactionFailover(shared) }),
    }),
    dispose: async (): Promise<void> => {
      dispose()
      await closeCore(core)
    },
  }
}
