import type { PluginInput } from "@opencode-ai/plugin"
import { asArray, field, text } from "../../../core/json-object.ts"
import { type ModelRef, modelRef } from "../../../core/model-ref.ts"
import {
  type ChildAnswer,
  childAnswer,
  type ChildPrompt,
  type DelegateHost,
} from "../../../tools/delegate-task.ts"
import { check } from "./check-answer.ts"
import { readModelRef } from "./read-model-ref.ts"

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
      const model = prompt.model ? modelRef(prompt.model) : await parentModel(client, prompt)
      const body = {
        agent: prompt.agent,
        ...(model && { model }),
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

/**
 * The model on which OpenCode's own subagents run where their agent has none: the one that calls them. To a session that a
 * plugin starts OpenCode would give its default.
 *
 * @returns `undefined` where the agent has a model, which OpenCode takes by itself, and where OpenCode does not answer
 */
async function parentModel(
  { app, session }: PluginInput["client"],
  { sessionID, agent }: Pick<ChildPrompt, "sessionID" | "agent">,
): Promise<ModelRef | undefined> {
  const [agents, child] = await Promise.all([app.agents(), session.get({ path: { id: sessionID } })])
  const parentID = text(child.data, "parentID")
  const own = field(
    asArray(agents.data).find((listed) => text(listed, "name") === agent),
    "model",
  )
  if (own !== undefined || parentID === undefined) return undefined
  const { data } = await session.messages({ path: { id: parentID }, query: { limit: 10 } })
  // Behind it may stand prompts that wait for their turn.
  const infos = asArray(data).map((message) => field(message, "info"))
  const caller = infos.findLast((info) => text(info, "role") === "assistant")
  return readModelRef(caller)
}

function readAnswer(data: unknown): ChildAnswer {
  const error = field(field(data, "info"), "error")
  if (error !== undefined) {
    const message = text(field(error, "data"), "message") ?? text(error, "name") ?? "unknown error"
    return { type: "failed", message }
  }
  return childAnswer(field(data, "parts"))
}
