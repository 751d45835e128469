import type { Settings } from "../config/schema.ts"
import { type ModelKey, modelKey, sameModel } from "../core/model-ref.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { Notices } from "../notify/notices.ts"
import type { Store } from "../store/store.ts"
import type { Sessions } from "../turn/sessions.ts"
import type { Carried, Turn } from "../turn/turn.ts"
import type { Attachments, UserMessage } from "../turn/user-message.ts"
import { type Failover, turnAfterSwitch } from "./failover.ts"

export type TurnKeeper = {
  /**
   * A message has come in. Opens a turn for it.
   *
   * @param namesModel whether the client named the model itself, or OpenCode filled it in
   * @returns the model (and variant) that shall take the turn in place of the user's own, if any
   */
  readonly begin: (
    sessionID: string,
    message: UserMessage,
    attachments: Attachments,
    namesModel: boolean,
  ) => Promise<{ readonly model: ModelKey; readonly variant?: string | undefined } | undefined>
  /** OpenCode prepares a request of a step. */
  readonly noteStep: (sessionID: string, model: ModelKey, message: UserMessage) => void
  /** OpenCode compacts the session on this model. */
  readonly noteCompaction: (sessionID: string, model: ModelKey, message: UserMessage) => void
  /** Whether this message is our own replay of the current one, which has now begun. */
  readonly takeUpReplay: (sessionID: string, messageID: string) => boolean
  /**
   * A request was aborted: the user ended the turn, for good.
   *
   * @param answers the user message that the aborted reply belongs to, where it is known
   */
  readonly aborted: (sessionID: string, answers: string | undefined) => void
  readonly ended: (sessionID: string) => void
}

export type TurnKeeperDeps = {
  readonly settings: Settings
  readonly failover: Failover
  readonly sessions: Sessions
  readonly store: Store
  readonly notices: Notices
  readonly now: () => number
}

