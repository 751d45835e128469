import type { ToolDefinition } from "@opencode-ai/plugin"
import * as z from "zod/mini"
import type { Settings } from "../config/schema.ts"
import { asArray, field, ownValue, text } from "../core/json-object.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { CategoryRegistry } from "../turn/category-registry.ts"

/** What the tool asks of OpenCode. Each call rejects when OpenCode answers with an error. */
export type DelegateHost = {
  readonly createChild: (parentID: string, title: string) => Promise<string>
  /** @returns `undefined` for a session that no other one has started */
  readonly parentOf: (sessionID: string) => Promise<string | undefined>
  /** Runs a prompt to its end. */
  readonly promptChild: (prompt: ChildPrompt) => Promise<ChildAnswer>
  readonly abort: (sessionID: string) => Promise<void>
}

export type ChildPrompt = {
  readonly sessionID: string
  readonly agent: string
  readonly model: ModelKey | undefined
  readonly variant: string | undefined
  readonly text: string
  readonly tools: Readonly<Record<string, boolean>>
}

export type ChildAnswer =
  | { readonly type: "answered"; readonly text: string }
  | { readonly type: "failed"; readonly message: string }

/** @param parts of the child's last message, as OpenCode gives them; `synthetic` ones no model has written */
export function childAnswer(parts: unknown): ChildAnswer {
  const texts = asArray(parts).filter(
    (part) => text(part, "type") === "text" && field(part, "synthetic") !== true,
  )
  const last = texts.map((part) => text(part, "text")).findLast((said) => said?.trim())
  return last === undefined
    ? { type: "failed", message: "the child session ended without an answer" }
    : { type: "answered", text: last }
}

type DelegateTaskDeps = {
  readonly categories: Settings["categories"]
  readonly registry: CategoryRegistry
  readonly host: DelegateHost
}

export const delegateTaskName = "delegate_task"

/** The subagent that carries out tasks of a category: OpenCode's own general-purpose one. */
const categoryAgent = "general"

/** A child that could delegate again might never end. */
const withheldTools = { [delegateTaskName]: false, task: false, todowrite: false, todoread: false } as const

export type Task = {
  readonly category?: string | undefined
  readonly subagent?: string | undefined
  readonly session_id?: string | undefined
  readonly description: string
  readonly prompt: string
}

/**
 * The tool `delegate_task`: runs a task in a child session, on the model of a category or as a named subagent,
 * and returns the child's answer. Exactly one outcome reaches the parent: the answer or an error.
 */
export function createDelegateTask(deps: DelegateTaskDeps): ToolDefinition {
  const args = {
    category: z.optional(z.string()),
    subagent: z.optional(z.string()),
    session_id: z.optional(z.string()),
    description: z.string(),
    prompt: z.string(),
  }
  const texts = argumentTexts(deps.categories)
  for (const key of argumentNames) z.globalRegistry.add(args[key], { description: texts[key] })
  // OpenCode reads these schemas by Zod's own core, which full Zod and `zod/mini` share.
  return {
    description: delegateTaskText(deps.categories),
    args,
    execute: (task: Task, context: DelegateContext) => delegate(deps, task, context),
  } as unknown as ToolDefinition
}

export const argumentNames = ["category", "subagent", "session_id", "description", "prompt"] as const

/** What the model is told of each argument; all are texts, the last two are always needed. */
export function argumentTexts(
  categories: Settings["categories"],
): Readonly<Record<(typeof argumentNames)[number], string>> {
  const names = Object.keys(categories).join(", ")
  return {
    category: `Category of the task: one of ${names}. Give this or subagent.`,
    subagent: "Name of the subagent that does the task. Give this or category.",
    session_id: "Session id from an earlier result in this session, to continue that child session.",
    description: "The task in three to five words.",
    prompt: "The whole task. The child sees nothing else of this conversation.",
  }
}

