import type { ExhaustedChain } from "../../../core/decide.ts"
import { sameModel } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { GiveUp, NextMove } from "../../../failover/next-move.ts"
import type { Shown } from "../../../transport/wire/wire-types.ts"
import { keepOriginal } from "../../../turn/transitions.ts"
import { owesOriginal } from "../../../turn/turn-predicates.ts"
import type { Turn } from "../../../turn/turn.ts"
import { type Flight, type InFlightDeps, noteStep } from "./flight.ts"
import type { ModelSwitch } from "./model-switch.ts"
import { askedAgain, boundedWait, waitingResponse } from "./original-failure.ts"
import { wasAbortedByUser } from "./user-abort.ts"

/** What becomes of a step that has failed. */
export type Resolution =
  /** The identical request is to be sent once more. */
  | { readonly do: "repeat" }
  /** The step is to be ended well-formed; the turn goes on elsewhere. */
  | { readonly do: "end" }
  /** OpenCode gets this text as an error that it does not ask again. */
  | { readonly do: "refuse"; readonly text: string }
  /** OpenCode gets the failure; a response goes through `rewrite` first. */
  | {
      readonly do: "hand-over"
      readonly rewrite: Rewrite
      /**
       * The whole chain has failed, and somebody of it may be well when OpenCode asks again: it must neither end with
       * this failure nor ask without a pause.
       */
      readonly mustAskAgain: boolean
    }

type Rewrite = (response: Response) => Response

const untouched: Resolution = { do: "hand-over", rewrite: (response) => response, mustAskAgain: false }

/** Carries out the next move inside the step. */
export function createResolveFailure(deps: InFlightDeps, { switchTo, goBack }: ModelSwitch) {
  const { failover, nextMove, sessions, notices, now } = deps

  /**
   * @param repeats how often this very request was repeated; `undefined` when it cannot be
   * @param shown what the user has seen of the reply
   */
  return async (
    flight: Flight,
    failure: Failure,
    repeats: number | undefined,
    shown: Shown,
  ): Promise<Resolution> => {
    const resolution = await resolve(flight, failure, repeats)
    // A tool that has run is never run again: OpenCode would ask the same model anew within the step. Ended
    // well-formed, the loop goes on with the tool's result.
    const mustEnd = shown === "tool" && resolution.do !== "repeat" && !wasAbortedByUser(flight.signal)
    return mustEnd ? { do: "end" } : resolution
  }

  async function resolve(flight: Flight, failure: Failure, repeats: number | undefined): Promise<Resolution> {
    const turn = sessions.turn(flight.sessionID)
    if (!turn || turn.phase.is === "aborted" || wasAbortedByUser(flight.signal)) {
      failover.endProbe(flight)
      return untouched
    }
    noteStep(sessions, flight, "decided")
    // The newest message of the session already names another model: the loop goes there by itself.
    if (!sameModel(flight.model, turn.inUse.model)) {
      const left = { ...turn, inUse: { model: flight.model, requests: 0 } }
      const { decision } = await failover.judge(left, failure, undefined)
      return decision.do === "pass" ? untouched : { do: "end" }
    }
    const next = await nextMove.afterFailure(turn, { failure, repeats })
    return wasAbortedByUser(flight.signal) ? untouched : perform(flight, turn, failure, next)
  }

  async function perform(flight: Flight, turn: Turn, failure: Failure, next: NextMove): Promise<Resolution> {
    const isStaying = next.do === "pass" || next.do === "repeat"
    // What people see when all others fail as well.
    if (!isStaying) sessions.change(turn, "keepOriginal", keepOriginal(failure, next.verdict))
    switch (next.do) {
      case "pass":
        sessions.change(turn, "pass", next.after)
        return untouched
      case "repeat":
        await deps.pause(next.afterMs, flight.signal)
        return wasAbortedByUser(flight.signal) ? untouched : { do: "repeat" }
      case "switch":
        return (await switchTo(flight, turn, next)) ? { do: "end" } : untouched
      case "wait":
        sessions.change(turn, "wait", next.after)
        void notices.exhausted(turn, next)
        return handOver(next.decision, (response) => waitingResponse(response, next.forMs))
      case "giveUp":
        return giveUp(flight, turn, next)
    }
  }

  async function giveUp(flight: Flight, turn: Turn, next: GiveUp): Promise<Resolution> {
    const { refusal, decision, after } = next
    void notices.exhausted(turn, next)
    const changed = sessions.change(turn, "giveUp", after)
    if (refusal !== undefined) return { do: "refuse", text: refusal }
    // Back to the user's own model, whose own failure is the one that OpenCode and the user are to see.
    if (changed && owesOriginal(changed) && (await goBack(flight, changed))) return { do: "end" }
    // OpenCode's own retries are all that is left. They must not wait for the hours that a provider names, nor end
    // with a dead key where somebody else of a chain may be well again.
    return handOver(decision, (response) => {
      const bounded = boundedWait(response, now())
      return decision.why === "no-chain" ? bounded : askedAgain(bounded)
    })
  }
}

/** A chain of which nobody may be well soon has ended the turn with a refusal. */
function handOver({ why }: ExhaustedChain, rewrite: Rewrite): Resolution {
  return { do: "hand-over", rewrite, mustAskAgain: why !== "no-chain" }
}
