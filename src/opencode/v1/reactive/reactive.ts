import { failureFromError } from "../../../core/classify/failure-from.ts"
import { type ModelKey, sameModel } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { Core } from "../../../failover/assemble.ts"
import type { GiveUp, SwitchMove } from "../../../failover/next-move.ts"
import { noteAnswer } from "../../../failover/note-answer.ts"
import {
  claim,
  comeBack,
  forgetEarlyEnds,
  switchTo,
  noteEarlyEnd,
  type Transition,
} from "../../../turn/transitions.ts"
import { isOfEarlierTurn } from "../../../turn/turn-predicates.ts"
import { choiceOn, type Turn, type TurnPhase } from "../../../turn/turn.ts"
import type { TurnHost } from "../host/turn-host.ts"
import type { CompactionFailover } from "./compaction-failover.ts"
import type { Ending, IdleSignal } from "./idle-signal.ts"
import { asksAgain, createReplayTurn, idlesAfterError, isLongPause, type ReplayPlan } from "./replay-turn.ts"

type ReactiveDeps = Pick<Core, "failover" | "nextMove" | "ownChoice" | "sessions" | "notices" | "now"> & {
  readonly host: Pick<TurnHost, "abort" | "replay" | "sumsUp" | "log">
  readonly idle: IdleSignal
  readonly compaction: CompactionFailover
}

/** OpenCode's announcement that it will ask the same model again; `next` in milliseconds since 1970. */
type RetryStatus = { readonly message: string; readonly next: number }

/** The failure of a run on another model, which the turn has joined; `pauseMs` as in `react`. */
type Joined = { readonly joined: ModelKey; readonly failure: Failure; readonly pauseMs: number | undefined }

/** What an answer or an error says of itself. `session.error` says neither. */
type Origin = { readonly answers?: string | undefined; readonly model?: ModelKey | undefined }

export type Reactive = ReturnType<typeof createReactive>

/**
 * Failover for what cannot be caught in flight: unknown wire protocols, requests that do not go through `fetch`,
 * models that do not exist. The turn is replayed on the next model under the same message id, once the session
 * is idle.
 */
