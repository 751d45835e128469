import type { Hooks } from "@opencode-ai/plugin"
import { commandName } from "../../command/command-entry.ts"
import { asArray, field, text } from "../../core/json-object.ts"
import { type ModelKey, modelKey } from "../../core/model-ref.ts"
import type { Core } from "../../failover/assemble.ts"
import { withoutRetryWords } from "../../failover/refusal-text.ts"
import { createOwnFaults } from "../../host/own-fault.ts"
import type { LocalReply } from "../../turn/sessions.ts"
import { hold, markStep } from "../../turn/transitions.ts"
import { refusalOf } from "../../turn/turn-predicates.ts"
import type { HostWatch } from "./host-watch.ts"
import { readEvent } from "./host/read-event.ts"
import { isAddedByPlugin, readAttachments, readUserMessage } from "./host/read-user-message.ts"
import type { TurnHost } from "./host/turn-host.ts"
import { compactionAgent, titleAgent } from "./in-flight/ask-in-child.ts"
import { type MarkedCall, markerHeader } from "./in-flight/carries-marker.ts"
import type { AnnouncedStep } from "./in-flight/flight.ts"
import { nameModel } from "./lending/name-model.ts"
import type { OpeningSessions } from "./lending/opening-sessions.ts"
import { awaitsAnswer, commandArguments, dropCommandMessages, markCommandParts } from "./local-replies.ts"
import { contextTokensOf, shapeMessages } from "./shape-messages.ts"
import { createTurnEvents, type TurnEventsDeps } from "./turn-events.ts"

export type TurnHooksDeps = TurnEventsDeps &
  Pick<Core, "command"> & {
    readonly host: Pick<TurnHost, "log" | "repair">
    readonly watch: Pick<HostWatch, "onStep" | "onHeaders" | "onEvent">
    /** Whether a marker on this call would be taken off again. */
    readonly mayMark: (call: MarkedCall) => boolean
    /** Whether a step on this model would surely be caught. */
    readonly catches: (model: ModelKey) => Promise<boolean>
    readonly openingSessions: OpeningSessions
    /** Hands out the marker for one request of a step; `undefined` where requests cannot be caught. */
    readonly announceStep: (step: AnnouncedStep) => string | undefined
    readonly failover: Pick<Core["failover"], "entryInUse">
  }

export type TurnHooks = Required<
  Pick<
    Hooks,
    | "chat.message"
    | "chat.params"
    | "chat.headers"
    | "command.execute.before"
    | "tool.execute.before"
    | "tool.execute.after"
    | "experimental.chat.messages.transform"
    | "event"
  >
>

/** OpenCode's agents that run outside the loop: an empty answer there would be taken for the result. */
const outsideTheLoop = [titleAgent, compactionAgent] as const

/** A message that names such an agent itself is one of ours, answered in the loop. */
function outsideOf(agent: string, message: unknown): AnnouncedStep["outside"] {
  return text(message, "agent") === agent ? undefined : outsideTheLoop.find((name) => name === agent)
}

/** Answers to our own command that a title may still be made of: those before the first prompt. */
const mostReplies = 20

