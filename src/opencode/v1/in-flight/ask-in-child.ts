import type { PluginInput } from "@opencode-ai/plugin"
import { asArray, field, text } from "../../../core/json-object.ts"
import type { ChildAnswer } from "../../../tools/delegate-task.ts"
import type { Choice } from "../../../turn/turn.ts"
import { check } from "../host/check-answer.ts"

/** OpenCode's own: they tell a model how to sum up or what a title is, and let it call no tool. */
export const compactionAgent = "compaction"
export const titleAgent = "title"

export type ChildQuestion = {
  /** The session that the answer is for. */
  readonly sessionID: string
  readonly agent: typeof compactionAgent | typeof titleAgent
  readonly on: Choice
  readonly text: string
  readonly signal: AbortSignal | undefined
  /** Called with the child before it is asked. */
  readonly onChild: (sessionID: string) => void
}

/** Has one text answered, without tools, in a child session that is deleted afterwards. */
export type AskInChild = (question: ChildQuestion) => Promise<ChildAnswer>

export function createAskInChild(client: PluginInput["client"]): AskInChild {
  return async ({ sessionID: parentID, agent, on, text: question, signal, onChild }) => {
    // Rarely needed.
    const { createDelegateHost } = await import("../host/delegate-host.ts")
    const children = createDelegateHost(client)
    // With a title of its own no model is asked for one.
    const sessionID = await children.createChild(parentID, agent)
    onChild(sessionID)
    const abort = (): void => {
      // Whoever asked is gone; that the child could not be told changes nothing for it.
      children.abort(sessionID).catch(() => undefined)
    }
    signal?.addEventListener("abort", abort, { once: true })
    try {
      signal?.throwIfAborted()
      const prompt = { ...on, variant: on.variant, sessionID, agent, text: question }
      const last = await children.promptChild({ ...prompt, tools: { "*": false } })
      const answer = await client.session.messages({ path: { id: sessionID } })
      check("read the answer", answer)
      const first = firstAnswer(answer.data)
      return first.trim() === "" ? last : { type: "answered", text: first }
    } catch (error) {
      // Whoever asked has gone, or the session is being deleted, its children first.
      const { data } = await client.session.get({ path: { id: sessionID } })
      if (data !== undefined && signal?.aborted !== true) throw error
      return { type: "failed", message: String(error) }
    } finally {
      signal?.removeEventListener("abort", abort)
      // What is left of it is a child session like those of subagents.
      await client.session.delete({ path: { id: sessionID } }).catch(() => undefined)
    }
  }
}

const ends: ReadonlySet<string | undefined> = new Set(["stop", "length"])

/** An answer that fills the window is followed by a compaction of the child itself, and by more. */
function firstAnswer(messages: unknown): string {
  const answers = asArray(messages).filter((message) => text(field(message, "info"), "role") === "assistant")
  const end = answers.findIndex((message) => ends.has(text(field(message, "info"), "finish")))
  return answers
    .slice(0, end + 1)
    .flatMap((message) => asArray(field(message, "parts")))
    .map((part) => (text(part, "type") === "text" ? text(part, "text") : ""))
    .join("")
}
