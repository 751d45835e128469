import type { PluginInput } from "@opencode-ai/plugin"
import { createOneAtATime, longestMs } from "../../../async/one-at-a-time.ts"
import { BoundedMap } from "../../../core/bounded-map.ts"
import { asObject, field, isObject } from "../../../core/json-object.ts"
import { modelKey, sameModel } from "../../../core/model-ref.ts"
import type { Host } from "../../../host/host.ts"
import { SessionGoneError } from "../../../host/session-gone.ts"
import { processWide } from "../../../turn/process-wide.ts"
import type { Choice } from "../../../turn/turn.ts"
import type { UserMessage } from "../../../turn/user-message.ts"
import { readUserMessage } from "../host/read-user-message.ts"
import type { GiveBackBounds, MessageID } from "../host/turn-host.ts"
import { keepOthersOut } from "./keep-others-out.ts"
import { dropOldest, type Kept, type KeptMessages, lentOf, standInOf } from "./kept-messages.ts"
import { createMessageRewriter } from "./message-rewriter.ts"
import { nameModel } from "./name-model.ts"
import { createSummaries, longestSummaryMs, noSummaries } from "./pending-summaries.ts"

type Client = PluginInput["client"]

export type LentMessages = ReturnType<typeof createLentMessages>

const mostSessions = 500
/** OpenCode writes its summary of the changed files over the message once in a step, from an older copy. */
const mostOverwritten = 5

/**
 * The turn's own user message is lent to another model by rewriting it in place, and given back as the user wrote
 * it. OpenCode builds a message anew from the arguments of the call and hands it to `chat.message` before it is
 * stored: `restore` puts everything back there but for the model. The call itself names the user's own model, which
 * OpenCode would otherwise write to the session as well, each time.
 */
