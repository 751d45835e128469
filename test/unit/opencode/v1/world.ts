import { keyCounts } from "../../../../src/accounts/key-counts.ts"
import { type SettingsInput, settingsSchema } from "../../../../src/config/schema.ts"
import type { Catalog } from "../../../../src/core/catalog.ts"
import { text } from "../../../../src/core/json-object.ts"
import { type FallbackEntry, type ModelKey, modelRef } from "../../../../src/core/model-ref.ts"
import { assembleDecisions } from "../../../../src/failover/assemble.ts"
import { createFailover, type Failover } from "../../../../src/failover/failover.ts"
import { createTimeouts } from "../../../../src/failover/timeouts.ts"
import type { Toast } from "../../../../src/host/host.ts"
import type { MessageID, TurnHost } from "../../../../src/opencode/v1/host/turn-host.ts"
import type { AskInChild } from "../../../../src/opencode/v1/in-flight/ask-in-child.ts"
import { createCompactionInFlight } from "../../../../src/opencode/v1/in-flight/compaction-in-flight.ts"
import type { AnnouncedStep } from "../../../../src/opencode/v1/in-flight/flight.ts"
import { createInFlight } from "../../../../src/opencode/v1/in-flight/in-flight.ts"
import { createTitleInFlight } from "../../../../src/opencode/v1/in-flight/title-in-flight.ts"
import { createLentWhileRead } from "../../../../src/opencode/v1/lending/lent-while-read.ts"
import { createOpeningSessions } from "../../../../src/opencode/v1/lending/opening-sessions.ts"
import { createCompactionFailover } from "../../../../src/opencode/v1/reactive/compaction-failover.ts"
import { createIdleSignal, type IdleTimes } from "../../../../src/opencode/v1/reactive/idle-signal.ts"
import { createReactive } from "../../../../src/opencode/v1/reactive/reactive.ts"
import {
  createTurnHooks,
  type TurnHooks,
  type TurnHooksDeps,
} from "../../../../src/opencode/v1/turn-hooks.ts"
import { createMemoryStore } from "../../../../src/store/memory-store.ts"
import type { Store } from "../../../../src/store/store.ts"
import { categoryRegistry } from "../../../../src/turn/category-registry.ts"
import { createSessions } from "../../../../src/turn/sessions.ts"
import type { Transition } from "../../../../src/turn/transitions.ts"
import type { Choice } from "../../../../src/turn/turn.ts"
import { catalogWith } from "../../catalog-of.ts"

export type WorldOptions = {
  readonly settings?: SettingsInput
  readonly catalog?: Catalog
  /** What OpenCode does when it is asked to abort; without it, it goes idle once. */
  readonly onAbort?: (world: World) => void | Promise<void>
  /** Without it short ones, after which an idle that never comes is no longer waited for. */
  readonly idleTimes?: Partial<IdleTimes>
  readonly onSummarize?: () => Promise<void>
  /** What stands in a prompt; "what is a plum?" without it. */
  readonly promptText?: string
  /** Whether the process is over with its turn. */
  readonly isBrief?: boolean
  /** What a child session answers; "a summary" without it. */
  readonly askInChild?: AskInChild
  /** Called instead of the pause before a repeated request. */
  readonly onPause?: () => void | Promise<void>
  readonly onReplay?: (replay: Replay, world: World) => void | Promise<void>
  /** What OpenCode answers to a rewriting of the turn's message. */
  readonly onLend?: (to: Choice) => void | Promise<void>
  readonly failover?: (failover: Failover) => Failover
  /** What is known from before; an empty one in memory without it. */
  readonly store?: Store
  readonly isHostUnsupported?: () => boolean
  /** Whether a marker would be taken off again; `true` without it. */
  readonly mayMark?: boolean
  /** Whether requests can be caught at all; `true` without it. */
  readonly catches?: boolean
  /** Whether OpenCode sums up what is too long; `true` without it. */
  readonly sumsUp?: boolean
  /** Whether a terminal interface runs in the process. */
  readonly hasTerminal?: boolean
  readonly command?: (argumentsText: string, own: ModelKey) => string
  readonly entryInUse?: Omit<FallbackEntry, "model">
  /** Whether lent messages can be given back; `true` without it. */
  readonly givesBack?: boolean | Promise<boolean>
  /** An OpenCode that is played whole, in the place of what stands here for single calls of it. */
  readonly played?: TurnHost & TurnHooksDeps["messages"]
  /** Milliseconds since 1970; without it a clock that `pass` moves. */
  readonly now?: () => number
}

export type Replay = {
  readonly messageID: string
  readonly model: ModelKey
  readonly variant: string | undefined
}

export type World = ReturnType<typeof makeWorld>

export const usual: SettingsInput = { agents: { build: { fallback_models: ["b/1", "c/1"] } } }

