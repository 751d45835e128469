import { BoundedMap } from "../../../core/bounded-map.ts"
import { sameModel } from "../../../core/model-ref.ts"
import type { NewMessage } from "../../../failover/turn-lifecycle.ts"
import { beginAnew, chooseOwn } from "../../../turn/transitions.ts"
import type { Turn } from "../../../turn/turn.ts"
import type { ModelReference, PromptEvent, StepEvent } from "../host/context.ts"
import { keyOf, referenceTo } from "../host/model-reference.ts"
import { promptAttachments } from "../host/read-attachments.ts"
import type { Parts } from "../lending/parts.ts"
import { agentOf, parentOf, takeUp } from "../lending/session-model.ts"

export type TurnStarts = ReturnType<typeof createTurnStarts>

/** A list of more models that cannot be set up is met by the turn itself. */
const mostTries = 3

/** How far OpenCode has come with a session since the newest prompt that did not join a run. */
type Progress = {
  /** When that prompt came, 0 where none was seen; milliseconds since 1970, like `runAt`. */
  readonly promptAt: number
} & (
  | { readonly is: "awaited" }
  | { readonly is: "running"; readonly runAt: number }
  | { readonly is: "ended" }
)

/** The beginning of turns and steps on OpenCode 2. */
export function createTurnStarts(deps: Parts) {
  const { turns, sessions, loans, now } = deps
  const progress = new BoundedMap<string, Progress>()
  /** What lies ahead was noted before the clock was set back: nothing would ever come after it. */
  const past = (at = 0): number => (at > now() ? 0 : at)
  const promptedAt = (sessionID: string): number => past(progress.get(sessionID)?.promptAt)

  let hasAsked = false

  /** A request of a step is being prepared. */
  const noteStep = ({ sessionID, agent, model }: Omit<StepEvent, "kind">): void => {
    hasAsked = true
    const id = sessions.turn(sessionID)?.messageID ?? ""
    turns.noteStep(sessionID, keyOf(model), stepMessage(id, agent, model))
  }

  /** @param idleAt when OpenCode last came to rest, as it says itself: of that we may not have heard yet */
  const isRunning = (sessionID: string, idleAt: number | undefined): boolean => {
    const known = progress.get(sessionID)
    return known?.is === "running" && past(idleAt) <= known.runAt
  }

  /** @param tries how many stand-ins may turn out to be none */
  const open = async (
    opening: NewMessage,
    current: ModelReference,
    idleAt: number | undefined,
    tries = mostTries,
  ): Promise<void> => {
    const { sessionID } = opening
    const begun = await turns.begin(opening)
    const turn = sessions.turn(sessionID)
    if (!turn) return
    const choice = begun.standIn ?? begun.own
    if (sameModel(choice.model, keyOf(current))) return
    if (sameModel(choice.model, turn.own.model)) return loans.giveBack(sessionID)
    const lentBy = referenceTo(turn.own.model, turn.own.variant)
    const reference = referenceTo(choice.model, choice.variant)
    await loans.lend(sessionID, lentBy, reference, idleAt)
    const failure = await deps.setUp.failureOf(sessionID, reference)
    if (!failure || tries === 0) return
    await deps.failover.judge(turn, failure, undefined)
    return open(opening, reference, idleAt, tries - 1)
  }

  return {
    /** A prompt is about to be admitted: a model that is known to be down is not even asked. */
    begin: async (event: PromptEvent): Promise<void> => {
      const { sessionID, messageID } = event
      const { session, models } = await takeUp(deps, sessionID)
      const parentID = parentOf(session)
      if (parentID !== undefined) sessions.patch(sessionID, { parentID })
      // Until OpenCode has made its first request its default may be another than the user's configuration says.
      if (!session.model && !hasAsked) return
      // A word thrown in while the turn is running joins it.
      if (!models || (sessions.turn(sessionID) && isRunning(sessionID, session.time?.idle))) return
      const { current, own } = models
      progress.set(sessionID, { promptAt: now(), is: "awaited" })
      const agent = await agentOf(deps.context, session)
      const message = { ...stepMessage(messageID, agent, own), usesTools: true }
      const attachments = promptAttachments(event)
      await open({ sessionID, message, attachments, namesModel: true }, current, session.time?.idle)
    },
    noteStep,
    /** The turn that a failed step belongs to. */
    turnOf: (event: Omit<StepEvent, "kind">, own: ModelReference): Turn => {
      const known = sessions.turn(event.sessionID)
      if (known && sameModel(known.inUse.model, keyOf(event.model))) return known
      noteStep(event)
      const turn = sessions.turn(event.sessionID)
      if (!turn) throw new Error(`no turn of ${event.sessionID}`)
      const choice = { model: keyOf(own), variant: own.variant }
      return sessions.change(turn, "chooseOwn", chooseOwn(choice)) ?? turn
    },
    /** OpenCode works on the session from this time on; milliseconds since 1970. */
    started: (sessionID: string, at: number): void => {
      const hasEnded = progress.get(sessionID)?.is === "ended"
      progress.set(sessionID, { promptAt: promptedAt(sessionID), is: "running", runAt: at })
      const turn = sessions.turn(sessionID)
      // A prompt that was to join the last run has come too late for it.
      const standIn = loans.of(sessionID)?.inUse
      const choice = standIn && { model: keyOf(standIn), variant: standIn.variant }
      if (turn && hasEnded) sessions.change(turn, "beginAnew", beginAnew(choice))
    },
    /** Whether OpenCode has not taken up the newest prompt yet. */
    isAwaited: (sessionID: string): boolean => progress.get(sessionID)?.is === "awaited",
    /** OpenCode has come to an end with the session. @returns whether with the newest prompt's turn */
    ended: (sessionID: string, at: number): boolean => {
      const promptAt = promptedAt(sessionID)
      const isNewest = at > promptAt
      if (isNewest) progress.set(sessionID, { promptAt, is: "ended" })
      return isNewest
    },
  }
}

function stepMessage(id: string, agent: string, { providerID, id: modelID, variant }: ModelReference) {
  return { id, model: { providerID, modelID }, agent, variant }
}
