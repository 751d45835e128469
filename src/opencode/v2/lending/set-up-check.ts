import { withinTime } from "../../../async/within-time.ts"
import type { ModelKey } from "../../../core/model-ref.ts"
import type { Failure } from "../../../core/verdict.ts"
import type { Host } from "../../../host/host.ts"
import type { Context, ModelReference, StepEvent } from "../host/context.ts"
import { keyOf } from "../host/model-reference.ts"

export type SetUpCheck = ReturnType<typeof createSetUpCheck>

type SetUpCheckDeps = {
  readonly context: { readonly session: Pick<Context["session"], "generate"> }
  readonly host: Pick<Host, "log">
  /**
   * Sessions that are asked about, of the whole process: where a project is loaded anew in the middle of a turn, the new
   * instance sees the request of the old one.
   */
  readonly asking: Set<string>
  /** A package may have to be installed; its step would wait for it as well. Milliseconds, default 5,000. */
  readonly longestMs?: number
}

/** An address may hold a password. */
export function describeUnset(model: ModelKey, said: string): string {
  return `OpenCode cannot ask ${model}: ${said.replaceAll(/\bhttps?:\S+/g, "…")}`
}

const cannotBeSetUp = /Cannot initialize |Unsupported package for /

/**
 * Whether OpenCode can set up the model that a session was just switched to. Where it cannot (a setting of the provider
 * is missing, its package cannot be had), it would end the turn without asking anybody (2.0.15).
 */
export function createSetUpCheck({ context, host, asking, longestMs = 5_000 }: SetUpCheckDeps) {
  /** What is missing is mostly missing for all of a provider's models. */
  const known = new Set<string>()

  const complaint = async (sessionID: string): Promise<string | undefined> => {
    try {
      await context.session.generate({ sessionID, prompt: "-" })
      return undefined
    } catch (error) {
      return cannotBeSetUp.test(String(error)) ? String(error) : undefined
    }
  }

  return {
    /** @returns the failure of one that cannot be set up; no provider is asked */
    failureOf: async (sessionID: string, reference: ModelReference): Promise<Failure | undefined> => {
      const { providerID } = reference
      if (known.has(providerID)) return undefined
      asking.add(sessionID)
      const answer = complaint(sessionID).finally(() => asking.delete(sessionID))
      const said = await withinTime(answer, longestMs)
      if (said === undefined) return undefined
      host.log("warn", describeUnset(keyOf(reference), said))
      return { status: 404 }
    },
    /** OpenCode has set up a model and prepares a request. @returns whether that was all that we wanted to know */
    seen: ({ sessionID, kind, model }: StepEvent): boolean => {
      known.add(model.providerID)
      return kind === "generate" && asking.has(sessionID)
    },
  }
}
