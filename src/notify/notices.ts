import { circuitState } from "../core/circuit.ts"
import { explainKind } from "../core/classify/explain-kind.ts"
import type { Decision } from "../core/decide.ts"
import { describeDuration } from "../core/describe-duration.ts"
import { describeSkipped } from "../core/describe-skip.ts"
import { type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import type { Skipped } from "../core/select.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { Host, ToastVariant } from "../host/host.ts"
import type { JournalEntry, Store } from "../store/store.ts"
import type { Turn } from "../turn/turn.ts"
import type { Incidents } from "./incidents.ts"

/** What people are told, and what the journal keeps. Facts always come in the same order: who, why, what now, until when. */
export type Notices = {
  /** The turn has left `turn.inUse` for `to`. */
  readonly switched: (
    turn: Turn,
    to: ModelKey,
    kind: FailureKind | undefined,
    skipped: readonly Skipped[],
    durationMs: number,
  ) => void
  /** The user's own model has answered; says so only if another had been in its place. */
  readonly returned: (turn: Turn) => void
  /** @returns what people are told: each model with its reason, and who is back first */
  readonly exhausted: (
    turn: Turn,
    kind: FailureKind,
    decision: Extract<Decision, { do: "exhausted" }>,
    waitMs: number | undefined,
  ) => string
}

export type NoticesDeps = {
  readonly host: Pick<Host, "toast" | "log">
  readonly store: Store
  readonly incidents: Incidents
  readonly notify: boolean
  readonly now: () => number
}

/** How long a toast stays, milliseconds. */
const shownMs = 8_000
/** An incident without a known end counts as the same one for this long. */
const incidentMs = 60_000
/** Sessions that run dry at the same moment make one toast; a new prompt a little later makes a new one. */
const exhaustedMs = 10_000

export function createNotices(deps: NoticesDeps): Notices {
  const { host, store, incidents, now } = deps

  const tell = (variant: ToastVariant, message: string): void => {
    host.log(variant === "error" ? "error" : variant === "warning" ? "warn" : "info", message)
    if (!deps.notify) return
    void host.toast({ title: "Understudy", message, variant, durationMs: shownMs })
  }

  const journal = (entry: Omit<JournalEntry, "at">): void => store.appendJournal({ at: now(), ...entry })

  /** When the model's circuit, or its provider's, lets requests through again. */
  const backAt = (model: ModelKey): number | undefined => {
    const times = [store.circuit(`provider:${providerOf(model)}`), store.circuit(`model:${model}`)]
      .map((record) => circuitState(record, now()))
      .flatMap((state) => (state.state === "open" && !state.held ? [state.until] : []))
    return times.length === 0 ? undefined : Math.max(...times)
  }

  return {
    switched: (turn, to, kind, skipped, durationMs) => {
      const from = turn.inUse
      // What the turn has tried was told when it was left.
      const detail = skipped
        .filter(({ reason }) => reason.why !== "tried")
        .map((entry) => describeSkipped(entry, now()))
        .join("; ")
        .slice(0, 1_000)
      const until = backAt(from)
      const sessionID = turn.sessionID
      const chain = store.session(sessionID)?.chain
      store.saveSession({
        sessionID,
        own: turn.own,
        ...(turn.ownVariant !== undefined && { ownVariant: turn.ownVariant }),
        ...(chain && { chain }),
        inUse: to,
        ...(kind && { reason: kind }),
        updatedAt: now(),
      })
      const isNew = incidents.open(`${from} > ${to}`, until ?? now() + incidentMs)
      journal({
        sessionID,
        event: "switched",
        from,
        to,
        durationMs: Math.round(durationMs),
        ...(kind && { kind }),
        ...(detail !== "" && { detail }),
      })
      if (!isNew) return
      const why = kind ? explainKind(kind) : "cannot be used now"
      const over = detail !== "" ? ` Passed over: ${detail}.` : ""
      const back = until === undefined ? "" : ` Back in ${describeDuration(until - now())}.`
      tell("warning", `${from}: ${why}. Going on with ${to}.${over}${back}`)
    },
    returned: (turn) => {
      const record = store.session(turn.sessionID)
      if (!record?.inUse) return
      const { inUse, reason: _, ...rest } = record
      store.saveSession({ ...rest, updatedAt: now() })
      journal({ sessionID: turn.sessionID, event: "returned", from: inUse, to: turn.own })
      if (incidents.open(`back ${turn.own}`, now() + incidentMs))
        tell("success", `${turn.own} is back in use.`)
    },
    exhausted: (turn, kind, decision, waitMs) => {
      const candidates = decision.skipped.map((entry) => describeSkipped(entry, now())).join("; ")
      journal({
        sessionID: turn.sessionID,
        event: "exhausted",
        from: turn.inUse,
        kind,
        ...(candidates !== "" && { detail: candidates.slice(0, 1_000) }),
      })
      const told = exhaustedText(turn, kind, decision, waitMs, candidates)
      if (incidents.open(`exhausted ${turn.own} ${kind}`, now() + exhaustedMs))
        tell(waitMs === undefined ? "error" : "warning", told)
      return told
    },
  }

  function exhaustedText(
    turn: Turn,
    kind: FailureKind,
    decision: Extract<Decision, { do: "exhausted" }>,
    waitMs: number | undefined,
    candidates: string,
  ): string {
    const head = `${ownModel(turn, kind)}.`
    const soonest = decision.soonest
    const next =
      waitMs !== undefined && soonest
        ? ` Waiting ${describeDuration(waitMs)} for ${soonest.model}.`
        : soonest
          ? ` First back: ${soonest.model} in ${describeDuration(soonest.at - now())}.`
          : ""
    switch (decision.why) {
      case "no-chain":
        return `${head} No fallback_models are set for it.${backText(turn.inUse)}`
      case "attempts-spent":
        return `${head} This turn has used all its attempts (max_fallback_attempts). The others: ${candidates}.${next}`
      case "nobody-left":
        return `${head} Nobody is left to take over: ${candidates}.${next}`
    }
  }

  /** The user's own model comes first: it is the one that people know. The others follow as candidates. */
  function ownModel({ own, inUse, tried }: Turn, kind: FailureKind): string {
    const left = tried.findLast((entry) => sameModel(entry.model, own))
    const why = sameModel(inUse, own) ? kind : left?.kind
    return `${own}: ${why === undefined ? "cannot be used now" : explainKind(why)}`
  }

  function backText(model: ModelKey): string {
    const until = backAt(model)
    return until === undefined ? "" : ` Back in ${describeDuration(until - now())}.`
  }
}
