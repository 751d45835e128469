import type { Settings } from "../config/schema.ts"
import { BoundedMap } from "../core/bounded-map.ts"
import { type ModelKey, modelKey, sameModel } from "../core/model-ref.ts"
import { obstacleOf } from "../core/skip-reason.ts"
import type { Notices } from "../notify/notices.ts"
import type { Sessions } from "../turn/sessions.ts"
import {
  abort,
  announce,
  beginTurn,
  changeAgent,
  continueWith,
  end,
  noteOverwritten,
  startOn,
  acceptReplay,
} from "../turn/transitions.ts"
import { isOfEarlierTurn, isOnOwn, isOverwritten, isUntaken } from "../turn/turn-predicates.ts"
import { type Choice, choiceOn, type Turn } from "../turn/turn.ts"
import type { Attachments, StepMessage, UserMessage } from "../turn/user-message.ts"
import type { Failover } from "./failover.ts"
import { switchReasonFor } from "./next-move.ts"
import type { OwnChoice } from "./own-choice.ts"

export type NewMessage = {
  readonly sessionID: string
  readonly message: StepMessage & Pick<UserMessage, "usesTools">
  readonly attachments: Attachments
  /** Whether the client named the model itself, or OpenCode filled it in. */
  readonly namesModel: boolean
}

type Foreseen = Pick<Turn, "sessionID" | "agent"> & {
  /** The user's own. */
  readonly model: ModelKey
}

type TurnLifecycleDeps = {
  readonly settings: Settings
  readonly failover: Failover
  readonly sessions: Sessions
  readonly ownChoice: OwnChoice
  readonly notices: Notices
  readonly now: () => number
}

