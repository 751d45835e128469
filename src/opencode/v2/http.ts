import { type ModelKey, sameModel } from "../../core/model-ref.ts"
import type { SkipReason } from "../../core/skip-reason.ts"
import type { Failure } from "../../core/verdict.ts"
import type { Core } from "../../failover/assemble.ts"
import { failureInStream, failureOf, readFailure, silenceFailure } from "../../failover/read-failure.ts"
import type { Failover } from "../../failover/failover.ts"
import type { DecideNextMove } from "../../failover/next-move.ts"
import type { Timeouts } from "../../failover/timeouts.ts"
import { RefusedTurnError } from "../../failover/refusal-text.ts"
import type { OwnFaults } from "../../host/own-fault.ts"
import { boundedError } from "../../transport/bounded-error.ts"
import { CutStreamError, type StreamFailure } from "../../transport/stream-failure.ts"
import type { Shown } from "../../transport/wire/wire-types.ts"
import { noteTool } from "../../turn/transitions.ts"
import type { Turn } from "../../turn/turn.ts"
import type { Compactions } from "./compaction.ts"
import type { HttpRequestEvent, HttpResponseEvent, ModelReference, StepEvent } from "./context.ts"
import type { EvidenceBySession } from "./evidence.ts"
import type { Loans } from "./loans.ts"
import { forcesRetry } from "./forces-retry.ts"
import { keyOf } from "./model-reference.ts"
import { notAsked, ownFailure, type OwnRequests } from "./own-requests.ts"
import { protocolAt, watchAnswer } from "./watch-answer.ts"
import type { Titles } from "./titles.ts"

export type HttpDeps = Pick<Core, "sessions" | "limits" | "hasKeys" | "now"> & {
  readonly failover: Pick<Failover, "enabled" | "endProbe" | "foresee">
  readonly nextMove: Pick<DecideNextMove, "foreseenRefusal" | "withoutAsking">
  readonly loans: Pick<Loans, "isStuck" | "owed">
  readonly evidence: EvidenceBySession
  readonly ownRequests: OwnRequests
  readonly compactions: Pick<Compactions, "onRequest">
  readonly titles: Titles
  readonly faults: OwnFaults
  readonly timeouts: (model: ModelKey) => Timeouts
}

/**
 * What goes over the wire for a step: a request to a model that is known to be down is not sent, silence is ended,
 * and every failure is kept with its headers and body until OpenCode asks what to do about it.
 */
export function createHttpHooks(deps: HttpDeps) {
  return {
    onRequest: async (event: HttpRequestEvent): Promise<void> => {
      if (event.kind === "compaction") return deps.compactions.onRequest(event)
      if (event.kind === "title") return deps.titles.onRequest(event)
      if (!takesPart(deps, event)) return
      forgetBefore(deps, event)
      const refusal = await refusalOf(deps, event)
      if (refusal !== undefined) return deps.ownRequests.answer(event, refusal)
      const { firstTokenMs } = deps.timeouts(keyOf(event.model))
      if (firstTokenMs > 0 || deps.hasKeys(event.model.providerID)) sendOurselves(deps, event, firstTokenMs)
    },
    onResponse: async (event: HttpResponseEvent): Promise<void> => {
      const { evidence, ownRequests } = deps
      const own = ownRequests.responseTo(event.request)
      if (own) event.response = await own
      if (event.kind === "title" && !own) return deps.titles.onResponse(event)
      if (!takesPart(deps, event)) return
      const { providerID } = event.model
      if (!own) deps.faults.guard(() => deps.limits.seen({ account: providerID }, event.response.headers))
      // What is known of it already is more than its stand-in says.
      if (own && !event.response.ok && evidence.has(event.sessionID, keyOf(event.model))) return
      if (event.response.ok) return watch(deps, event)
      event.response = boundedError(event.response)
      const failure = await readFailure(event.response, providerID)
      putFailure(deps, event, failure, false)
      const { mustAsk, lastWord } = await toldOf(deps, event, "status", failure)
      if (mustAsk) event.response = ownFailure(503, `${keyOf(event.model)} cannot go on`)
      else if (lastWord !== undefined) event.response = ownFailure(event.response.status, lastWord)
    },
  }
}

export function takesPart(
  { sessions, failover }: Pick<HttpDeps, "sessions" | "failover">,
  { kind, sessionID }: StepEvent,
): boolean {
  return kind === "primary" && sessions.turn(sessionID) !== undefined && failover.enabled(sessionID)
}

/** Whatever became of the request before this one, OpenCode may have said nothing of it. */
export function forgetBefore(
  { evidence, failover }: Pick<HttpDeps, "evidence" | "failover">,
  { sessionID, model }: StepEvent,
): void {
  evidence.clear(sessionID)
  failover.endProbe({ sessionID, model: keyOf(model) })
}

