import { field, text } from "../../../core/json-object.ts"
import { sameModel } from "../../../core/model-ref.ts"
import type { Context, ModelReference, SessionInfo } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"
import type { Loans } from "./loans.ts"

/**
 * Where a session stands, and whose choice that is. OpenCode 2 asks the session's model, without one the default; never
 * the agent's, which its clients name.
 *
 * @returns with `models`, `undefined` when OpenCode has none at all: `current`, which the session's next request goes to,
 *   and the user's `own` choice, which a loan may have put aside
 */
export async function readStanding(
  context: Pick<Context, "session" | "model">,
  loans: Pick<Loans, "of" | "claim">,
  sessionID: string,
) {
  await loans.claim(sessionID)
  const session = await context.session.get({ sessionID })
  const current = session.model ?? (await defaultModel(context))
  if (!current) return { session, models: undefined }
  // A subagent begins on what its parent stands on, which may be ours.
  const loan = [sessionID, parentOf(session) ?? sessionID]
    .map((id) => loans.of(id))
    .find((one) => one !== undefined && sameModel(keyOf(one.inUse), keyOf(current)))
  return { session, models: { current, own: loan?.own ?? current } }
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
