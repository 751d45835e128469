import { backAt } from "../core/circuit.ts"
import type { ExhaustedChain, PassReason } from "../core/decide.ts"
import type { FallbackEntry } from "../core/model-ref.ts"
import type { Skipped } from "../core/select.ts"
import { obstacleOf, type SkipReason } from "../core/skip-reason.ts"
import type { Failure, Verdict } from "../core/verdict.ts"
import type { Host } from "../host/host.ts"
import {
  exhaust,
  switchTo,
  type SwitchReason,
  noteUnclassified,
  waitPatiently,
  startOn,
  type Transition,
  waitForModel,
} from "../turn/transitions.ts"
import { isFirstOnOwn, isOnOwn, refusalOf } from "../turn/turn-predicates.ts"
import { choiceOn, type Turn } from "../turn/turn.ts"
import type { Failover, Judgement } from "./failover.ts"
import type { RefusalText } from "./refusal-text.ts"

/** What is to be done about a failure. Whoever carries it out applies `after` once it is done. */
export type NextMove = Move & { readonly verdict: Verdict; readonly after: Transition }

type Move =
  /** OpenCode gets the failure as it is. */
  | { readonly do: "pass"; readonly why: PassReason }
  /** The identical request is sent once more. */
  | { readonly do: "repeat"; readonly afterMs: number }
  /** Another model takes over. */
  | {
      readonly do: "switch"
      readonly to: FallbackEntry
      readonly skipped: readonly Skipped[]
      readonly why: SwitchReason
    }
  /** Nobody is left, but somebody will be back in time: the turn waits and walks its chain again. */
  | { readonly do: "wait"; readonly forMs: number; readonly decision: ExhaustedChain }
  /**
   * Nobody is left. With a `refusal` the turn ends at once with that text; without it OpenCode's own retries
   * go on, on the user's own model, and may find somebody who is well again.
   */
  | { readonly do: "giveUp"; readonly refusal?: string | undefined; readonly decision: ExhaustedChain }

export type GiveUp = Extract<NextMove, { do: "giveUp" }>

/** Another model takes over, whether the one before has failed or was not asked. */
export type SwitchMove = Omit<Extract<NextMove, { do: "switch" }>, "verdict">

type FailedRequest = {
  readonly failure: Failure
  /** How often this very request was repeated; `undefined` when it cannot be repeated. */
  readonly repeats?: number | undefined
  readonly asksAgain?: AsksAgain
}

/**
 * How OpenCode goes on with a failing step by itself. `late`: it waits for longer than it usually would, and nobody
 * can shorten that. `never`: it has asked as often as it does.
 */
type AsksAgain = "soon" | "late" | "never"

/** `reason`: what is known of the model that is left. */
export type Unasked = SwitchMove & { readonly reason: SkipReason }

type NextMoveDeps = {
  readonly failover: Failover
  readonly refusalText: RefusalText
  readonly host: Pick<Host, "log">
  /** The longest wait for a model to come back when nobody is left, milliseconds; `undefined`: no waiting. */
  readonly mostWaitMs: number | undefined
  readonly now: () => number
}

const unchanged: Transition = (turn) => turn

/**
 * The one answer to "what now": from a turn and a failure of its model to the next move. The in-flight way, the
 * reactive way, compaction and `simulate` only carry it out.
 */