type DelegateContext = {
  readonly sessionID: string
  readonly abort: AbortSignal
  readonly metadata: (input: { title?: string; metadata?: Record<string, unknown> }) => void
}

/** Carries a task out; rejects with what the model is to be told when it fails. */
export async function delegate(
  deps: DelegateTaskDeps,
  given: Task,
  context: DelegateContext,
): Promise<string> {
  const task = withoutBlanks(given)
  const plan = planOf(deps, task)
  const sessionID =
    task.session_id === undefined
      ? await deps.host.createChild(context.sessionID, task.description)
      : await descendant(deps.host, context.sessionID, task.session_id)
  if (plan.category === undefined) deps.registry.forget(sessionID)
  else deps.registry.register(sessionID, plan.category)
  context.metadata({ title: task.description, metadata: { sessionId: sessionID } })
  const abort = (): void => {
    // The parent is gone; that the child could not be told changes nothing for it.
    deps.host.abort(sessionID).catch(() => undefined)
  }
  context.abort.addEventListener("abort", abort, { once: true })
  try {
    if (context.abort.aborted) throw new Error("The task was aborted before it began.")
    const answer = await deps.host.promptChild({ ...plan, sessionID, tools: withheldTools })
    if (context.abort.aborted) throw new Error("The task was aborted.")
    if (answer.type === "failed")
      throw new Error(`The task failed: ${answer.message} (session_id: ${sessionID})`)
    return `${answer.text}\n\n<task_metadata>\nsession_id: ${sessionID}\n</task_metadata>`
  } finally {
    deps.registry.forget(sessionID)
    context.abort.removeEventListener("abort", abort)
  }
}

/** Many models fill in what they are to leave out with nothing. */
function withoutBlanks(task: Task): Task {
  const filled = (text: string | undefined): string | undefined => (text?.trim() === "" ? undefined : text)
  const [category, subagent, session_id] = [task.category, task.subagent, task.session_id].map(filled)
  return { ...task, category, subagent, session_id }
}

/** Deeper than any tree of sessions: it ends a search in one that is none. */
const deepest = 20

/** A model may name any session: only those that were started for the one that it speaks in are its own. */
async function descendant(host: DelegateHost, ancestor: string, sessionID: string): Promise<string> {
  let at: string | undefined = sessionID
  for (let depth = 0; at !== undefined && depth < deepest; depth += 1) {
    // A session that OpenCode does not know is nobody's child.
    at = await host.parentOf(at).catch(() => undefined)
    if (at === ancestor) return sessionID
  }
  throw new Error(`${sessionID} is not a child session of this one. Leave session_id out to start a new one.`)
}

type Plan = Omit<ChildPrompt, "sessionID" | "tools"> & { readonly category: string | undefined }

function planOf({ categories }: DelegateTaskDeps, task: Task): Plan {
  const { category, subagent } = task
  if ((category === undefined) === (subagent === undefined))
    throw new Error("Give either category or subagent, not both.")
  if (subagent !== undefined)
    return { category: undefined, agent: subagent, model: undefined, variant: undefined, text: task.prompt }
  const name = category ?? ""
  const found = ownValue(categories, name)
  if (!found) throw new Error(`There is no category "${name}". Known: ${Object.keys(categories).join(", ")}.`)
  const { model, variant, prompt_append: appended } = found
  const prompt = appended === undefined ? task.prompt : `${task.prompt}\n\n${appended}`
  return { category: name, agent: categoryAgent, model, variant, text: prompt }
}

export function delegateTaskText(categories: Settings["categories"]): string {
  const lines = Object.entries(categories).map(
    ([name, category]) => `- ${name}: ${category.description ?? "no description"}`,
  )
  return [
    "Runs a task in a child session of its own and returns its answer together with a session_id, with which",
    "the same child can be asked again. Choose a category, which decides the model, or name a subagent.",
    "",
    "Categories:",
    ...lines,
  ].join("\n")
}
