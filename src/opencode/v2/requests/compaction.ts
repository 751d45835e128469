import { BoundedMap } from "../../../core/bounded-map.ts"
import { failureFromError } from "../../../core/classify/failure-from.ts"
import type { ModelKey } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { NextMove, Unasked } from "../../../failover/next-move.ts"
import { failureInStream, failureOf, silenceFailure } from "../../../failover/read-failure.ts"
import type { Timeouts } from "../../../failover/timeouts.ts"
import { CutStreamError } from "../../../transport/stream-failure.ts"
import { textCompletion } from "../../../transport/wire/wire-protocol.ts"
import type { WireProtocol } from "../../../transport/wire/wire-types.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { CompactionEvent, HttpRequestEvent, ModelReference } from "../host/context.ts"
import { keyOf, referenceTo, withKnownVariant } from "../host/model-reference.ts"
import type { Parts } from "../lending/parts.ts"
import { type Answer, ownFailure, type OwnRequests } from "./own-requests.ts"
import { summaryPrompt } from "./summary-prompt.ts"
import { turnOutside } from "./turn-outside.ts"
import { protocolAt, watchAnswer } from "./watch-answer.ts"

type CompactionDeps = Parts & {
  readonly ownRequests: OwnRequests
  readonly timeouts: Timeouts
}

export type Compactions = ReturnType<typeof createCompactions>

const mostSessions = 100
/** One that OpenCode does not ask about again (2.0.15). */
const finalStatus = 400

/**
 * A compaction asks one model, whatever the session is switched to meanwhile, and when it fails the turn fails with
 * it. So the summary is fetched from the next model of the chain and handed over in the failed one's place.
 */
