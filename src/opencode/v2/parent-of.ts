import { field, text } from "../../core/read-field.ts"
import type { SessionInfo } from "./context.ts"

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
