import { field, text } from "../../../core/json-object.ts"
import { type ModelKey, sameModel } from "../../../core/model-ref.ts"
import type { Context, ModelReference, SessionInfo } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import { agentModel, agentsIn } from "../host/unread-agents.ts"
import type { Loans } from "./loans.ts"
import type { Parts } from "./parts.ts"

/** The session's agent. The one that OpenCode takes where nobody has named any it lists first (2.0.15). */
export async function agentOf(
  { agent }: Pick<Context, "agent">,
  session: Pick<SessionInfo, "agent">,
): Promise<string> {
  return session.agent ?? firstAgent(await agent.list().catch(() => undefined))
}

function firstAgent(listed: unknown): string {
  const [first] = agentsIn(listed)
  return text(first, "id") ?? "build"
}

/**
 * Where a session stands, and whose choice that is. OpenCode 2 asks the session's model, without one the default; never
 * the agent's, which its clients name.
 *
 * @returns with `models`, `undefined` when OpenCode has none at all: `current`, which the session's next request goes to,
 *   and the user's `own` choice, which a loan may have put aside
 */
export async function readStanding(
  context: Pick<Context, "session" | "model">,
  loans: Pick<Loans, "of">,
  sessionID: string,
) {
  const session = await context.session.get({ sessionID })
  const current = session.model ?? (await defaultModel(context))
  if (!current) return { session, models: undefined }
  const loan = loans.of(sessionID)
  const isLent = loan !== undefined && sameModel(keyOf(loan.inUse), keyOf(current))
  return { session, models: { current, own: isLent ? loan.own : current } }
}

type Taking = Pick<Parts, "context" | "loans" | "settings" | "categories">

/** The same of a session that is about to be worked on here, once it is put right. */
export async function takeUp(
  deps: Taking,
  sessionID: string,
): Promise<Awaited<ReturnType<typeof readStanding>>> {
  await deps.loans.claim(sessionID, "anybody")
  const { session, models } = await readStanding(deps.context, deps.loans, sessionID)
  const own = models && (await inherit(deps, session, models.current))
  return { session, models: own ? { ...models, own } : models }
}

/**
 * A subagent begins on what its parent was lent: it is as lent, and stays nowhere that nobody has chosen.
 *
 * @returns the parent's own model
 */
async function inherit(
  deps: Taking,
  session: SessionInfo,
  current: ModelReference,
): Promise<ModelReference | undefined> {
  const { loans } = deps
  const loan = loans.of(parentOf(session) ?? "")
  if (!loan || loans.of(session.id) || !sameModel(keyOf(loan.inUse), keyOf(current))) return undefined
  if (await isNamed(deps, session, keyOf(current))) return undefined
  await loans.lend(session.id, loan.own, current, session.time?.idle)
  return loan.own
}

/** Whether the user's settings name this model for what the session is for. */
async function isNamed(
  { context, settings, categories }: Taking,
  session: SessionInfo,
  model: ModelKey,
): Promise<boolean> {
  const agents = await context.agent.list().catch(() => undefined)
  const ofAgent = agentModel(agents, session.agent ?? firstAgent(agents))
  const ofCategory = settings.categories[categories.categoryOf(session.id) ?? ""]?.model
  return [ofCategory, ofAgent && keyOf(ofAgent)].some((one) => one !== undefined && sameModel(one, model))
}

async function defaultModel({ model }: Pick<Context, "model">): Promise<ModelReference | undefined> {
  const { data } = await model.default()
  return data && { id: data.id, providerID: data.providerID }
}

/** OpenCode 2 takes no parent from a plugin (2.0.15): a session that we start for another one bears it here. */
export function parentMetadata(parentID: string): Readonly<Record<string, unknown>> {
  return { understudy: { parentID } }
}

/** The session for which we have started this one. */
export function startedFor({ metadata }: SessionInfo): string | undefined {
  return text(field(metadata, "understudy"), "parentID")
}

/** The session that this one works for, whoever has started it. */
export function parentOf(session: SessionInfo): string | undefined {
  return session.parentID ?? startedFor(session)
}
