import { modelRef, sameModel } from "../../../core/model-ref.ts"
import type { Core } from "../../../failover/assemble.ts"
import type { Timeouts } from "../../../failover/timeouts.ts"
import { callerSignal, type FetchInit, type FetchInput } from "../../../transport/fetch-arguments.ts"
import type { Send } from "../../../transport/fetch-wrapper.ts"
import { emptyCompletion } from "../../../transport/wire/wire-protocol.ts"
import { readWireRequest } from "../../../transport/wire/wire-request.ts"
import type { WireProtocol } from "../../../transport/wire/wire-types.ts"
import type { Sessions } from "../../../turn/sessions.ts"
import { markStep } from "../../../turn/transitions.ts"
import type { Asking, StepState } from "../../../turn/turn.ts"
import type { TurnHost } from "../host/turn-host.ts"
import type { LentWhileRead } from "../lending/lent-while-read.ts"

export type InFlightDeps = Pick<
  Core,
  "failover" | "nextMove" | "ownChoice" | "sessions" | "notices" | "now"
> & {
  readonly host: Pick<TurnHost, "lend" | "giveBack" | "log">
  readonly watch: { readonly onSwitched: (sessionID: string) => void }
  /** When OpenCode's loop reads which model the turn's message names. */
  readonly loopReads: Pick<LentWhileRead, "hasRead" | "willRead" | "forget">
  readonly timeouts: Timeouts
  /** Resolves after `ms` milliseconds or when the signal is aborted. */
  readonly pause: (ms: number, signal: AbortSignal | undefined) => Promise<void>
}

/** A step that OpenCode is about to ask a model for. */
type Step = Asking & {
  /** The user message that it answers. */
  readonly messageID: string
  /** OpenCode asks for its answer by a tool call, which ends the turn. */
  readonly isStructured: boolean
}

export type AnnouncedStep = Step & {
  /** We answer this one ourselves, with this text. */
  readonly localReply?: string
  /** Another step of the turn follows that answer. */
  readonly goesOn?: boolean
  /** It is no step but a request for these, which is never ended by us, and whose failures are met in ways of their own. */
  readonly outside?: "title" | "compaction"
  /** Texts of ours that are to be left out of it. */
  readonly hides?: readonly string[]
}

/** One request of a step, as OpenCode sent it. */
export type StepRequest = Step & {
  readonly input: FetchInput
  readonly init: FetchInit
  readonly send: Send
}

/** A request on its way. */
export type Flight = StepRequest & {
  readonly protocol: WireProtocol
  readonly signal: AbortSignal | undefined
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

export type InFlight = (request: StepRequest) => Promise<Response>

/** @returns `undefined` for a request that is not ours to handle */
export function takeFlight(
  { failover, now }: Pick<Core, "failover" | "now">,
  request: StepRequest,
): Flight | undefined {
  const { input, init } = request
  const protocol = readWireRequest(input, init)
  if (!protocol || !failover.enabled(request.sessionID)) return undefined
  return { ...request, protocol, signal: callerSignal(input, init), startedAt: now() }
}

/** A well-formed end without content: OpenCode's loop goes on with the next step. */
export function endedStep({ protocol, model }: Flight): Response {
  return emptyCompletion(protocol, modelRef(model).modelID)
}

/** Notes how far the step has come, as long as its model is the one in use; the reactive way reads it. */
export function noteStep(sessions: Sessions, flight: Flight, state: StepState): void {
  const turn = sessions.turn(flight.sessionID)
  if (turn && sameModel(turn.inUse.model, flight.model)) sessions.change(turn, "markStep", markStep(state))
}