export function createTurnKeeper(deps: TurnKeeperDeps): TurnKeeper {
  const { settings, failover, sessions, store, notices, now } = deps
  const restore = settings.runtime_fallback.restore_primary

  /**
   * Whose choice the model of a new message is. OpenCode fills in the last message's model when the client names
   * none, and a TUI that opens an old session takes it from there too: that may be what we put there.
   */
  const ownChoice = (
    sessionID: string,
    message: UserMessage,
    namesModel: boolean,
  ): { readonly own: ModelKey; readonly variant: string | undefined } => {
    const resolved = modelKey(message.model)
    const record = store.session(sessionID)
    const isOurs = record?.inUse !== undefined && sameModel(resolved, record.inUse)
    const isFirstHere = sessions.turn(sessionID) === undefined
    const isInherited = isOurs && (!namesModel || isFirstHere)
    if (record && isInherited) return { own: record.own, variant: record.ownVariant ?? message.variant }
    return { own: resolved, variant: message.variant }
  }

  const begin: TurnKeeper["begin"] = async (sessionID, message, attachments, namesModel) => {
    const { own, variant } = ownChoice(sessionID, message, namesModel)
    const turn: Turn = {
      sessionID,
      messageID: message.id,
      own,
      ownVariant: variant,
      inUse: own,
      carried: carriedOf(message),
      needs: {
        images: attachments.images,
        pdf: attachments.pdf,
        tools: message.tools?.["*"] !== false,
        contextTokens: 0,
      },
      tried: [],
      attempts: 0,
      phase: { is: "running" },
      keepOwn: restore === "next_message",
    }
    sessions.patch(sessionID, { turn })
    remember(turn)
    if (!failover.enabled(sessionID)) return undefined
    const standIn = await standInFor(turn)
    if (standIn) return standIn
    return sameModel(own, modelKey(message.model)) ? undefined : { model: own, variant }
  }

  /** Keeps the session's own choice and chain where the sidebar and the next process find them. */
  const remember = (turn: Turn): void => {
    const { sessionID, own, ownVariant } = turn
    const chain = failover.chain(turn).entries.map((entry) => entry.model)
    const before = store.session(sessionID)
    const same = before && sameModel(before.own, own) ? before : undefined
    if (before && !same) store.forgetSession(sessionID)
    if (chain.length === 0 || (same && same.chain?.join() === chain.join())) return
    const base = same ?? { sessionID, own, ...(ownVariant !== undefined && { ownVariant }) }
    store.saveSession({ ...base, chain, updatedAt: now() })
  }

  /** Who takes the turn from its start, because the user's own model cannot. */
  const standInFor = async (
    turn: Turn,
  ): Promise<{ readonly model: ModelKey; readonly variant?: string | undefined } | undefined> => {
    const record = store.session(turn.sessionID)
    const stays = restore === "never" && record?.inUse !== undefined && sameModel(record.own, turn.own)
    const reason = await failover.ownReason(turn)
    const sick = reason && !(turn.keepOwn && passing.has(reason.why)) ? reason : undefined
    if (!sick && !stays) return undefined
    const kind: FailureKind | undefined = sick && "kind" in sick ? sick.kind : record?.reason
    const startedAt = now()
    const decision = await failover.successor(turn, kind)
    if (decision.do !== "switch") return undefined
    const { model, variant } = decision.to
    sessions.patchTurn(turn, { ...turnAfterSwitch(turn, model, kind), attempts: 0 })
    notices.switched(turn, model, kind, decision.skipped, now() - startedAt)
    return { model, variant: variant ?? turn.carried.variant }
  }

  return {
    begin,
    noteStep: (sessionID, model, message) => {
      const turn = sessions.turn(sessionID)
      const step = { model, state: "announced" } as const
      if (!turn) {
        const unseen = unseenTurn(sessionID, model, message)
        sessions.patch(sessionID, { turn: { ...unseen, step, requests: 1 } })
        return
      }
      // OpenCode took the session up again by itself, after a compaction for instance.
      const phase = turn.phase.is === "ended" ? ({ is: "running" } as const) : turn.phase
      const isNewer = turn.messageID === undefined || message.id >= turn.messageID
      sessions.patchTurn(turn, { ...(isNewer && stepOf(turn, model, message)), step, phase })
    },
    noteCompaction: (sessionID, model, message) => {
      const { turn: interrupted, compaction } = sessions.get(sessionID)
      if (compaction && sameModel(compaction.turn.inUse, model)) return
      const agent = interrupted?.carried.agent ?? message.agent
      const turn = unseenTurn(sessionID, model, { ...message, agent })
      const isAutomatic = interrupted?.phase.is === "running"
      sessions.patch(sessionID, { compaction: { turn, isAutomatic, repeating: false } })
    },
    takeUpReplay: (sessionID, messageID) => {
      const turn = sessions.turn(sessionID)
      if (turn?.messageID !== messageID || turn.phase.is !== "replaying") return false
      if (turn.phase.stage !== "starting") return false
      sessions.patchTurn(turn, { phase: turn.phase.next })
      return true
    },
    aborted: (sessionID, answers) => {
      const turn = sessions.turn(sessionID)
      if (!turn || isOfEarlierTurn(turn, answers)) return
      if (turn.phase.is !== "replaying") sessions.patchTurn(turn, { phase: { is: "aborted" } })
      // Our own abort met a request instead of the wait between two; see `replayTurn`.
      else if (turn.phase.stage === "ending")
        sessions.patchTurn(turn, { phase: { ...turn.phase, cut: true } })
    },
    ended: (sessionID) => {
      const turn = sessions.turn(sessionID)
      if (!sessions.get(sessionID).compaction?.repeating) sessions.endCompaction(sessionID)
      if (!turn || turn.phase.is === "replaying") return
      // What the failure looked like may be large and is of no use any longer.
      const { original: _, ...rest } = turn
      const phase = turn.phase.is === "running" ? ({ is: "ended" } as const) : turn.phase
      sessions.patch(sessionID, { turn: { ...rest, phase } })
    },
  }
}

/** Reasons that pass with time: a primary that is always asked first is asked in spite of them. */
const passing: ReadonlySet<string> = new Set(["cooling-down", "provider-tripped", "being-probed"])

/** What a request says of its turn. */
function stepOf(turn: Turn, model: ModelKey, message: UserMessage): Partial<Turn> {
  const carried = carriedOf(message)
  if (sameModel(turn.inUse, model)) return { carried, requests: (turn.requests ?? 0) + 1 }
  // We name each model that we put in before its first request: this one comes from the agent that OpenCode has
  // gone over to (from `plan` to `build`), and is the user's choice for it.
  return { carried, inUse: model, own: model, ownVariant: message.variant, requests: 1 }
}

/** Late news of a turn that is over. Ids of messages ascend with time. */
export function isOfEarlierTurn(turn: Turn, answers: string | undefined): boolean {
  if (answers === undefined) return turn.step === undefined
  return turn.messageID !== undefined && answers < turn.messageID
}

function carriedOf(message: UserMessage): Carried {
  const { agent, variant, tools, system, format } = message
  return { agent, variant, tools, system, format }
}

/** A turn that was under way before we saw its message. */
function unseenTurn(sessionID: string, model: ModelKey, message: UserMessage): Turn {
  return {
    sessionID,
    messageID: message.id,
    own: model,
    ownVariant: message.variant,
    inUse: model,
    carried: carriedOf(message),
    needs: { images: false, pdf: false, tools: true, contextTokens: 0 },
    tried: [],
    attempts: 0,
    phase: { is: "running" },
    keepOwn: false,
  }
}
