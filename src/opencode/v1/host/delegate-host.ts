import type { PluginInput } from "@opencode-ai/plugin"
import { field, text } from "../../../core/json-object.ts"
import { modelRef } from "../../../core/model-ref.ts"
import { type ChildAnswer, childAnswer, type DelegateHost } from "../../../tools/delegate-task.ts"
import { check } from "./check-answer.ts"

/** The adapter of `delegate_task` to a running OpenCode. */
export function createDelegateHost(client: PluginInput["client"]): DelegateHost {
  return {
    createChild: async (parentID, title) => {
      const answer = await client.session.create({ body: { parentID, title } })
      check("create the child session", answer)
      const id = text(answer.data, "id")
      if (id === undefined) throw new Error("OpenCode gave the child session no id.")
      return id
    },
    parentOf: async (sessionID) => {
      const answer = await client.session.get({ path: { id: sessionID } })
      check("read the session", answer)
      return text(answer.data, "parentID")
    },
    promptChild: async (prompt) => {
      const body = {
        agent: prompt.agent,
        ...(prompt.model && { model: modelRef(prompt.model) }),
        ...(prompt.variant !== undefined && { variant: prompt.variant }),
        tools: { ...prompt.tools },
        parts: [{ type: "text" as const, text: prompt.text }],
      }
      const answer = await client.session.prompt({ path: { id: prompt.sessionID }, body })
      check("run the task", answer)
      return readAnswer(answer.data)
    },
    abort: async (sessionID) => {
      check("abort the task", await client.session.abort({ path: { id: sessionID } }))
    },
  }
}

function readAnswer(data: unknown): ChildAnswer {
  const error = field(field(data, "info"), "error")
  if (error !== undefined) {
    const message = text(field(error, "data"), "message") ?? text(error, "name") ?? "unknown error"
    return { type: "failed", message }
  }
  return childAnswer(field(data, "parts"))
}
