import type { Decision } from "../core/decide.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { Shown } from "../transport/wire/wire-protocol.ts"
import type { Turn } from "../turn/turn.ts"
import { turnAfterSwitch } from "./failover.ts"
import { type Flight, type InFlightDeps, markStep } from "./flight.ts"
import type { OwnFaults } from "./own-fault.ts"

/** Puts another model in the place of the one that cannot go on, before the step is ended. */
export type LeaveModel = {
  /** @returns whether OpenCode's loop goes on with the successor once the step is ended */
  readonly leave: (
    flight: Flight,
    turn: Turn,
    decision: Extract<Decision, { do: "switch" }>,
    reason: { readonly kind: FailureKind | undefined; readonly shown: Shown },
  ) => Promise<boolean>
  /** As `leave`, but back to the user's own model, whose failure is the one to be seen. */
  readonly goBack: (turn: Turn) => Promise<boolean>
}

const continueText =
  "The connection broke while you were writing the reply above. Continue it exactly where it stops. " +
  "Do not repeat what is already written, and do not mention the interruption."

export function createLeaveModel(deps: InFlightDeps, faults: OwnFaults): LeaveModel {
  const { sessions, host, notices, now } = deps

  const followUp = async (
    turn: Turn,
    model: ModelKey,
    variant: string | undefined,
    shown: Shown,
  ): Promise<boolean> => {
    const { sessionID } = turn
    sessions.patch(sessionID, { inserting: true })
    try {
      const text = shown === "text" ? { text: continueText } : {}
      await host.addFollowUp({ ...turn.carried, ...text, variant, sessionID, model })
      return true
    } catch (error) {
      host.log(
        "error",
        `the follow-up message could not be added; OpenCode goes on as without us: ${String(error)}`,
      )
      return false
    } finally {
      sessions.patch(sessionID, { inserting: false })
    }
  }

  return {
    leave: async (flight, turn, { to, skipped }, { kind, shown }) => {
      if (!(await followUp(turn, to.model, to.variant ?? turn.carried.variant, shown))) return false
      // From here on OpenCode goes to the successor whatever happens: no fault may undo the end of the step.
      faults.guard(() => {
        markStep(sessions, flight, "decided")
        sessions.patchTurn(turn, turnAfterSwitch(turn, to.model, kind))
        notices.switched(turn, to.model, kind, skipped, now() - flight.startedAt)
      })
      return true
    },
    goBack: async (turn) => {
      if (!(await followUp(turn, turn.own, turn.ownVariant, "nothing"))) return false
      sessions.patchTurn(turn, { inUse: turn.own })
      return true
    },
  }
}
