import type { Hooks } from "@opencode-ai/plugin"
import { type ModelKey, modelKey, modelRef } from "../core/model-ref.ts"
import type { Reactive } from "../failover/reactive.ts"
import { stepMarkerHeader } from "../transport/step-marker.ts"
import { carriesMarker } from "../turn/carries-marker.ts"
import type { CategoryRegistry } from "../turn/category-registry.ts"
import type { IdleSignal } from "../turn/idle-signal.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { TurnKeeper } from "../turn/turn-keeper.ts"
import type { Host } from "./host.ts"
import { field, type HostEvent, readEvent, text } from "./read-event.ts"
import { readAttachments, readUserMessage } from "./read-user-message.ts"

export type PluginHooksDeps = {
  readonly host: Pick<Host, "log">
  readonly sessions: Sessions
  readonly categories: CategoryRegistry
  readonly turns: TurnKeeper
  readonly reactive: Reactive
  readonly idle: IdleSignal
  /** Hands out the marker for one request of a step; `undefined` where requests cannot be caught. */
  readonly announceStep: (sessionID: string, model: ModelKey) => string | undefined
  /** What the entry of the model in use says beyond the model itself. */
  readonly entryInUse: (sessionID: string, model: ModelKey) => EntryParameters | undefined
}

export type EntryParameters = {
  readonly temperature?: number | undefined
  readonly top_p?: number | undefined
  readonly max_tokens?: number | undefined
}

export type TurnHooks = Required<
  Pick<Hooks, "chat.message" | "chat.params" | "chat.headers" | "event">
>

/** OpenCode's agents that run outside the loop: an empty answer there would be taken for the result. */
const outsideTheLoop: ReadonlySet<string> = new Set(["title", "summary", "compaction"])

/** The hooks that follow a turn. None of them throws: a fault of ours must never cost the user a message. */
export function createTurnHooks(deps: PluginHooksDeps): TurnHooks {
  const { host, sessions, turns } = deps

  const harmless = async (what: string, run: () => Promise<void> | void): Promise<void> => {
    try {
      await run()
    } catch (error) {
      host.log("error", `a fault of our own in ${what}; OpenCode goes on as without us`, {
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      })
    }
  }

  return {
    "chat.message": (input, output) =>
      harmless("chat.message", async () => {
        const message = readUserMessage(output.message)
        if (!message) return
        const attachments = readAttachments(output.parts)
        if (isOurOwn(input.sessionID, message.id, attachments.allSynthetic)) return
        const instead = await turns.begin(input.sessionID, message, attachments, input.model !== undefined)
        if (!instead) return
        const { model } = output.message
        Object.assign(model, modelRef(instead.model))
        setVariant(output.message, instead.variant)
      }),
    "chat.params": (input, output) =>
      harmless("chat.params", () => {
        const entry = deps.entryInUse(input.sessionID, modelKey({ ...input.model, modelID: input.model.id }))
        if (entry?.temperature !== undefined) output.temperature = entry.temperature
        if (entry?.top_p !== undefined) output.topP = entry.top_p
        if (entry?.max_tokens !== undefined) output.maxOutputTokens = entry.max_tokens
      }),
    "chat.headers": (input, output) =>
      harmless("chat.headers", () => {
        if (outsideTheLoop.has(agentName(input.agent))) return
        const message = readUserMessage(input.message)
        if (!message) return
        const model = modelKey({ providerID: input.model.providerID, modelID: input.model.id })
        turns.noteStep(input.sessionID, model, message)
        if (!carriesMarker(input.model.api?.npm)) return
        const token = deps.announceStep(input.sessionID, model)
        if (token !== undefined) output.headers[stepMarkerHeader] = token
      }),
    event: ({ event }) =>
      harmless(`the event ${event.type}`, async () => {
        const read = readEvent(event)
        if (read) await onEvent(read)
      }),
  }

  function isOurOwn(sessionID: string, messageID: string, allSynthetic: boolean): boolean {
    const { inserting, turn } = sessions.get(sessionID)
    if (inserting && allSynthetic) return true
    return turn?.phase.is === "replaying" && turn.messageID === messageID
  }

  async function onEvent(event: HostEvent): Promise<void> {
    const { sessionID } = event
    switch (event.type) {
      case "retry":
        return deps.reactive.onRetry(sessionID, event)
      case "error":
        return deps.reactive.onError(sessionID, event.error)
      case "aborted":
        return turns.aborted(sessionID)
      case "idle":
        deps.idle.announce(sessionID)
        return turns.ended(sessionID)
      case "assistant":
        if (event.tokens > 0) sessions.patch(sessionID, { contextTokens: event.tokens })
        if (text(event.error, "name") === "MessageAbortedError") return turns.aborted(sessionID)
        if (event.error !== undefined) return deps.reactive.onError(sessionID, event.error)
        return
      case "deleted":
        sessions.forget(sessionID)
        deps.categories.forget(sessionID)
    }
  }
}

/** A string since 1.14; before that the agent itself. */
function agentName(agent: unknown): string {
  return typeof agent === "string" ? agent : (text(agent, "name") ?? "")
}

/** 1.18 keeps the variant with the model, 1.14 beside it. */
function setVariant(message: object, variant: string | undefined): void {
  const model = field(message, "model")
  for (const holder of [model, message]) {
    if (typeof holder !== "object" || holder === null) continue
    if (variant === undefined) Reflect.deleteProperty(holder, "variant")
    else if (holder === model || "variant" in holder) Reflect.set(holder, "variant", variant)
  }
}