function sendOurselves(deps: HttpDeps, event: HttpRequestEvent, firstTokenMs: number): void {
  const { providerID } = event.model
  deps.ownRequests.send(event, {
    firstTokenMs,
    onSilence: async () => {
      const silence = silenceFailure(firstTokenMs, providerID)
      if (!(await toldOf(deps, event, "silence", silence)).mustAsk) return undefined
      putFailure(deps, event, silence, false)
      return ownFailure(504, `no answer has begun within ${firstTokenMs / 1_000} s`)
    },
    onAnswer: async (answer) => {
      if (answer.type === "thrown") putFailure(deps, event, await failureOf(answer, providerID), false)
      return answer.response
    },
  })
}

async function refusalOf(deps: HttpDeps, event: StepEvent): Promise<Response | undefined> {
  const reason = await whyUnasked(deps, event)
  if (!reason) return undefined
  const model = keyOf(event.model)
  deps.evidence.put(event.sessionID, model, { saw: "known-down" })
  return notAsked(model, reason, deps.now())
}

/** Why this request is not to be sent; only where somebody else can take the step. */
export async function whyUnasked(
  { sessions, loans, nextMove }: Pick<HttpDeps, "sessions" | "loans" | "nextMove">,
  { sessionID, model }: StepEvent,
): Promise<SkipReason | undefined> {
  const turn = sessions.turn(sessionID)
  if (!turn || loans.isStuck(sessionID)) return undefined
  if (isPutBack(loans, turn, model)) return { why: "tried" }
  return sameModel(keyOf(model), turn.inUse.model) ? (await nextMove.withoutAsking(turn))?.reason : undefined
}

/** A client has put the session back on its own model in the middle of a turn that goes on elsewhere. */
export function isPutBack(
  loans: Pick<Loans, "owed">,
  { sessionID, inUse }: Turn,
  model: ModelReference,
): boolean {
  const loan = loans.owed(sessionID)
  const is = (reference: ModelReference): boolean => sameModel(keyOf(reference), inUse.model)
  return loan !== undefined && is(loan.inUse) && !is(model) && sameModel(keyOf(loan.own), keyOf(model))
}

function putFailure({ evidence }: HttpDeps, event: StepEvent, failure: Failure, began: boolean): void {
  evidence.put(event.sessionID, keyOf(event.model), { saw: "failure", failure, began })
}

/** What OpenCode is told of a failure; without either it gets the failure as it is. */
export type Told = {
  /** It is to ask what to do, which it would not do by itself. */
  readonly mustAsk?: boolean
  /**
   * Nobody is left: besides the message of the step, which the answer to its question changes, it shows and prints the
   * words of the last response (2.0.15).
   */
  readonly lastWord?: string | undefined
}

async function toldOf(
  { sessions, failover, nextMove, faults }: HttpDeps,
  { sessionID, model }: StepEvent,
  what: Parameters<typeof forcesRetry>[0],
  failure: Failure,
): Promise<Told> {
  const told = await faults.guardAsync(async (): Promise<Told | undefined> => {
    const turn = sessions.turn(sessionID)
    if (!turn || !sameModel(turn.inUse.model, keyOf(model))) return undefined
    // A turn in which a tool has run ends well without a word.
    if (what === "empty" && turn.hasRunTool) return undefined
    // A silent model is left or waited for.
    const repeats = what === "silence" ? undefined : Math.max(0, turn.inUse.requests - 1)
    const judgement = await failover.foresee(turn, failure, repeats)
    const lastWord = await nextMove.foreseenRefusal(turn, judgement)
    return lastWord === undefined ? { mustAsk: forcesRetry(what, failure, judgement) } : { lastWord }
  })
  return told ?? {}
}

/** Keeps what has broken in the middle of an answer. */
export function toldOfBroken(
  deps: HttpDeps,
  event: StepEvent,
  broken: StreamFailure,
  shown: Shown,
): Promise<Told> {
  const failure = failureInStream(broken, event.model.providerID)
  putFailure(deps, event, failure, shown !== "nothing")
  return toldOf(deps, event, broken.type, failure)
}

/** The provider has ended its answer. */
export function noteEnd(
  { sessions }: Pick<HttpDeps, "sessions">,
  { sessionID }: StepEvent,
  closing: "turn-ends" | "goes-on",
): void {
  const turn = sessions.turn(sessionID)
  if (closing === "goes-on" && turn) sessions.change(turn, "noteTool", noteTool)
}

function watch(deps: HttpDeps, event: HttpResponseEvent): void {
  // Of a request that we have sent ourselves only the answer knows the address.
  const protocol = protocolAt(event.response.url || event.request.url)
  if (!protocol) return
  event.response = watchAnswer(deps, event, protocol, event.response, {
    beforeEnd: async (closing) => noteEnd(deps, event, closing),
    onFailure: async (broken, shown) => {
      const { mustAsk, lastWord } = await toldOfBroken(deps, event, broken, shown)
      if (mustAsk) return new CutStreamError()
      return lastWord === undefined ? "pass" : new RefusedTurnError(lastWord)
    },
  })
}