/** The hooks that follow a turn. None of them throws: an internal error must never cost the user a message. */
export function createTurnHooks(deps: TurnHooksDeps): TurnHooks {
  const { host, sessions, turns } = deps
  const events = createTurnEvents(deps)
  const faults = createOwnFaults(host)
  const harmless = (hook: keyof TurnHooks, run: () => Promise<void> | void): Promise<void> =>
    faults.guardAsync(run, hook)

  return {
    "chat.message": (input, output) =>
      harmless("chat.message", async () => {
        const message = readUserMessage(output.message)
        if (!message) return
        const { sessionID } = input
        const namesModel = input.model !== undefined && !isAddedByPlugin(output.parts)
        const command = commandArguments(output.parts)
        if (command !== undefined) {
          const { model } = turns.ownOf({ sessionID, message, namesModel })
          const place = { sessionID, agent: message.agent, model }
          const localReply = { messageID: message.id, text: await deps.command(place, command) }
          const replies = [...(sessions.get(sessionID).replies ?? []), localReply.text]
          sessions.patch(sessionID, { localReply, replies: replies.slice(-mostReplies) })
          return
        }
        if (deps.messages.restore(sessionID, output)) {
          turns.acceptReplay(sessionID, message.id)
          return
        }
        const { turn, parentID } = sessions.get(sessionID)
        if (!turn) repairLeftBehind(sessionID)
        const attachments = readAttachments(output.parts)
        const { own, standIn } = await turns.begin({ sessionID, message, attachments, namesModel })
        if (standIn) await deps.ownChoice.kept()
        // Counted from here on: the terminal waits for the message that is about to be stored.
        if (!turn && parentID === undefined) deps.openingSessions.begin(sessionID)
        const now = standIn && !(await isLentLater(sessionID, own.model)) ? standIn : own
        deps.messages.keep(sessionID, output.message, own, now)
        if (now.model !== modelKey(message.model)) nameModel(output.message, now)
      }),
    "chat.params": (input, output) =>
      harmless("chat.params", () => {
        const model = modelKey({ ...input.model, modelID: input.model.id })
        const entry = deps.failover.entryInUse(input.sessionID, model)
        if (entry?.temperature !== undefined) output.temperature = entry.temperature
        if (entry?.top_p !== undefined) output.topP = entry.top_p
        if (entry?.max_tokens !== undefined) output.maxOutputTokens = entry.max_tokens
      }),
    "chat.headers": async (input, output) => {
      let token: string | undefined
      await harmless("chat.headers", () => {
        token = announce(input)
        if (token === undefined) return
        const name = markerHeader(input.model.api?.npm)
        output.headers[name] = token
        deps.watch.onHeaders(input.model.providerID, () => output.headers[name] === token)
      })
      const error = errorInstead(input, token)
      if (error !== undefined) throw new Error(withoutRetryWords(error))
    },
    "command.execute.before": (input, output) =>
      harmless("command.execute.before", () => {
        if (input.command === commandName) markCommandParts(output.parts, input.arguments)
      }),
    "tool.execute.before": (call) =>
      harmless("tool.execute.before", () => deps.loopReads.onToolBegins(call.sessionID, call)),
    "tool.execute.after": ({ sessionID, callID }) =>
      harmless("tool.execute.after", () => deps.loopReads.onToolEnds(sessionID, callID)),
    "experimental.chat.messages.transform": (_input, output) =>
      harmless("experimental.chat.messages.transform", () => {
        dropCommandMessages(output.messages)
        noteHistory(output.messages)
        shapeMessages(output.messages)
      }),
    event: ({ event }) =>
      harmless("event", async () => {
        deps.watch.onEvent(event, events.wasEndedByUser)
        const read = readEvent(event)
        if (read) await events.onEvent(read)
      }),
  }

  /** Messages that a process before this one has left on a stand-in. */
  function repairLeftBehind(sessionID: string): void {
    for (const { messageID, own } of deps.ownChoice.leftLent(sessionID))
      host
        .repair(sessionID, messageID, own)
        .catch((error: unknown) =>
          host.log("warn", `an earlier message could not be put back on ${own.model}: ${String(error)}`),
        )
  }

  function noteHistory(messages: readonly unknown[]): void {
    const sessionID = text(field(messages[0], "info"), "sessionID") ?? ""
    const contextTokens = contextTokensOf(messages)
    if (contextTokens > 0) sessions.patch(sessionID, { contextTokens })
    const turn = sessions.turn(sessionID)
    const parts = messages.flatMap((message) => asArray(field(message, "parts")))
    if (!turn) return
    sessions.change(turn, "hold", hold(readAttachments(parts)))
    const { localReply: reply } = sessions.get(sessionID)
    const goesOn = turn.phase.is === "running" && awaitsAnswer(messages)
    if (reply) sessions.patch(sessionID, { localReply: { ...reply, goesOn } })
  }

  /** Before the loop reads it; or the first step is caught on the own model, and ended without asking it. */
  async function isLentLater(sessionID: string, own: ModelKey): Promise<boolean> {
    if (deps.loopReads.isGivenBack(sessionID)) return true
    return deps.openingSessions.has(sessionID) && (await deps.catches(own))
  }

  function announce(input: Parameters<TurnHooks["chat.headers"]>[0]): string | undefined {
    const message = readUserMessage(input.message)
    if (!message) return undefined
    const { sessionID, agent } = input
    const model = modelKey({ providerID: input.model.providerID, modelID: input.model.id })
    const outside = outsideOf(agent, message)
    if (outside === compactionAgent) {
      const own = turns.noteCompaction(sessionID, model, message)
      if (own) deps.messages.keep(sessionID, input.message, own, { model: modelKey(message.model) })
    }
    const { providerID, api } = input.model
    const isMarkable = deps.mayMark({ npm: api?.npm, providerID, sessionID })
    const step = { sessionID, messageID: message.id, model, isStructured: message.isStructured }
    if (outside) {
      const { replies = [] } = outside === titleAgent ? sessions.get(sessionID) : {}
      return isMarkable ? deps.announceStep({ ...step, outside, hides: replies }) : undefined
    }
    const reply = localReply(sessionID, message.id) ?? (isBehindSummary(input) ? { text: "" } : undefined)
    if (reply) {
      // Whatever OpenCode tells of it, it says nothing of the model that the turn is on.
      const turn = sessions.turn(sessionID)
      if (turn) sessions.change(turn, "markStep", markStep("decided"))
      return isMarkable ? announceReply(step, reply) : undefined
    }
    const inherited = turns.noteStep(sessionID, model, message)
    const now = { model, variant: message.variant }
    if (inherited || !deps.messages.isKept(sessionID, message.id))
      deps.messages.keep(sessionID, input.message, inherited ?? now, now)
    deps.watch.onStep(sessionID)
    return isMarkable ? deps.announceStep(step) : undefined
  }

  function announceReply(step: AnnouncedStep, { text: said, goesOn }: Omit<LocalReply, "messageID">) {
    const token = deps.announceStep({ ...step, localReply: said, ...(goesOn && { goesOn }) })
    // What OpenCode asks next for this message is a step of the turn.
    if (goesOn && token !== undefined) sessions.patch(step.sessionID, { localReply: undefined })
    return token
  }

  /**
   * A child session has summed up, and its window is full: OpenCode would have the child summed up in its turn, and let
   * it go on. Nobody reads any of that.
   */
  function isBehindSummary({ sessionID, agent, message }: Parameters<typeof announce>[0]): boolean {
    const turn = sessions.turn(sessionID)
    return agent === compactionAgent && turn !== undefined && turn.messageID !== text(message, "id")
  }

  /** What OpenCode is to show as the error of this step, because no provider must be asked. */
  function errorInstead(
    { sessionID, agent, message }: Parameters<typeof announce>[0],
    token: string | undefined,
  ): string | undefined {
    const outside = outsideOf(agent, message)
    if (outside) return outside === compactionAgent ? sessions.get(sessionID).compaction?.refusal : undefined
    const messageID = text(message, "id")
    const reply = localReply(sessionID, messageID)
    // The answer of our own command, where we cannot give it in the model's place.
    if (reply) return token === undefined ? reply.text : undefined
    const turn = sessions.turn(sessionID)
    return turn && turn.messageID === messageID ? refusalOf(turn) : undefined
  }

  function localReply(sessionID: string, messageID: string | undefined): LocalReply | undefined {
    const { localReply: reply } = sessions.get(sessionID)
    return reply?.messageID === messageID ? reply : undefined
  }
}