export function createReactive(deps: ReactiveDeps) {
  const { failover, sessions, notices, now } = deps
  const replayTurn = createReplayTurn(deps)

  /** The turn, if this failure is for the reactive way: not taken by either way yet, and not over. */
  const ownTurn = (sessionID: string, origin: Origin): Turn | undefined => {
    const turn = sessions.turn(sessionID)
    if (!turn || turn.phase.is !== "running" || !failover.enabled(sessionID)) return undefined
    if (origin.model !== undefined && !sameModel(origin.model, turn.inUse.model)) return undefined
    if (origin.answers !== undefined && isOfEarlierTurn(turn, origin.answers)) return undefined
    const isTaken = turn.inUse.step === "in-flight" || turn.inUse.step === "decided"
    return isTaken ? undefined : turn
  }

  /** The model of an earlier prompt's step that fails, where the turn's prompt has joined that run. */
  const joinedModel = ({ sessionID, messageID }: Turn, { message = "" }: Failure): ModelKey | undefined => {
    const { step } = sessions.get(sessionID)
    // Told before a step begins.
    if (message.startsWith(notFound)) return undefined
    return step && step.answers < messageID ? step.model : undefined
  }

  /** @param pauseMs how long OpenCode waits before it asks again; `undefined`: it has given up */
  const react = async (turn: Turn, failure: Failure, pauseMs: number | undefined): Promise<void> => {
    const startedAt = now()
    const joined = joinedModel(turn, failure)
    // Before anything is awaited: the same error is told twice, and the session is idle within a millisecond.
    const claimed = joined ? turn : sessions.change(turn, "claim", claim)
    if (!claimed) return
    const ending = pauseMs === undefined ? deps.idle.settled(turn.sessionID, idlesAfterError) : undefined
    if (joined && !sameModel(joined, turn.inUse.model))
      return leave(turn, { joined, failure, pauseMs }, ending)
    const next = await deps.nextMove.afterFailure(claimed, { failure, asksAgain: asksAgain(pauseMs) })
    if (isOverBy(claimed, next.do === "switch", pauseMs !== undefined, joined)) return
    switch (next.do) {
      case "repeat":
        return
      case "pass":
        // An error that OpenCode has given up over, and that nobody can read, may be of something else: a file, a command.
        if (pauseMs !== undefined) sessions.change(claimed, "pass", next.after)
        return
      case "wait":
        // A long wait of OpenCode's own is left to it.
        sessions.change(claimed, "wait", next.after)
        void notices.exhausted(claimed, next)
        return
      case "giveUp":
        return giveUp(claimed, next, pauseMs !== undefined)
      case "switch":
        return goOn(claimed, next, ending, startedAt)
    }
  }

  /** Whether the turn came to its end while it was being judged. A newer prompt may have joined the run that fails. */
  const isOverBy = (
    { sessionID, messageID }: Turn,
    isForNewer: boolean,
    wasBusy: boolean,
    joined: ModelKey | undefined,
  ): boolean => {
    const { turn, step } = sessions.get(sessionID)
    if (!turn || turn.phase.is === "aborted") return true
    if (joined && wasBusy && !step) return true
    if (turn.messageID === messageID) return wasBusy && turn.phase.is !== "running"
    return wasBusy ? step === undefined : !isForNewer
  }

  /** The turn has joined the run of one on another model, which fails: it is replayed as it is. */
  const leave = async (
    turn: Turn,
    { joined, failure, pauseMs }: Joined,
    ending: Promise<Ending> | undefined,
  ): Promise<void> => {
    const left = { ...turn, inUse: { model: joined, requests: 0 } }
    const { decision } = await failover.judge(left, failure, undefined)
    const asksSoon = pauseMs !== undefined && !isLongPause(pauseMs)
    // OpenCode's own retries go on.
    if (decision.do === "pass" || (decision.do === "exhausted" && asksSoon)) return
    if (isOverBy(turn, true, pauseMs !== undefined, joined)) return
    await replayTurn(turn, ending, asItIs)
  }

  const goOn = async (
    turn: Turn,
    next: SwitchMove,
    ending: Promise<Ending> | undefined,
    startedAt: number,
  ): Promise<void> => {
    const { to, why } = next
    // A newer prompt may already be on another model than the one that has failed.
    const isOnIt = (current: Turn): boolean => sameModel(current.inUse.model, turn.inUse.model)
    const replayed = await replayTurn(turn, ending, (current) => {
      const on = isOnIt(current) ? choiceOn(to, current.own) : current.inUse
      // Before OpenCode stores it: of a process that is killed then, nobody else would know.
      if (!sameModel(on.model, current.own.model)) deps.ownChoice.lend(current, on.model, why.kind)
      return { on, change: isOnIt(current) ? switchTo(on, why) : unchanged, phase: running }
    })
    if (!replayed || !isOnIt(replayed)) return
    void notices.switched(replayed, { ...next, durationMs: now() - startedAt })
  }

  /** OpenCode sums up and goes on, or keeps what is there as the answer, behind which a replay would find nothing to answer. */
  const isNoEnd = ({ name }: Failure): boolean =>
    name === "ContentFilterError" || (name === "ContextOverflowError" && deps.host.sumsUp())

  const giveUp = async (turn: Turn, next: GiveUp, wasBusy: boolean): Promise<void> => {
    void notices.exhausted(turn, next)
    // The run is over by itself, and with it the turn.
    if (!wasBusy) return
    const given = sessions.change(turn, "giveUp", next.after)
    // OpenCode's own retries go on.
    if (!given || next.refusal === undefined) return
    // OpenCode would wait for as long as the provider said: the turn is replayed on the user's own model, where
    // its first request is refused with the text itself.
    await replayTurn(given, undefined, (current) =>
      current.messageID === turn.messageID
        ? { on: turn.own, change: comeBack, phase: given.phase }
        : asItIs(current),
    )
  }

  return {
    onRetry: async (sessionID: string, status: RetryStatus): Promise<void> => {
      const pauseMs = status.next - now()
      const failure = withRetryAfter({ message: status.message }, pauseMs)
      if (sessions.get(sessionID).compaction) return deps.compaction.onFailure(sessionID, failure, pauseMs)
      const turn = ownTurn(sessionID, {})
      if (turn) await react(turn, failure, pauseMs)
    },
    onError: async (sessionID: string, error: unknown, origin: Origin): Promise<void> => {
      const failure = failureFromError(error)
      const { turn: current, compaction } = sessions.get(sessionID)
      if (isOfAnother(failure, compaction?.turn ?? current)) return
      if (compaction) return deps.compaction.onFailure(sessionID, failure, undefined)
      const turn = ownTurn(sessionID, origin)
      if (turn && !isNoEnd(failure)) await react(turn, failure, undefined)
    },
    /**
     * OpenCode found no end to an answer, and asks again at once and without end: neither a retry nor an error is
     * told. The third in a row is a failure.
     */
    onEarlyEnd: async (sessionID: string, answerID: string, origin: Origin): Promise<void> => {
      const turn = ownTurn(sessionID, origin)
      // Steps that were handled in flight end without an end on purpose.
      if (turn?.inUse.step !== "announced") return
      const changed = sessions.change(turn, "noteEarlyEnd", noteEarlyEnd(answerID))
      if ((changed?.inUse.earlyEnds?.length ?? 0) < mostEarlyEnds) return
      await react(turn, earlyEnd, Infinity)
    },
    /** A model has ended an answer properly. */
    onAnswer: (sessionID: string, { model }: Origin): void => {
      const turn = sessions.turn(sessionID)
      if (turn) sessions.change(turn, "forgetEarlyEnds", forgetEarlyEnds)
      // Requests that were seen in flight are reported there, and some of their answers are our own.
      if (!turn || model === undefined || turn.inUse.step !== "announced") return
      if (!sameModel(turn.inUse.model, model)) return
      noteAnswer(deps, { sessionID, model }, now())
    },
  }
}

/** OpenCode itself gives the first two another chance: a provider may stumble. */
const mostEarlyEnds = 3
const earlyEnd: Failure = {
  name: "CutStreamError",
  code: "ECONNRESET",
  message: "The stream ended before the answer was complete, again and again",
}

const running: TurnPhase = { is: "running" }
const unchanged: Transition = (turn) => turn

const notFound = "Model not found: "

/** OpenCode says in this session, too, which model it does not know of a command that is still to come in (1.18.33). */
function isOfAnother({ message = "" }: Failure, turn: Turn | undefined): boolean {
  return message.startsWith(notFound) && !message.startsWith(`${notFound}${turn?.inUse.model}.`)
}

function asItIs({ inUse }: Turn): ReplayPlan {
  return { on: inUse, change: unchanged, phase: running }
}

/**
 * The event has no headers, but a long wait can only come from one. OpenCode found the failure worth a retry:
 * whatever its words are, the model is away until then.
 */
function withRetryAfter(failure: Failure, waitMs: number): Failure {
  if (!isLongPause(waitMs)) return failure
  return { ...failure, status: failure.status ?? 503, headers: { "retry-after-ms": String(waitMs) } }
}
