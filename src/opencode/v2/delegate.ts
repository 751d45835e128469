import type { Settings } from "../../config/schema.ts"
import { asArray, field, text } from "../../core/json-object.ts"
import type { Host } from "../../host/host.ts"
import {
  argumentNames,
  argumentTexts,
  type ChildAnswer,
  childAnswer,
  delegate,
  type DelegateHost,
  delegateTaskName,
  delegateTaskText,
  type Task,
} from "../../tools/delegate-task.ts"
import type { CategoryRegistry } from "../../turn/category-registry.ts"
import type { Context, ModelReference } from "./host/context.ts"
import { referenceTo, withKnownVariant } from "./host/model-reference.ts"
import { agentModel } from "./host/unread-agents.ts"
import { parentMetadata, parentOf, startedFor } from "./lending/session-model.ts"

/** The tool `delegate_task`; there is none where no category is configured. */
export async function addDelegateTask(
  { tool, ...context }: Pick<Context, "agent" | "session" | "location" | "tool"> & Pick<Host, "catalog">,
  categories: Settings["categories"],
  registry: CategoryRegistry,
): Promise<void> {
  if (Object.keys(categories).length === 0) return
  const host = delegateHost(context)
  await tool.transform((tools) =>
    tools.add({
      name: delegateTaskName,
      description: delegateTaskText(categories),
      options: { codemode: false },
      input: inputSchema(categories),
      execute: async (input, { sessionID, signal }) => {
        // A child that could delegate again might never end.
        const isChild = startedFor(await context.session.get({ sessionID })) !== undefined
        if (isChild) throw new Error("A delegated task cannot delegate.")
        const place = { sessionID, abort: signal, metadata: () => undefined }
        const answer = await delegate({ categories, registry, host }, readTask(input), place)
        return { content: [{ type: "text", text: answer }] }
      },
    }),
  )
}

function inputSchema(categories: Settings["categories"]): unknown {
  const texts = argumentTexts(categories)
  const properties = argumentNames.map((name) => [name, { type: "string", description: texts[name] }])
  return {
    type: "object",
    properties: Object.fromEntries(properties),
    required: ["description", "prompt"],
    additionalProperties: false,
  }
}

function readTask(input: unknown): Task {
  return {
    category: text(input, "category"),
    subagent: text(input, "subagent"),
    session_id: text(input, "session_id"),
    description: text(input, "description") ?? "",
    prompt: text(input, "prompt") ?? "",
  }
}

function delegateHost({
  agent: agents,
  session,
  location,
  catalog,
}: Pick<Context, "agent" | "session" | "location"> & Pick<Host, "catalog">): DelegateHost {
  return {
    createChild: async (parentID, title) => {
      const { directory } = location
      const metadata = parentMetadata(parentID)
      const { id } = await session.create({ title, location: { directory }, metadata })
      return id
    },
    parentOf: async (sessionID) => parentOf(await session.get({ sessionID })),
    promptChild: async ({ sessionID, agent, model, variant, text: prompt }) => {
      await session.switchAgent({ sessionID, agent })
      const wanted =
        model === undefined
          ? (agentModel(await agents.list(), agent) ?? (await callersModel(session, sessionID)))
          : withKnownVariant(referenceTo(model, variant), await catalog())
      if (wanted) await session.switchModel({ sessionID, model: wanted })
      await session.prompt({ sessionID, text: prompt })
      await session.wait({ sessionID })
      return lastAnswer(await session.context({ sessionID }))
    },
    abort: async (sessionID) => {
      await session.interrupt({ sessionID })
    },
  }
}

/** On which OpenCode's own subagents run; to a session that a plugin starts it names no model. */
async function callersModel(
  session: Pick<Context["session"], "get">,
  childID: string,
): Promise<ModelReference | undefined> {
  const caller = parentOf(await session.get({ sessionID: childID }))
  return caller === undefined ? undefined : (await session.get({ sessionID: caller })).model
}

function lastAnswer(messages: unknown): ChildAnswer {
  const answer = asArray(messages).findLast((message) => text(message, "type") === "assistant")
  const error = text(field(answer, "error"), "message")
  if (error !== undefined) return { type: "failed", message: error }
  return childAnswer(field(answer, "content"))
}
