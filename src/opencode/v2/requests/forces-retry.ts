import { concernsOnlyThisRequest, type Failure } from "../../../core/verdict.ts"
import type { Judgement } from "../../../failover/failover.ts"
import type { StreamFailure } from "../../../transport/stream-failure.ts"

/** Failures of a model in these words, mostly limits of a rate or a plan, OpenCode takes for a prompt that is too long (2.0.15). */
const readsAsOverflow = /too many tokens|token limit exceeded|exceeds the limit of \d/i

/**
 * Whether a failure is to be changed into one that OpenCode asks about (2.0.15). Not by itself does it ask about silence,
 * for which it has no limit; about an answer that is empty, blocked, or breaks off in a package of the AI SDK, which ends
 * the turn; and about what it takes for a prompt that is too long, over which it compacts the session.
 *
 * @param what `status`: the provider has answered with an error status; else what broke in its stream
 * @param judgement what would become of the failure if OpenCode asked
 */
export function forcesRetry(
  what: "status" | StreamFailure["type"],
  { message = "", body = "" }: Failure,
  { verdict, decision }: Judgement,
): boolean {
  const goesOn = decision.do === "switch" || decision.do === "repeat"
  const isAnswered = goesOn || (decision.do === "exhausted" && decision.why !== "no-chain")
  switch (what) {
    // Without a list waiting on is all that is left; with one, somebody may be well again when it is asked anew.
    case "silence":
    case "empty":
      return isAnswered
    case "status":
    case "frame":
      if (verdict.kind === "context_overflow") return goesOn
      if (concernsOnlyThisRequest.has(verdict.kind)) return false
      return isAnswered && (readsAsOverflow.test(message) || readsAsOverflow.test(body))
    case "cut":
    case "filtered":
      return goesOn
    case "thrown":
      return false
  }
}
