import { sameModel } from "../../../core/model-ref.ts"
import type { FailureKind } from "../../../core/verdict.ts"
import type { SwitchMove } from "../../../failover/next-move.ts"
import type { OwnFaults } from "../../../host/own-fault.ts"
import { isSessionGone } from "../../../host/session-gone.ts"
import { comeBack } from "../../../turn/transitions.ts"
import { isOnOwn } from "../../../turn/turn-predicates.ts"
import { type Choice, choiceOn, type Turn } from "../../../turn/turn.ts"
import type { Flight, InFlightDeps } from "./flight.ts"
import { wasAbortedByUser } from "./user-abort.ts"

export type ModelSwitch = ReturnType<typeof createModelSwitch>

/** Puts another model in the place of the one that cannot go on, before the step is ended. */
export function createModelSwitch(deps: InFlightDeps, faults: OwnFaults) {
  const { sessions, host, notices, ownChoice, now } = deps

  const isOver = (sessionID: string): boolean => {
    const phase = sessions.turn(sessionID)?.phase.is
    return phase === undefined || phase === "aborted" || phase === "ended"
  }

  const isEnded = ({ signal, sessionID }: Flight): boolean => wasAbortedByUser(signal) || isOver(sessionID)

  /** @returns `lent`: OpenCode's loop reads it so once the step is ended */
  const lend = async (flight: Flight, turn: Turn, to: Choice): Promise<"lent" | "given back" | "failed"> => {
    try {
      await host.lend(turn, to)
      if (!isEnded(flight)) return "lent"
    } catch (error) {
      host.log(
        isSessionGone(error) ? "info" : "error",
        `the turn could not be given to ${to.model}; OpenCode continues without it: ${String(error)}`,
      )
    }
    // Esc came while the message was being lent, and the session may be idle already.
    return isEnded(flight) && (await host.giveBack(turn.sessionID)) ? "given back" : "failed"
  }

  const record = (turn: Turn, { model }: Choice, reason: FailureKind | undefined): void => {
    if (sameModel(model, turn.own.model)) ownChoice.comeBack(turn)
    else ownChoice.lend(turn, model, reason)
  }

  return {
    lend,
    /** @returns whether OpenCode's loop goes on with the successor once the step is ended */
    switchTo: async (flight: Flight, turn: Turn, next: SwitchMove): Promise<boolean> => {
      const choice = choiceOn(next.to, turn.own)
      // First of all: of a process that is killed once OpenCode has stored it, nobody else would know.
      await faults.guardAsync(() => {
        record(turn, choice, next.why.kind)
        return ownChoice.kept()
      })
      const outcome = await lend(flight, turn, choice)
      if (outcome !== "lent") {
        record(turn, turn.inUse, undefined)
        if (isOnOwn(turn) || outcome === "given back") ownChoice.giveBack(turn.sessionID)
        return false
      }
      // From here on OpenCode goes to the successor whatever happens: no fault may undo the end of the step.
      faults.guard(() => {
        deps.watch.onSwitched(turn.sessionID)
        sessions.change(turn, next.do, next.after)
        void notices.switched(turn, { ...next, durationMs: now() - flight.startedAt })
      })
      return true
    },
    /** As `switchTo`, but back to the user's own model, whose failure is the one to be seen. */
    goBack: async (flight: Flight, turn: Turn): Promise<boolean> => {
      if ((await lend(flight, turn, turn.own)) !== "lent") return false
      sessions.change(turn, "comeBack", comeBack)
      return true
    },
  }
}
