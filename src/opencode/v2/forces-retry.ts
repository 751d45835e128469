import type { Judgement } from "../../failover/failover.ts"
import type { StreamFailure } from "../../transport/stream-failure.ts"

/**
 * Whether a failure is to be changed into one that OpenCode asks about. It asks about nearly all; not about silence,
 * for which it has no limit, about an answer in which nothing stands, which ends the turn, and about a prompt that
 * is too long, over which it compacts the session (2.0.15).
 *
 * @param what `status`: the provider has answered with an error status; else what broke in its stream
 * @param judgement what would become of the failure if OpenCode asked
 */
export function forcesRetry(what: "status" | StreamFailure["type"], judgement: Judgement): boolean {
  const { verdict, decision } = judgement
  switch (what) {
    case "silence":
      // Where nobody can take over, waiting on is all that is left.
      return decision.do === "switch"
    case "empty":
      return decision.do === "exhausted" ? decision.why !== "no-chain" : decision.do !== "pass"
    case "status":
    case "frame":
      return verdict.kind === "context_overflow" && (decision.do === "switch" || decision.do === "repeat")
    case "cut":
    case "thrown":
      return false
  }
}
