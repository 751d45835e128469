import { describeDuration } from "../../src/core/describe-duration.ts"
import type { AnySession } from "../../test/e2e/harness/any-host.ts"
import type { HostEvent } from "../../test/e2e/harness/event-log.ts"
import { toastIn } from "../../test/e2e/harness/toasts.ts"
import type { RecordedRequest, Simulator } from "../../test/simulator/index.ts"
import type { SimulatedOpenCode } from "../simulated-opencode.ts"
import type { Scene } from "./scene.ts"

export type Tone = "plain" | "bad" | "good" | "notice"

/** One thing that happened, at so many milliseconds after the prompt. */
export type Moment = { readonly atMs: number; readonly text: string; readonly tone: Tone }

export type Played = {
  readonly moments: readonly Moment[]
  /** The user has the whole answer. */
  readonly answered: boolean
}

export type Stage = { readonly simulator: Simulator; readonly opencode: SimulatedOpenCode }

/** Plays the scene until OpenCode answers, or for `patienceMs` at most; then the turn is ended as Esc would. */
export async function playScene(scene: Scene, stage: Stage, patienceMs: number): Promise<Played> {
  const { simulator, opencode } = stage
  const session = await opencode.session()
  simulator.always(scene.primary, scene.failure)
  simulator.always(scene.fallback, scene.answer)
  const startedAt = performance.now()
  await session.promptAsync(scene.prompt, { agent: scene.agent })
  const ended = await settled(session, patienceMs)
  const endedAt = performance.now()
  if (!ended) await session.abort()
  const answer = ended ? await answerOf(session) : ""
  const answered = answer === scene.wanted
  const seen = [
    ...requestMoments(simulator, scene, startedAt),
    ...toastMoments(opencode.events.all, scene),
    ...setbackMoments(session),
    answered ? good(endedAt, `answer: "${answer}"`) : unanswered(session, ended, endedAt),
  ]
  const moments = seen
    .map((moment) => ({ ...moment, atMs: moment.atMs - startedAt }))
    .toSorted((a, b) => a.atMs - b.atMs)
  return { moments, answered }
}

/** @returns whether the turn came to an end by itself in time */
function settled(session: AnySession, patienceMs: number): Promise<boolean> {
  return session.wait(patienceMs).then(
    () => true,
    () => false,
  )
}

async function answerOf(session: AnySession): Promise<string> {
  const history = await session.history()
  return history.flatMap((entry) => (entry.role === "assistant" ? [entry.text] : [])).join("")
}

function requestMoments(simulator: Simulator, scene: Scene, startedAt: number): readonly Moment[] {
  const isOfScene = (request: RecordedRequest): boolean => request.atMs >= startedAt
  const failed = simulator.requests(scene.primary).filter(isOfScene)
  const taken = simulator.requests(scene.fallback).filter(isOfScene)
  const lastFailure = failed.at(-1)?.endedAtMs
  return [
    ...failed.map((request) => bad(request.atMs, `${scene.primary}: ${scene.failureText}`)),
    ...taken.map((request) => good(request.atMs, `${scene.fallback}: 200${afterText(request, lastFailure)}`)),
  ]
}

function afterText(request: RecordedRequest, failedAtMs: number | undefined): string {
  return failedAtMs === undefined ? "" : `, asked ${Math.round(request.atMs - failedAtMs)} ms later`
}

function toastMoments(events: readonly HostEvent[], scene: Scene): readonly Moment[] {
  return events.flatMap((event): readonly Moment[] => {
    const message = toastIn(event)?.message ?? ""
    // Toasts name models as OpenCode shows them, which is here the id.
    return message.startsWith(scene.primary.slice(scene.primary.indexOf("/") + 1))
      ? [{ atMs: event.atMs, text: `toast: ${message}`, tone: "notice" }]
      : []
  })
}

function setbackMoments(session: AnySession): readonly Moment[] {
  return session.setbacks().flatMap((setback): readonly Moment[] => {
    const { atMs } = setback
    if (setback.kind === "error") return [bad(atMs, "error: the turn has failed")]
    return isWait(setback.waitMs)
      ? [bad(atMs, `OpenCode waits: "retrying in ${describeDuration(setback.waitMs)}"`)]
      : []
  })
}

/** OpenCode 2 announces a switch as a retry that is due at once. */
const isWait = (waitMs: number): boolean => waitMs >= 500

function unanswered(session: AnySession, ended: boolean, atMs: number): Moment {
  if (ended) return bad(atMs, "no answer")
  const last = session.setbacks().at(-1)
  if (last?.kind !== "wait") return bad(atMs, "stopped by this demo, no answer so far")
  const left = last.atMs + last.waitMs - atMs
  const next = left > 0 ? `${describeDuration(left)} away` : "due"
  return bad(atMs, `stopped by this demo; the next try was ${next}`)
}

const bad = (atMs: number, text: string): Moment => ({ atMs, text, tone: "bad" })
const good = (atMs: number, text: string): Moment => ({ atMs, text, tone: "good" })
