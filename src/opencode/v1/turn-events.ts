import { text } from "../../core/json-object.ts"
import type { Core } from "../../failover/assemble.ts"
import type { OwnChoice } from "../../failover/own-choice.ts"
import { isUntaken } from "../../turn/turn-predicates.ts"
import type { HalfMadeCall, HalfMadeCalls } from "./host/half-made-calls.ts"
import type { HostEvent } from "./host/read-event.ts"
import type { TurnHost } from "./host/turn-host.ts"
import type { LentMessages } from "./lending/lent-messages.ts"
import type { LentWhileRead } from "./lending/lent-while-read.ts"
import type { IdleSignal } from "./reactive/idle-signal.ts"
import type { Reactive } from "./reactive/reactive.ts"

export type TurnEventsDeps = Pick<Core, "sessions" | "categories" | "turns"> & {
  readonly host: Pick<TurnHost, "giveBack">
  readonly messages: HalfMadeCalls &
    Pick<LentMessages, "keep" | "isKept" | "restore" | "onStored" | "onSummingUp" | "onRemoved" | "forget">
  readonly ownChoice: Pick<OwnChoice, "giveBack" | "kept" | "leftLent">
  readonly reactive: Reactive
  readonly idle: IdleSignal
  readonly loopReads: LentWhileRead
}

type Answer = Extract<HostEvent, { type: "assistant" }>

/** What OpenCode's events say of a turn. */
export function createTurnEvents(deps: TurnEventsDeps) {
  const { host, sessions, turns } = deps

  return { onEvent, wasEndedByUser }

  async function onAssistant(event: Answer): Promise<void> {
    const { sessionID, error, tokens, answers, model } = event
    if (tokens > 0) sessions.patch(sessionID, { contextTokens: tokens })
    const isBegun = error === undefined && event.end === undefined
    if (isBegun && answers && model) sessions.patch(sessionID, { step: { answers, model } })
    if (error === undefined) return onEnd(event)
    if (text(error, "name") === "MessageAbortedError") return turns.aborted(sessionID, answers)
    return settling(sessionID, deps.reactive.onError(sessionID, error, event))
  }

  async function onEnd(event: Answer): Promise<void> {
    const { sessionID, messageID, end } = event
    if (end === undefined || messageID === undefined) return
    const isCalling = sessions.get(sessionID).callingMessage === messageID
    const isEarly = !isCalling && (end === "early" || end === "tools")
    if (isEarly) await settling(sessionID, deps.reactive.onEarlyEnd(sessionID, messageID, event))
    else if (end !== "early") deps.reactive.onAnswer(sessionID, event)
  }

  /** By Esc, or with the session itself: its loop comes to an end of its own a little later. */
  function wasEndedByUser(sessionID: string): boolean {
    const phase = sessions.turn(sessionID)?.phase.is
    return phase === "aborted" || phase === undefined
  }

  /** Nobody works on the session's turn: it is over, and the reactive way has nothing to replay. */
  function isAtRest(sessionID: string): boolean {
    const phase = sessions.turn(sessionID)?.phase.is
    // With no model left OpenCode's own retries may go on, and one of them to a model that is well again.
    if (phase === "exhausted") return !deps.idle.isAtWork(sessionID)
    return phase !== "running" && phase !== "replaying"
  }

  /**
   * Whatever is still lent in a session at rest goes back; a pending undo is left alone. Of a session in which this
   * process has seen no turn, the record tells what another one works on or has left behind: that is still needed.
   */
  async function giveBack(sessionID: string): Promise<void> {
    if (!sessions.turn(sessionID)) return
    if (await host.giveBack(sessionID)) deps.ownChoice.giveBack(sessionID)
  }

  async function giveBackAtRest(sessionID: string): Promise<void> {
    if (isAtRest(sessionID)) await giveBack(sessionID)
  }

  /** Of a replay that comes to nothing no idle follows. */
  async function settling(sessionID: string, reaction: Promise<void>): Promise<void> {
    try {
      await reaction
    } finally {
      await giveBackAtRest(sessionID)
    }
  }

  /**
   * A client may add a message that is not to be answered (`noReply`), of which OpenCode tells nothing (1.18.33): it
   * is stored, and no run begins that could come to an end. Before it is stored other plugins may take their time. Nor
   * is anything told of a prompt whose run has died before it was taken up.
   */
  async function endUntaken(sessionID: string, messageID: string | undefined): Promise<void> {
    const turn = sessions.turn(sessionID)
    if (!turn || turn.messageID !== messageID || !isUntaken(turn)) return
    // Whatever happens to it meanwhile makes another one of it.
    if (!(await deps.idle.staysAtRest(sessionID)) || sessions.turn(sessionID) !== turn) return
    turns.ended(sessionID)
    await giveBack(sessionID)
  }

  /** A turn that goes on elsewhere leaves nothing behind. */
  async function removeHalfMade(call: HalfMadeCall): Promise<void> {
    const turn = sessions.turn(call.sessionID)
    if (turn && turn.phase.is !== "aborted")
      await deps.messages.remove(
        call,
        turn.tried.map(({ model }) => model),
      )
  }

  async function onTool(event: Extract<HostEvent, { type: "tool" }>): Promise<void> {
    const { sessionID, messageID, halfMade, failedCall } = event
    sessions.patch(sessionID, { callingMessage: messageID })
    if (failedCall !== undefined) await deps.loopReads.onToolEnds(sessionID, failedCall)
    if (halfMade !== undefined) await removeHalfMade({ sessionID, messageID, partID: halfMade })
  }

  function forget(sessionID: string): void {
    sessions.forget(sessionID)
    deps.messages.forget(sessionID)
    deps.loopReads.forget(sessionID)
    deps.categories.forget(sessionID)
    deps.idle.idle(sessionID)
  }

  async function onIdle(sessionID: string): Promise<void> {
    deps.idle.idle(sessionID)
    deps.loopReads.forget(sessionID)
    sessions.patch(sessionID, { step: undefined })
    turns.ended(sessionID, true)
    await giveBackAtRest(sessionID)
    await endUntaken(sessionID, sessions.turn(sessionID)?.messageID)
  }

  async function onEvent(event: HostEvent): Promise<void> {
    const { sessionID } = event
    switch (event.type) {
      case "retry":
        return settling(sessionID, deps.reactive.onRetry(sessionID, event))
      case "error":
        return settling(sessionID, deps.reactive.onError(sessionID, event.error, {}))
      case "aborted":
        return turns.aborted(sessionID, undefined)
      case "busy":
        return deps.idle.busy(sessionID)
      case "idle":
        return onIdle(sessionID)
      case "child":
        return sessions.patch(sessionID, { parentID: event.parentID })
      case "updated":
        return event.isReverted ? undefined : giveBackAtRest(sessionID)
      case "tool":
        return onTool(event)
      case "user":
        deps.messages.onStored(sessionID, event.info)
        return endUntaken(sessionID, text(event.info, "id"))
      case "summing-up":
        return isAtRest(sessionID) ? undefined : deps.messages.onSummingUp(sessionID)
      case "dialog":
        return deps.loopReads.onDialog(event)
      case "removed":
        return deps.messages.onRemoved(sessionID, event.messageID)
      case "compacted":
        return sessions.endCompaction(sessionID)
      case "assistant":
        return onAssistant(event)
      case "deleted":
        return forget(sessionID)
    }
  }
}