export function createCompactions(deps: CompactionDeps) {
  const { context, host, failover, nextMove, sessions, notices, now } = deps
  const underWay = new BoundedMap<string, UnderWay>(mostSessions)
  const change = (sessionID: string, part: Partial<UnderWay>): void => {
    const compaction = underWay.get(sessionID)
    if (compaction) underWay.set(sessionID, { ...compaction, ...part })
  }

  const turnOf = (event: CompactionEvent | HttpRequestEvent): Turn =>
    underWay.get(event.sessionID)?.left ?? turnOutside(event, sessions.turn(event.sessionID)?.messageID)

  /** The summary of the first model of the chain that gives one. */
  const summary = async (start: Turn, decided: NextMove | Unasked | undefined): Promise<Summary> => {
    const prompt = underWay.get(start.sessionID)?.prompt
    if (prompt === undefined) return {}
    let turn = start
    let step = decided
    while (step?.do === "switch") {
      const startedAt = now()
      const { to } = step
      const before = turn
      turn = step.after(turn) ?? turn
      const model = withKnownVariant(referenceTo(to.model, to.variant), await host.catalog())
      const answer = await ask(model, prompt)
      // Esc: OpenCode gives us no means to end that request, but there is none after it.
      if (underWay.get(turn.sessionID)?.prompt !== prompt) {
        failover.endProbe({ sessionID: turn.sessionID, model: to.model })
        return {}
      }
      if (answer.text !== undefined) {
        failover.succeeded({ sessionID: turn.sessionID, model: to.model }, startedAt)
        void notices.switched(before, { ...step, durationMs: now() - startedAt })
        return answer
      }
      const failure = failureFromError(answer.error)
      step = await nextMove.afterFailure(turn, { failure })
    }
    if (step?.do !== "giveUp") return {}
    // Otherwise OpenCode asks again, and the next request may find somebody.
    if (step.refusal !== undefined) void notices.exhausted(turn, step)
    return { refusal: step.refusal }
  }

  const ask = async (model: ModelReference, prompt: string): Promise<Asked> => {
    try {
      const { text } = await context.generate.text({ model, prompt })
      return text.trim() === "" ? { error: new CutStreamError() } : { text }
    } catch (error) {
      return { error }
    }
  }

  /** What OpenCode gets in the place of this failure; `undefined`: the failure. */
  const takeOver = async (
    event: HttpRequestEvent,
    protocol: WireProtocol,
    failure: Failure,
  ): Promise<Response | undefined> => {
    const found = await deps.faults.guardAsync(async (): Promise<Summary> => {
      const turn = turnOf(event)
      const next = await nextMove.afterFailure(turn, { failure })
      if (next.do === "pass") change(event.sessionID, { left: next.after(turn) })
      const isNative = next.do === "switch" && (await underWay.get(event.sessionID)?.isNative)
      return isNative ? { refusal: tooLong(turn.inUse.model) } : summary(turn, next)
    })
    if (found?.text !== undefined) return textCompletion(protocol, event.model.id, found.text)
    return found?.refusal === undefined ? undefined : ownFailure(finalStatus, found.refusal)
  }

  /** An answer that breaks: half a summary cannot be taken back, so that OpenCode is made to ask once more. */
  const watch = (event: HttpRequestEvent, protocol: WireProtocol, response: Response): Response => {
    return watchAnswer(deps, event, protocol, response, {
      onFailure: async (broken) => {
        const instead = await takeOver(event, protocol, failureInStream(broken))
        if (!instead || !underWay.get(event.sessionID)) return "pass"
        change(event.sessionID, { instead })
        return new CutStreamError()
      },
    })
  }

  const settle = async (
    event: HttpRequestEvent,
    protocol: WireProtocol,
    answer: Answer,
  ): Promise<Response> => {
    if (answer.response.ok) return watch(event, protocol, answer.response)
    const failure = await failureOf(answer)
    return (await takeOver(event, protocol, failure)) ?? answer.response
  }

  return {
    /** Whether OpenCode compacts this session right now: then a retry is one of the compaction. */
    isUnderWay: (sessionID: string): boolean => underWay.get(sessionID) !== undefined,
    /** Whether its next request is answered at once: the answer to the last one broke, and somebody has taken over. */
    isTakenOver: (sessionID: string): boolean => underWay.get(sessionID)?.instead !== undefined,
    ended: (sessionID: string): void => underWay.delete(sessionID),
    /** OpenCode is about to compact a session: where the model is known to be down, another gives the summary. */
    onCompaction: async (event: CompactionEvent): Promise<void> => {
      // It may be the first thing that OpenCode does with its models.
      host.isUp()
      underWay.set(event.sessionID, { prompt: summaryPrompt(event.messages) })
      if (!failover.enabled(event.sessionID)) return
      const turn = turnOf(event)
      const { text } = await summary(turn, await nextMove.withoutAsking(turn))
      if (text !== undefined) event.result = { summary: text }
    },
    /** The request for a summary, whose model OpenCode does not change any more. */
    onRequest: (event: HttpRequestEvent): void => {
      const protocol = protocolAt(event.request.url)
      if (!protocol || !failover.enabled(event.sessionID)) return
      const compaction = underWay.get(event.sessionID)
      if (compaction?.instead) {
        change(event.sessionID, { instead: undefined })
        return deps.ownRequests.answer(event, compaction.instead)
      }
      change(event.sessionID, { isNative: asksForCheckpoint(event.request) })
      const { firstTokenMs } = deps.timeouts(keyOf(event.model))
      deps.ownRequests.send(event, {
        firstTokenMs,
        onSilence: () => takeOver(event, protocol, silenceFailure(firstTokenMs)),
        onAnswer: (answer) => settle(event, protocol, answer),
      })
    },
  }
}

type UnderWay = {
  readonly prompt: string
  /** Answers its next request. */
  readonly instead?: Response | undefined
  readonly isNative?: Promise<boolean>
  /** As it was when its last failure was left to OpenCode. */
  readonly left?: Turn | undefined
}

/** Whether the provider is to compact the session itself, in a form that nobody else can write. */
async function asksForCheckpoint(request: Request): Promise<boolean> {
  return (await request.clone().text()).includes('"compaction_trigger"')
}

/** Over such an error a native compaction that OpenCode began by itself begins anew as a summary (2.0.15). */
function tooLong(model: ModelKey): string {
  return `${model} cannot compact this session now, and another model will the next time (context_length_exceeded)`
}

type Asked = { readonly text: string } | { readonly text?: undefined; readonly error: unknown }

type Summary =
  | { readonly text: string }
  /** `refusal` where nobody who could write it will be well soon. */
  | { readonly text?: undefined; readonly refusal?: string | undefined }
