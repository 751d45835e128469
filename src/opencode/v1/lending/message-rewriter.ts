import type { PluginInput } from "@opencode-ai/plugin"
import { modelRef } from "../../../core/model-ref.ts"
import { check } from "../host/check-answer.ts"
import type { MessageID } from "../host/turn-host.ts"
import { placeholder } from "./keep-others-out.ts"
import type { Kept } from "./kept-messages.ts"
import type { PendingSummaries, Summaries } from "./pending-summaries.ts"

/**
 * Has OpenCode build a message anew under its own id. While the call is under way `chat.message` takes what comes in
 * under that id for this rewriting, and makes it what the message is to be. Each call rejects when OpenCode refuses.
 */
export function createMessageRewriter(
  { session }: Pick<PluginInput["client"], "session">,
  summaries: Summaries,
) {
  const body = (messageID: string, { agent, format, own }: Kept) => ({
    messageID,
    agent,
    model: modelRef(own.model),
    ...(own.variant !== undefined && { variant: own.variant }),
    ...(format !== undefined && { format }),
    parts: [placeholder],
  })

  /** What OpenCode has refused does not come in any more: the next one under that id is somebody else's. */
  const rewrite = async (
    kept: Kept,
    what: string,
    call: () => Promise<{ readonly error?: unknown }>,
  ): Promise<void> => {
    kept.isRewriting = true
    try {
      check(what, await call())
    } catch (error) {
      kept.isRewriting = false
      throw error
    }
  }

  return {
    /** Stores it, and runs nothing. */
    store: async (
      { sessionID, messageID }: MessageID,
      kept: Kept,
      pending: PendingSummaries,
    ): Promise<void> => {
      const { wanted } = kept
      const call = { path: { id: sessionID }, body: { ...body(messageID, kept), noReply: true } }
      const bearsSummary = kept.written["summary"] !== undefined
      if (bearsSummary) summaries.onRewriting(pending)
      try {
        await rewrite(kept, "rewrite the turn's message", () => session.prompt(call))
      } catch (error) {
        if (bearsSummary) summaries.onRefused(pending)
        throw error
      }
      kept.stored = wanted.model
    },
    /** Runs it again, without waiting for the answer. */
    run: async ({ sessionID, messageID }: MessageID, kept: Kept): Promise<void> => {
      // The stored parts stay with the message: sending them again would double the text of attached files.
      const call = { path: { id: sessionID }, body: body(messageID, kept) }
      await rewrite(kept, "replay the message", () => session.promptAsync(call))
      kept.stored = kept.wanted.model
    },
  }
}