export function createNextMove(deps: NextMoveDeps) {
  const { failover, now } = deps

  return {
    afterFailure: async (turn: Turn, failed: FailedRequest): Promise<NextMove> => {
      const { verdict, decision, isUnclassified } = await judge(turn, failed)
      switch (decision.do) {
        case "pass":
          deps.host.log(
            "info",
            `left to OpenCode: ${turn.inUse.model} ${verdict.kind} (${decision.why}; ${verdict.rule})`,
          )
          return { ...decision, verdict, after: afterPass(decision.why, isUnclassified) }
        case "repeat":
          return { ...decision, verdict, after: unchanged }
        case "switch":
          return { ...decision, verdict, why: verdict, after: switching(turn, decision.to, verdict) }
        case "exhausted":
          return exhausted(turn, verdict, decision, failed.asksAgain)
      }
    },
    /**
     * The text that would end the turn with this judgement; `undefined` where something else would become of it, and of
     * a prompt that is too long, which OpenCode may yet make shorter. Nothing is remembered.
     */
    foreseenRefusal: async (
      turn: Turn,
      { verdict, decision }: Judgement,
      asksAgain: AsksAgain,
    ): Promise<string | undefined> => {
      const given = refusalOf(turn)
      if (given !== undefined) return given
      if (decision.do !== "exhausted" || verdict.kind === "context_overflow") return undefined
      const end = await exhausted(turn, verdict, decision, asksAgain)
      return end.do === "giveUp" ? end.refusal : undefined
    },
    /** Who takes over from a model that is known to be down; `undefined` when it is to be asked nevertheless. */
    withoutAsking: async (turn: Turn): Promise<Unasked | undefined> => {
      const asking = { sessionID: turn.sessionID, model: turn.inUse.model }
      // Of a turn that begins with its first request nobody has asked yet whether it is to begin there.
      const begins = isFirstOnOwn(turn)
      const reason = failover.tryProbe(asking) ?? (begins ? failover.limitReason(asking.model) : undefined)
      if (!reason) return undefined
      // A primary that is always asked first is asked in spite of what passes with time.
      if (turn.keepsOwn && isOnOwn(turn) && obstacleOf(reason) === "cooldown") return undefined
      const why = switchReasonFor(reason)
      const decision = await failover.successor(turn, why)
      // With nobody left each prompt asks the own model once: a person who prompts again may have paid or changed the
      // key, and must not be locked out until the cooldown is over. What it says then ends the turn.
      if (decision.do !== "switch") return undefined
      if (reason.why === "near-limit") failover.endProbe(asking)
      const { to } = decision
      const after = begins ? startOn(choiceOn(to, turn.own), why) : switching(turn, to, why)
      return { ...decision, why, after, reason }
    },
  }

  /**
   * An error that nobody can read is OpenCode's. If it comes a second time from the same model, OpenCode has
   * found it worth asking again, and that the model is away is all that matters.
   */
  async function judge(
    turn: Turn,
    { failure, repeats }: FailedRequest,
  ): Promise<Judgement & { readonly isUnclassified: boolean }> {
    const first = await failover.judge(turn, failure, repeats)
    const isUnclassified = first.verdict.kind === "unknown" && first.decision.do === "pass"
    if (!isUnclassified || !turn.inUse.isUnclassified) return { ...first, isUnclassified }
    return { ...(await failover.judge(turn, { status: 503 }, undefined)), isUnclassified }
  }

  function afterPass(why: PassReason, isUnclassified: boolean): Transition {
    if (why === "patience") return waitPatiently(now())
    return isUnclassified ? noteUnclassified : unchanged
  }

  async function exhausted(
    turn: Turn,
    verdict: Verdict,
    decision: ExhaustedChain,
    asksAgain: AsksAgain = "soon",
  ): Promise<NextMove> {
    const forMs = waitFor(decision, asksAgain)
    if (forMs !== undefined) return { do: "wait", forMs, decision, verdict, after: waitForModel(verdict) }
    // A dead key without a chain ends the turn by itself, and nobody says it better than the provider.
    const isOurs = decision.why !== "no-chain" || verdict.retryAt !== undefined
    const endsNow = isOurs && (asksAgain !== "soon" || !decision.mayRecover)
    const refusal = endsNow ? await deps.refusalText(turn, verdict, decision) : undefined
    return { do: "giveUp", decision, verdict, after: exhaust(refusal, verdict), refusal }
  }

  /** Whoever is back already is met by OpenCode's own retries, unless these wait as well. */
  function waitFor({ soonest }: ExhaustedChain, asksAgain: AsksAgain): number | undefined {
    if (deps.mostWaitMs === undefined || !soonest || asksAgain === "never") return undefined
    const wait = Math.max(0, soonest.until - now())
    return wait <= deps.mostWaitMs && (wait > 0 || asksAgain === "late") ? wait : undefined
  }
}

/** Why a model is left that was not asked: what is known of its health. */
export function switchReasonFor(reason: SkipReason): SwitchReason {
  if (reason.why === "near-limit") return { limit: reason.limit, retryAt: reason.until }
  if (!("kind" in reason)) return { obstacle: reason }
  return { kind: reason.kind, ...("until" in reason && { retryAt: backAt(reason) }) }
}

function switching({ own }: Turn, to: FallbackEntry, why: SwitchReason): Transition {
  return switchTo(choiceOn(to, own), why)
}
