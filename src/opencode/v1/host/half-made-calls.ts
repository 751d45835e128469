import type { PluginInput } from "@opencode-ai/plugin"
import { field, text } from "../../../core/json-object.ts"
import { type ModelKey, modelKey, sameModel } from "../../../core/model-ref.ts"
import { check } from "./check-answer.ts"
import { readModelRef } from "./read-model-ref.ts"

/** What OpenCode writes on a tool call that was not whole when its step ended (1.18.33). */
export const abortedTool = "Tool execution aborted"

/** A tool call whose input broke off. */
export type HalfMadeCall = {
  readonly sessionID: string
  readonly messageID: string
  readonly partID: string
}

export type HalfMadeCalls = ReturnType<typeof createHalfMadeCalls>

type Client = Pick<PluginInput["client"], "session">

export function createHalfMadeCalls(client: Client) {
  return {
    /**
     * Takes the call out of the timeline, if it stands in a step that we have ended.
     *
     * @param left the models that this turn has left
     */
    remove: async (
      { sessionID, messageID, partID }: HalfMadeCall,
      left: readonly ModelKey[],
    ): Promise<void> => {
      if (left.length === 0) return
      const { data } = await client.session.message({ path: { id: sessionID, messageID } })
      if (!isEndedByUs(field(data, "info"), left)) return
      // Version 1's own SDK has no method for it (1.18.33).
      const http = field(client, "_client")
      const remove = field(http, "delete")
      if (typeof remove !== "function") return
      const url = "/session/{sessionID}/message/{messageID}/part/{partID}"
      const answer: unknown = await Reflect.apply(remove, http, [
        { url, path: { sessionID, messageID, partID } },
      ])
      check("remove a half-made tool call", { error: field(answer, "error") })
    },
  }
}

/** What the user has stopped carries an error; what we have ended looks like an answer. */
function isEndedByUs(info: unknown, left: readonly ModelKey[]): boolean {
  const model = readModelRef(info)
  return model !== undefined && hasGoodEnd(info) && left.some((one) => sameModel(one, modelKey(model)))
}

/** Whether a message with a half-made call has an end of our making. */
export function hasGoodEnd(info: unknown): boolean {
  const finish = text(info, "finish")
  return (finish === "tool-calls" || finish === "unknown") && field(info, "error") === undefined
}