/** Everything of the reactive way but OpenCode itself, which the test plays. */
export function makeWorld(options: WorldOptions = {}) {
  const settings = settingsSchema.parse(options.settings ?? usual)
  let time = 1_000_000
  const now = options.now ?? ((): number => time)
  const calls: string[] = []
  const replays: Replay[] = []
  /** The newest message that each giving back is about. */
  const givenBack: string[] = []
  const refused: string[] = []
  const announced: AnnouncedStep[] = []
  const kept: string[] = []
  /** What the self-check sees. */
  const watched: string[] = []
  const toasts: Toast[] = []
  const logs: string[] = []
  const pause = async (ms: number): Promise<void> => {
    calls.push(`pause ${ms}`)
    await options.onPause?.()
  }
  const openingSessions = createOpeningSessions({ hasTerminal: options.hasTerminal === true, pause, now })
  const host = openingSessions.awaited({
    lend: async (_, to) => {
      await options.onLend?.(to)
      calls.push(`lend ${to.model}${to.variant === undefined ? "" : ` ${to.variant}`}`)
    },
    giveBack: (_, bounds) => {
      givenBack.push(bounds === undefined ? "all" : `${bounds.upTo}${bounds.isBusy ? "" : ", at rest"}`)
      return Promise.resolve(options.givesBack ?? true)
    },
    repair: async (_, messageID, own) => void calls.push(`repair ${messageID} ${own.model}`),
    replay: async ({ messageID }: MessageID, { model, variant }) => {
      calls.push(`replay ${model}`)
      const replay = { messageID, model, variant }
      replays.push(replay)
      await options.onReplay?.(replay, world)
    },
    summarize: async (_, model, goesOn) => {
      calls.push(`summarize ${model}${goesOn ? " and go on" : ""}`)
      await options.onSummarize?.()
    },
    abort: async () => {
      calls.push("abort")
      await (options.onAbort ?? ((that: World) => that.idle()))(world)
    },
    sumsUp: () => options.sumsUp ?? true,
    catalog: () => Promise.resolve(options.catalog ?? catalogWith("a/own", "b/1", "c/1", "d/1")),
    toast: async (toast) => void toasts.push(toast),
    log: (level, message) => void logs.push(`${level}: ${message}`),
    ...options.played,
  })
  const store = options.store ?? createMemoryStore({ now })
  const sessions = createSessions((what, turn) => void refused.push(`${what} while ${turn.phase.is}`))
  const categories = categoryRegistry()
  const idle = createIdleSignal(
    options.idleTimes ?? { quietMs: 2, missingMs: 10, longestMs: 100, takenUpMs: 2 },
  )
  const open = new Map<string, number>()
  const incidents = {
    open: (key: string, until: number): boolean => {
      if ((open.get(key) ?? 0) > now()) return false
      open.set(key, until)
      return true
    },
  }
  const decisions = assembleDecisions({
    settings,
    store,
    sessions,
    categories,
    keyCount: (providerID) => keyCounts(settings).get(providerID) ?? 1,
    incidents,
    host,
    ...(options.isHostUnsupported && { isHostUnsupported: options.isHostUnsupported }),
    now,
    random: () => 0,
    createFailover: (deps) => {
      const real = createFailover(deps)
      return options.failover?.(real) ?? real
    },
  })
  const { failover, turns, notices } = decisions
  const timeouts = createTimeouts(settings, () => 0)
  const watch = {
    onSwitched: (sessionID: string): void => void watched.push(`${sessionID} switched`),
    onStep: (sessionID: string): void => void watched.push(`${sessionID} step`),
    onHeaders: (providerID: string, bear: () => boolean): void =>
      void watched.push(`${providerID} ${bear() ? "marked" : "unmarked"}`),
    onEvent: (event: unknown, wasAborted: (sessionID: string) => boolean): void => {
      if (wasAborted("ses_1")) watched.push(`${text(event, "type")} of an aborted turn`)
    },
  }
  const shared = { ...decisions, sessions, host, watch, idle, timeouts, pause, now }
  const askInChild: AskInChild = async (question) => {
    calls.push(`ask on ${question.on.model}: ${question.text}`)
    return (await options.askInChild?.(question)) ?? { type: "answered", text: "a summary" }
  }
  const compactionInFlight = createCompactionInFlight({ ...shared, askInChild })
  const titleInFlight = createTitleInFlight({
    ...shared,
    askInChild,
    promptText: async () => options.promptText ?? "what is a plum?",
    isBrief: options.isBrief === true,
  })
  const loopReads = createLentWhileRead(shared)
  /** Messages that OpenCode is asked to store under an id that is already known. */
  const known = new Set<string>()
  const hooks = createTurnHooks({
    ...shared,
    loopReads,
    messages: {
      keep: (_, message, own, wanted) => {
        const id = String(Reflect.get(message, "id"))
        known.add(id)
        kept.push(`${id} of ${own.model} on ${wanted.model}`)
      },
      isKept: (_, messageID) => known.has(messageID),
      restore: (_, { message, parts }) => parts.length === 0 && known.has(String(Reflect.get(message, "id"))),
      onStored: (sessionID) => void watched.push(`${sessionID} stored`),
      onSummingUp: (sessionID) => void watched.push(`${sessionID} summing up`),
      onRemoved: (sessionID, messageID) => void watched.push(`${sessionID} removed ${messageID}`),
      forget: (sessionID) => void watched.push(`${sessionID} forgotten`),
      remove: async ({ partID }, left) => void calls.push(`remove ${partID} of ${left.join(", ")}`),
      ...options.played,
    },
    categories,
    reactive: createReactive({ ...shared, compaction: createCompactionFailover(shared) }),
    mayMark: () => options.mayMark ?? true,
    catches: () => Promise.resolve(options.mayMark ?? true),
    openingSessions,
    announceStep: (step) => {
      if (options.catches === false) return undefined
      announced.push(step)
      return "token"
    },
    command: ({ model }, argumentsText) => Promise.resolve(options.command?.(argumentsText, model) ?? ""),
    failover: { entryInUse: (_, model) => options.entryInUse && { model, ...options.entryInUse } },
  })

  const event = (type: string, properties: Readonly<Record<string, unknown>>): Promise<void> =>
    hooks.event({
      event: { type, properties: { sessionID: "ses_1", ...properties } },
    } as unknown as Parameters<TurnHooks["event"]>[0])

  const world = {
    settings,
    store,
    sessions,
    refused,
    givenBack,
    announced,
    kept,
    watched,
    failover,
    loopReads,
    inFlight: createInFlight({ ...shared, loopReads }),
    compactionInFlight,
    titleInFlight,
    turns,
    notices,
    hooks,
    calls,
    replays,
    toasts,
    logs,
    event,
    now,
    /** Moves the clock, milliseconds. */
    pass: (ms: number): void => {
      time += ms
    },
    turn: () => sessions.turn("ses_1"),
    change: (transition: Transition): void => {
      const turn = sessions.turn("ses_1")
      if (turn) sessions.change(turn, "by the test", transition)
    },
    /** A user message comes in; gives the model that it goes to. */
    message: async (id: string, model: ModelKey, more: MessageOptions = {}): Promise<ModelKey> => {
      const onVariant = { ...modelRef(model), ...(more.variant !== undefined && { variant: more.variant }) }
      const message = { id, agent: more.agent ?? "build", model: onVariant }
      const named = more.isNamed === false ? {} : { model: modelRef(model) }
      await hooks["chat.message"]({ sessionID: "ses_1", ...named }, {
        message,
        parts: more.isReplay === true ? [] : [{ type: "text", text: "hi", ...more.part }],
      } as unknown as Parameters<TurnHooks["chat.message"]>[1])
      return `${message.model.providerID}/${message.model.modelID}`
    },
    /** OpenCode prepares a request; gives what the hook throws. */
    step: async (id: string, model: ModelKey, agent = "build"): Promise<string | undefined> => {
      const { providerID, modelID } = modelRef(model)
      const input = {
        sessionID: "ses_1",
        agent,
        model: { providerID, id: modelID, api: { npm: "@ai-sdk/cohere" } },
        // What runs outside the loop runs for a message of the turn's agent.
        message: { id, agent: /compaction|title/.test(agent) ? "build" : agent, model: modelRef(model) },
      }
      try {
        await hooks["chat.headers"](input as unknown as Parameters<TurnHooks["chat.headers"]>[0], {
          headers: {},
        })
        return undefined
      } catch (error) {
        return String(error)
      }
    },
    idle: (): void => {
      void event("session.status", { status: { type: "idle" } })
      void event("session.idle", {})
    },
    busy: (): void => void event("session.status", { status: { type: "busy" } }),
    retry: (message: string, waitMs = 2_000): Promise<void> =>
      event("session.status", { status: { type: "retry", attempt: 1, message, next: time + waitMs } }),
    /** A run ends with an error, as OpenCode tells it in 1.18.33. */
    fail: async (id: string, model: ModelKey, error: unknown): Promise<void> => {
      const { providerID, modelID } = modelRef(model)
      const info = { sessionID: "ses_1", role: "assistant", parentID: id, providerID, modelID, error }
      const told = [event("session.error", { error })]
      world.idle()
      told.push(event("message.updated", { info }))
      world.idle()
      await Promise.all(told)
    },
  }
  return world
}

export type MessageOptions = {
  /** Our own replay comes back: it has no parts. */
  readonly isReplay?: boolean
  readonly agent?: string
  /** Whether the client named the model itself. */
  readonly isNamed?: boolean
  /** What its text is beside that. */
  readonly part?: { readonly [kind in "synthetic" | "ignored"]?: true }
  readonly variant?: string
}

export const apiError = (statusCode: number, message: string) => ({
  name: "APIError",
  data: { message, statusCode, isRetryable: false },
})