export function createTurnLifecycle(deps: TurnLifecycleDeps) {
  const { settings, failover, sessions, ownChoice, notices, now } = deps
  const restore = settings.runtime_fallback.restore_primary
  const keepsOwn = restore === "next_message"
  /** What is told once a model is asked: a client may add a message that nobody is to answer. */
  const untold = new BoundedMap<string, () => void>()

  /** Whose choice the model of a message is that has come in, and opens no turn yet. */
  const ownOf = ({ sessionID, message, namesModel }: Omit<NewMessage, "attachments">): Choice => {
    const named = { model: modelKey(message.model), variant: message.variant }
    const isFirstHere = sessions.turn(sessionID) === undefined
    return ownChoice.of(sessionID, named, isFirstHere || !namesModel)
  }

  /**
   * Who is to take the turn from its start, because the user's own model cannot. Why another one stays in its place, also
   * before OpenCode has named its models, says nothing of the own model now: passed over, it is asked last.
   */
  const successorOfOwn = async (turn: Turn) => {
    const reason = await failover.ownReason(turn)
    const stays = restore === "never" ? ownChoice.standIn(turn) : undefined
    const since = { kind: stays?.reason }
    const entry = stays && failover.chain(turn).entries.find(({ model }) => model === stays.inUse)
    const against = entry && (await failover.reasonAgainst(turn, entry.model))
    if (entry && (!against || against.why === "would-compact" || against.why === "catalog-unknown")) {
      const choice = choiceOn(entry, turn.own)
      return { choice, skipped: [], why: since, start: startOn(choice, {}), isSwitch: false }
    }
    // A primary that is always asked first is asked in spite of what passes with time.
    const sick = reason && !(turn.keepsOwn && obstacleOf(reason) === "cooldown") ? reason : undefined
    if (!sick && !stays) return undefined
    const why = sick ? switchReasonFor(sick) : since
    const decision = await failover.successor(turn, why)
    if (decision.do !== "switch") return undefined
    const choice = choiceOn(decision.to, turn.own)
    const start = startOn(choice, sick ? why : {})
    return { choice, skipped: decision.skipped, why, start, isSwitch: true }
  }

  const standInFor = async (turn: Turn): Promise<Choice | undefined> => {
    const startedAt = now()
    const taken = await successorOfOwn(turn)
    if (!taken) return undefined
    const { choice, skipped, why, isSwitch } = taken
    sessions.change(turn, "startOn", taken.start)
    ownChoice.lend(turn, choice.model, why.kind)
    const change = { to: choice, why, skipped, durationMs: now() - startedAt }
    if (isSwitch) untold.set(turn.sessionID, () => void notices.switched(turn, change))
    return choice
  }

  /** Who is to take the turn because the user said so, until the user chooses a model anew. */
  const givenTo = ({ sessionID, own }: Turn): Choice | undefined => {
    const { handedOver: given } = sessions.get(sessionID)
    return given && sameModel(given.own, own.model) ? choiceOn(given.to, own) : undefined
  }

  const handedOver = (turn: Turn): Choice | undefined => {
    const choice = givenTo(turn)
    if (!choice) {
      sessions.patch(turn.sessionID, { handedOver: undefined })
      return undefined
    }
    sessions.change(turn, "startOn", startOn(choice, {}))
    ownChoice.lend(turn, choice.model, undefined)
    return choice
  }

  /** OpenCode has made a message of a lent one: it is as lent as that one. */
  const inherited = (message: Pick<Turn, "sessionID" | "messageID" | "own">, standIn: ModelKey): Choice => {
    ownChoice.lend(message, standIn, ownChoice.standIn(message)?.reason)
    return message.own
  }

  return {
    ownOf,
    /**
     * A message has come in. Opens a turn for it.
     *
     * @returns the user's own choice, which the message need not name where we had put another there, and who takes
     *   the turn in its place
     */
    begin: async (incoming: NewMessage) => {
      const { sessionID, message, attachments } = incoming
      untold.delete(sessionID)
      const before = sessions.turn(sessionID)
      const own = ownOf(incoming)
      const turn = beginTurn({
        sessionID,
        messageID: message.id,
        agent: message.agent,
        own,
        needs: {
          images: attachments.images || before?.needs.images === true,
          pdf: attachments.pdf || before?.needs.pdf === true,
          tools: message.usesTools,
          contextTokens: 0,
        },
        keepsOwn,
      })
      sessions.open(turn)
      ownChoice.begin(
        turn,
        failover.chain(turn).entries.map((entry) => entry.model),
      )
      const standIn = failover.enabled(sessionID) ? (handedOver(turn) ?? (await standInFor(turn))) : undefined
      return { own, standIn }
    },
    /** The turn as a prompt on this model would begin it now, and why on another; nothing is changed. */
    foresee: async ({ sessionID, agent, model }: Foreseen) => {
      const needs = sessions.turn(sessionID)?.needs
      const turn = beginTurn({
        sessionID,
        messageID: "",
        agent,
        own: { model },
        keepsOwn,
        ...(needs && { needs }),
      })
      if (!failover.enabled(sessionID)) return { turn }
      const given = givenTo(turn)
      const taken = given ? { start: startOn(given, {}), why: {} } : await successorOfOwn(turn)
      return { turn: taken?.start(turn) ?? turn, why: taken?.why }
    },
    /** The user asks for the own model by name. What stands in for a turn alone goes with that turn. */
    leaveStandIn: (session: Pick<Turn, "sessionID" | "own">): void => {
      if (restore === "never") ownChoice.comeBack(session)
    },
    /** OpenCode prepares a request of a step. @returns the own choice, where the message only inherited a stand-in */
    noteStep: (sessionID: string, model: ModelKey, message: StepMessage): Choice | undefined => {
      const turn = sessions.turn(sessionID) ?? openUnseen(sessionID, model, message)
      const isOlder = message.id < turn.messageID
      if (isOlder) return undefined
      untold.get(sessionID)?.()
      untold.delete(sessionID)
      if (isOverwritten(turn, message.id, model)) {
        sessions.change(turn, "noteOverwritten", noteOverwritten)
        return undefined
      }
      if (!sameModel(turn.inUse.model, model)) {
        const own = { model, variant: message.variant }
        sessions.change(turn, "changeAgent", changeAgent(message.id, message.agent, own))
        return undefined
      }
      const isNew = message.id !== turn.messageID
      const current = sessions.change(turn, "continueWith", continueWith(message.id)) ?? turn
      sessions.change(current, "announce", announce(message.agent))
      return isNew && !isOnOwn(turn) ? inherited(current, model) : undefined
    },
    /** OpenCode compacts the session on this model. @returns as `noteStep` */
    noteCompaction: (sessionID: string, model: ModelKey, message: StepMessage): Choice | undefined => {
      const { turn: interrupted, compaction } = sessions.get(sessionID)
      const named = modelKey(message.model)
      const inUse = [interrupted?.inUse.model, compaction?.turn.inUse.model]
      const own = interrupted?.own ?? compaction?.turn.own
      const isStandIn = own !== undefined && !sameModel(named, own.model) && inUse.includes(named)
      if (!compaction || !sameModel(compaction.turn.inUse.model, model)) {
        const agent = interrupted?.agent ?? message.agent
        const turn = unseenTurn(sessionID, model, { ...message, agent })
        const isAutomatic = interrupted?.phase.is === "running"
        sessions.patch(sessionID, { compaction: { turn, isAutomatic, repeating: false } })
      }
      return isStandIn ? inherited({ sessionID, messageID: message.id, own }, named) : undefined
    },
    /** A message of ours has come back: where it is the replay of the current one, that has now begun. */
    acceptReplay: (sessionID: string, messageID: string): void => {
      const turn = sessions.turn(sessionID)
      const isSent = turn?.phase.is === "replaying" && turn.phase.stage === "starting"
      if (isSent && turn.messageID === messageID) sessions.change(turn, "acceptReplay", acceptReplay)
    },
    /**
     * A request was aborted: the user ended the turn, for good.
     *
     * @param answers the user message that the aborted reply belongs to, where it is known
     */
    aborted: (sessionID: string, answers: string | undefined): void => {
      const turn = sessions.turn(sessionID)
      if (turn && !isOfEarlierTurn(turn, answers)) sessions.change(turn, "abort", abort)
    },
    /** @param sparesUntaken whether a turn goes on that nothing was prepared for: it may have a run of its own */
    ended: (sessionID: string, sparesUntaken = false): void => {
      const turn = sessions.turn(sessionID)
      if (!sessions.get(sessionID).compaction?.repeating) sessions.endCompaction(sessionID)
      if (turn && !(sparesUntaken && isUntaken(turn))) sessions.change(turn, "end", end)
    },
  }

  function openUnseen(sessionID: string, model: ModelKey, message: StepMessage): Turn {
    const turn = unseenTurn(sessionID, model, message)
    sessions.open(turn)
    return turn
  }

  /** A turn whose message we have not seen, or whose model was not known then. */
  function unseenTurn(sessionID: string, model: ModelKey, message: StepMessage): Turn {
    return beginTurn({
      sessionID,
      messageID: message.id,
      agent: message.agent,
      own: { model, variant: message.variant },
      keepsOwn,
    })
  }
}