export function createLentMessages(client: Client, log: Host["log"]) {
  const summaries = createSummaries()
  const rewriter = createMessageRewriter(client, summaries)
  // One rewriting of a session at a time: the newest wish is the last to be stored.
  const { sessions, byTime, inOrder } = processWide("lent@4", () => ({
    sessions: new BoundedMap<string, KeptMessages>(mostSessions),
    /** Which message was the first to be written at this time: a fork copies it under another id. */
    byTime: new BoundedMap<unknown, MessageID>(mostSessions),
    inOrder: createOneAtATime(longestSummaryMs + longestMs),
  }))

  const keptOf = (sessionID: string): KeptMessages => {
    const known: KeptMessages = sessions.get(sessionID) ?? {
      messages: new Map(),
      summaries: { ...noSummaries },
    }
    sessions.set(sessionID, known)
    return known
  }

  /** Not before a summary that is under way has written its older copy: until then the user may undo. */
  const write = async (message: MessageID, kept: Kept, isBarred = async () => false): Promise<boolean> => {
    const pending = keptOf(message.sessionID).summaries
    await summaries.settled(pending)
    if (await isBarred()) return false
    await rewriter.store(message, kept, pending)
    return true
  }

  /** The message is to name this model; when OpenCode refuses it names what it did before. */
  const named = (
    { sessionID, messageID }: MessageID,
    to: Choice,
    send: (kept: Kept) => Promise<unknown>,
  ): Promise<void> =>
    inOrder(sessionID, async () => {
      const session = sessions.get(sessionID)
      if (!session) throw new SessionGoneError("the session is no longer there")
      const kept = session.messages.get(messageID)
      if (!kept) throw new Error("the turn's message is not known")
      const before = kept.wanted
      kept.overwritten = 0
      kept.wanted = sameModel(to.model, kept.own.model) ? kept.own : to
      kept.lentTo = standInOf(kept) ?? kept.lentTo
      try {
        await send(kept)
      } catch (error) {
        kept.wanted = before
        throw error
      }
    })

  const isReverted = async (sessionID: string): Promise<boolean> => {
    const { data } = await client.session.get({ path: { id: sessionID } })
    // A session that OpenCode does not know has nothing left to be given back.
    return data === undefined || field(data, "revert") !== undefined
  }

  const giveBack = (
    sessionID: string,
    bounds?: GiveBackBounds,
    isMeant: (message: Kept) => boolean = () => true,
  ): Promise<boolean> =>
    inOrder(sessionID, async () => {
      // Not sooner: what is lent may be so by a rewriting that waits for the one before it.
      const kept = sessions.get(sessionID)
      const lent = lentOf(kept, bounds?.upTo).filter(([, message]) => isMeant(message))
      if (lent.length === 0) return true
      const isBarred = async (): Promise<boolean> => bounds?.isBusy !== true && (await isReverted(sessionID))
      for (const [messageID, message] of lent) {
        const { wanted } = message
        message.wanted = message.own
        if (await write({ sessionID, messageID }, message, isBarred)) continue
        message.wanted = wanted
        return false
      }
      return lentOf(kept, undefined).length === 0
    })

  /** Keeps a message as the user wrote it but for its model, which is to be `own`; it names `now` at this moment. */
  const keep = (sessionID: string, message: object, own: Choice, now: Choice): Kept | undefined => {
    const read = readUserMessage(message)
    if (!read) return undefined
    const { messages } = keptOf(sessionID)
    const written: Record<string, unknown> = { ...message }
    if (!sameModel(own.model, modelKey(read.model))) nameModel(written, own)
    else written["model"] = { ...read.model, ...asObject(field(message, "model")) }
    messages.delete(read.id)
    const lentTo = standInOf({ own, wanted: now })
    const asIs = { wanted: now, lentTo, stored: now.model, isRewriting: false, overwritten: 0 }
    const kept = { written, own, agent: read.agent, ...asIs }
    messages.set(read.id, kept)
    dropOldest(messages)
    const at = writtenAt(message)
    if (at !== undefined && byTime.get(at) === undefined) byTime.set(at, { sessionID, messageID: read.id })
    return kept
  }

  /** A message that this process has not seen come in, and that is not on the user's own model. */
  const adopt = (sessionID: string, info: object, own: Choice): void => {
    const read = readUserMessage(info)
    const kept = read && keep(sessionID, info, own, { model: modelKey(read.model), variant: read.variant })
    if (!kept) throw new Error("it is of a shape that we do not know")
    const format: unknown = field(info, "format")
    if (format !== undefined) kept.format = format
  }

  /** A fork copies a message that is lent as it is, and in the fork nobody works on its turn. */
  const giveBackCopy = (sessionID: string, read: UserMessage, info: unknown): void => {
    const first = byTime.get(writtenAt(info))
    const kept = first && sessions.get(first.sessionID)?.messages.get(first.messageID)
    if (!kept || !isObject(info) || kept.lentTo === undefined) return
    // By now the message itself may be given back again.
    if (read.agent !== kept.agent || modelKey(read.model) !== kept.lentTo) return
    adopt(sessionID, info, kept.own)
    logged(giveBack(sessionID, { upTo: read.id, isBusy: true }))
  }

  const logged = (giving: Promise<boolean>): void => {
    giving.catch((error: unknown) => log("warn", `the message could not be given back: ${String(error)}`))
  }

  return {
    keep,
    isKept: (sessionID: string, messageID: string): boolean =>
      sessions.get(sessionID)?.messages.has(messageID) === true,
    /** In `chat.message`: whether this is a rewriting of ours; then the message is made what it is to be. */
    restore: (sessionID: string, output: { readonly message: object; parts: unknown[] }): boolean => {
      const { message } = output
      const read = readUserMessage(message)
      const kept = read && sessions.get(sessionID)?.messages.get(read.id)
      if (!kept?.isRewriting) return false
      kept.isRewriting = false
      for (const key of Object.keys(message)) if (!(key in kept.written)) Reflect.deleteProperty(message, key)
      const { format, ...rest } = kept.written
      Object.assign(message, rest, kept.format === undefined && format !== undefined ? { format } : {})
      Reflect.set(message, "model", { ...asObject(rest["model"]) })
      if (!sameModel(kept.wanted.model, kept.own.model)) nameModel(message, kept.wanted)
      keepOthersOut(output)
      return true
    },
    lend: (message: MessageID, to: Choice): Promise<void> =>
      named(message, to, (kept) => write(message, kept)),
    giveBack,
    repair: async (sessionID: string, messageID: string, own: Choice): Promise<void> => {
      const { data } = await client.session.message({ path: { id: sessionID, messageID } })
      const info: unknown = field(data, "info")
      if (typeof info !== "object" || info === null) throw new Error("OpenCode does not give it out")
      adopt(sessionID, info, own)
      await giveBack(sessionID, { upTo: messageID, isBusy: false })
    },
    replay: (message: MessageID, on: Choice): Promise<void> =>
      named(message, on, (kept) => rewriter.run(message, kept)),
    /** OpenCode has stored a user message. */
    onStored: (sessionID: string, info: unknown): void => {
      const read = readUserMessage(info)
      const session = sessions.get(sessionID)
      const kept = read && session?.messages.get(read.id)
      const summary: unknown = field(info, "summary")
      if (read && !kept) giveBackCopy(sessionID, read, info)
      // A compaction has a message of its own, of which there is a summary too.
      if (session && !kept && summary !== undefined) summaries.onStored(session.summaries, false)
      if (!session || !kept) return
      kept.stored = modelKey(read.model)
      if (summary !== undefined) {
        kept.written["summary"] = summary
        summaries.onStored(session.summaries, kept.stored === kept.wanted.model)
      }
      const isOverwritten = kept.stored !== kept.wanted.model && sameModel(kept.wanted.model, kept.own.model)
      if (!isOverwritten || kept.overwritten >= mostOverwritten) return
      kept.overwritten += 1
      // The older state may be what a rewriting waits for, and the message lent anew by the time that this one's turn is.
      const isGivenBack = (message: Kept): boolean => standInOf(message) === undefined
      logged(giveBack(sessionID, { upTo: read.id, isBusy: false }, isGivenBack))
    },
    /** OpenCode sums up nothing: snapshots are switched off. */
    expectNoSummaries: summaries.expectNone,
    /** OpenCode begins to sum up the turn's changes: it will write an older copy of the message over ours. */
    onSummingUp: (sessionID: string): void => {
      const session = sessions.get(sessionID)
      if (session) summaries.onBegin(session.summaries)
    },
    onRemoved: (sessionID: string, messageID: string): void => {
      sessions.get(sessionID)?.messages.delete(messageID)
    },
    forget: (sessionID: string): void => sessions.delete(sessionID),
  }
}

function writtenAt(message: unknown): unknown {
  return field(field(message, "time"), "created")
}
