import { modelRef } from "../../../core/model-ref.ts"
import type { Core } from "../../../failover/assemble.ts"
import type { GiveUp } from "../../../failover/next-move.ts"
import { refusalResponse } from "../../../failover/refusal-text.ts"
import { textCompletion } from "../../../transport/wire/wire-protocol.ts"
import { keepOriginal, markStep, type Transition } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import { compactionAgent } from "./ask-in-child.ts"
import { askForTurn, type BesideDeps, createBesideTheSteps, type FailedAnswer } from "./beside-the-steps.ts"
import { compactionPrompt } from "./compaction-prompt.ts"
import type { Flight, InFlight } from "./flight.ts"
import { boundedWait } from "./original-failure.ts"
import { stillFailing } from "./without-asking.ts"

type CompactionInFlightDeps = BesideDeps &
  Pick<Core, "nextMove" | "notices"> & {
    readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>
  }

/**
 * A compaction keeps its model, and whatever ends it ends the turn: `opencode run` and a parent agent would get
 * nothing. So where its request fails before a word of it, a child session has the same text answered by the chain, and
 * that answer is given in the failed model's place. What fails later is `reactive/compaction-failover.ts`'s.
 */
export function createCompactionInFlight(deps: CompactionInFlightDeps): InFlight {
  const { nextMove, sessions, notices } = deps

  return createBesideTheSteps(deps, {
    isEnough: (shown) => shown !== "nothing",
    onEnough: ({ sessionID }) => change(sessionID, markStep("answered")),
    withoutAsking: async (flight) => {
      change(flight.sessionID, markStep("in-flight"))
      const asked = askedFor(flight)
      if (!asked) return undefined
      const next = await nextMove.withoutAsking(asked.turn)
      deps.failover.endProbe(flight)
      if (next) return fromChild(flight, asked)
      const again = stillFailing(deps, asked.turn)
      if (again?.type !== "response") return undefined
      decided(flight.sessionID)
      return again.response
    },
    afterFailure: async (flight, failed, repeats) => {
      const asked = askedFor(flight)
      if (!asked) return undefined
      const next = await nextMove.afterFailure(asked.turn, { failure: failed.failure, repeats })
      switch (next.do) {
        case "repeat":
          await deps.pause(next.afterMs, flight.signal)
          return "repeat"
        case "switch":
          return fromChild(flight, asked)
        case "giveUp":
          return giveUp(asked.turn, next, failed)
        case "pass":
          change(flight.sessionID, next.after)
          return decided(flight.sessionID)
        case "wait":
          return decided(flight.sessionID)
      }
    },
  })

  /** @returns what the summary is made of; `undefined` where nothing can be given in its place */
  function askedFor({ sessionID, init }: Flight): AskedFor | undefined {
    const { compaction } = sessions.get(sessionID)
    const text = compactionPrompt(init?.body)
    return compaction && text !== undefined ? { turn: compaction.turn, text } : undefined
  }

  async function fromChild(flight: Flight, { turn, text }: AskedFor): Promise<Response | undefined> {
    const { sessionID, model, protocol, signal } = flight
    const answer = await askForTurn(deps, turn, flight, { agent: compactionAgent, on: turn.own, text })
    // Where no child can be asked, the reactive way is left.
    decided(sessionID)
    if (answer.type === "answered") return textCompletion(protocol, modelRef(model).modelID, answer.text)
    // OpenCode itself gives a request up after minutes without a word, and asks again.
    return signal?.aborted ? undefined : refuse(sessionID, answer.message)
  }

  function giveUp(turn: Turn, next: GiveUp, { failure, response }: FailedAnswer): Response | undefined {
    void notices.exhausted(turn, next)
    decided(turn.sessionID)
    change(turn.sessionID, keepOriginal(failure, next.verdict))
    change(turn.sessionID, next.after)
    if (next.refusal !== undefined) return refuse(turn.sessionID, next.refusal)
    return response && boundedWait(response, deps.now())
  }

  function refuse(sessionID: string, refusal: string): Response {
    sessions.patchCompaction(sessionID, { refusal })
    return refusalResponse(refusal)
  }

  /** The reactive way leaves the failure alone. */
  function decided(sessionID: string): undefined {
    change(sessionID, markStep("decided"))
  }

  function change(sessionID: string, transition: Transition): void {
    const { compaction } = sessions.get(sessionID)
    const turn = compaction && transition(compaction.turn)
    if (turn) sessions.patchCompaction(sessionID, { turn })
  }
}

type AskedFor = { readonly turn: Turn; readonly text: string }
