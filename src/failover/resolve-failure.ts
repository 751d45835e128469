import type { Decision } from "../core/decide.ts"
import { sameModel } from "../core/model-ref.ts"
import type { Verdict } from "../core/verdict.ts"
import type { Shown } from "../transport/wire/wire-protocol.ts"
import type { OriginalFailure, Turn } from "../turn/turn.ts"
import { type FailedStep, type Flight, type InFlightDeps, markStep } from "./flight.ts"
import type { Judgement } from "./failover.ts"
import type { LeaveModel } from "./leave-model.ts"
import { boundedWait, waitingResponse } from "./original-failure.ts"
import { wasAbortedByUser } from "./user-abort.ts"

/** What becomes of a step that has failed. */
export type Resolution =
  /** The identical request is to be sent once more. */
  | { readonly do: "repeat" }
  /** The step is to be ended well-formed; the turn goes on elsewhere. */
  | { readonly do: "end" }
  /** OpenCode gets the failure; a response goes through `dress` first. */
  | {
      readonly do: "hand-over"
      readonly dress: (response: Response) => Response
      /** The whole chain has failed, so that OpenCode must come to an end with it. */
      readonly isLast: boolean
    }

const untouched: Resolution = { do: "hand-over", dress: (response) => response, isLast: false }

/**
 * @param repeats how often this very request was repeated; `undefined` when it cannot be
 * @param shown what the user has seen of the reply
 */
export type ResolveFailure = (
  flight: Flight,
  failed: FailedStep,
  repeats: number | undefined,
  shown: Shown,
) => Promise<Resolution>

export function createResolveFailure(deps: InFlightDeps, { leave, goBack }: LeaveModel): ResolveFailure {
  const { failover, sessions, host, notices, now } = deps

  return async (flight, failed, repeats, shown) => {
    const turn = sessions.turn(flight.sessionID)
    if (!turn || turn.phase.is === "aborted" || wasAbortedByUser(flight.signal)) return untouched
    markStep(sessions, flight, "decided")
    // The newest message of the session already names another model: the loop goes there by itself.
    if (!sameModel(flight.model, turn.inUse)) {
      const { decision } = await failover.judge({ ...turn, inUse: flight.model }, failed.failure, undefined)
      return decision.do === "pass" ? untouched : { do: "end" }
    }
    if (turn.phase.is === "exhausted") return last(turn)
    const { verdict, decision } = await judge(turn, failed, repeats)
    if (wasAbortedByUser(flight.signal)) return untouched
    if (decision.do === "pass") {
      const why = `${decision.why}; ${verdict.rule}`
      host.log("info", `left to OpenCode: ${flight.model} ${verdict.kind} (${why})`)
      return untouched
    }
    if (decision.do === "repeat") {
      await deps.pause(decision.afterMs, flight.signal)
      return wasAbortedByUser(flight.signal) ? untouched : { do: "repeat" }
    }
    if (decision.do === "exhausted") return exhausted(keepOriginal(turn, failed, verdict), decision, verdict)
    const reason = { kind: verdict.kind, shown }
    return (await leave(flight, keepOriginal(turn, failed, verdict), decision, reason))
      ? { do: "end" }
      : untouched
  }

  /**
   * An error that nobody can read is OpenCode's. If it comes a second time in the same turn, OpenCode has found
   * it worth asking again, and that the model is away is all that matters.
   */
  async function judge(turn: Turn, { failure }: FailedStep, repeats: number | undefined): Promise<Judgement> {
    const first = await failover.judge(turn, failure, repeats)
    if (first.verdict.kind !== "unknown" || first.decision.do !== "pass") return first
    if (turn.unread === undefined || !sameModel(turn.unread, turn.inUse)) {
      sessions.patchTurn(turn, { unread: turn.inUse })
      return first
    }
    return failover.judge(turn, { provider: failure.provider, status: 503 }, undefined)
  }

  /** The first failure of the user's own model is what OpenCode gets when all others fail as well. */
  function keepOriginal(turn: Turn, { recorded }: FailedStep, { retryAt }: Verdict): Turn {
    if (turn.original || !sameModel(turn.inUse, turn.own)) return turn
    const original: OriginalFailure = { ...recorded, retryAt }
    return sessions.patchTurn(turn, { original }) ?? { ...turn, original }
  }

  async function exhausted(
    turn: Turn,
    decision: Extract<Decision, { do: "exhausted" }>,
    { kind }: Verdict,
  ): Promise<Resolution> {
    const wait = waitFor(decision)
    notices.exhausted(turn, kind, decision, wait)
    if (wait !== undefined) {
      // A new walk begins when the time is over.
      sessions.patchTurn(turn, { tried: [], attempts: 0, waited: true })
      return { do: "hand-over", dress: (response) => waitingResponse(response, wait), isLast: false }
    }
    const owes = turn.original !== undefined && !sameModel(turn.inUse, turn.own)
    // Only the provider's own word counts here: our guess at a cooldown must not spoil OpenCode's own retries,
    // which are all that is left.
    sessions.patchTurn(turn, {
      phase: { is: "exhausted", handedOver: !owes, backAt: turn.original?.retryAt },
    })
    // Back to the user's own model, whose own failure is the one that OpenCode and the user shall see.
    return owes && (await goBack(turn)) ? { do: "end" } : last(turn)
  }

  /**
   * The turn ends with the provider's own error, in bounded time also where no chain is set: a job that runs
   * `opencode run` must not hang for the hours that a provider names. A broken stream is ended by us only where
   * a chain has come to its end.
   */
  function last(turn: Turn): Resolution {
    const isLast = failover.chain(turn).entries.length > 0
    return { do: "hand-over", dress: (response) => boundedWait(response, now()), isLast }
  }

  function waitFor(decision: Extract<Decision, { do: "exhausted" }>): number | undefined {
    if (deps.mostWaitMs === undefined || !decision.soonest) return undefined
    const wait = Math.max(0, decision.soonest.at - now())
    return wait <= deps.mostWaitMs ? wait : undefined
  }
}
