import { beginsToCost, type Catalog } from "../core/catalog.ts"
import { circuitKeys, backAt, circuitState, modelCircuit } from "../core/circuit.ts"
import { explainKind, explainSwitch } from "../core/classify/explain-kind.ts"
import type { ExhaustedChain } from "../core/decide.ts"
import { describeSkip } from "../core/describe-skip.ts"
import { modelName } from "../core/model-name.ts"
import { type ModelKey, providerOf, sameModel } from "../core/model-ref.ts"
import { remedyFor } from "../core/remedy-for.ts"
import { roughDuration } from "../core/rough-duration.ts"
import type { Skipped } from "../core/select.ts"
import type { FailureKind } from "../core/verdict.ts"
import type { Host, ToastVariant } from "../host/host.ts"
import { createOwnFaults } from "../host/own-fault.ts"
import type { JournalEntry, Store } from "../store/store.ts"
import type { SwitchReason } from "../turn/transitions.ts"
import type { Turn } from "../turn/turn.ts"
import type { Incidents } from "./incidents.ts"

export type Notices = ReturnType<typeof createNotices>

type Switched = {
  readonly to: { readonly model: ModelKey }
  readonly why: SwitchReason
  readonly skipped: readonly Skipped[]
  readonly durationMs: number
}

type ExhaustedTurn = {
  readonly verdict: SwitchReason
  readonly decision: ExhaustedChain
  /** Set where the turn waits for the first model that comes back, milliseconds. */
  readonly forMs?: number | undefined
}

type NoticesDeps = {
  readonly host: Pick<Host, "catalog" | "toast" | "log">
  readonly store: Store
  readonly incidents: Pick<Incidents, "open">
  readonly now: () => number
}

type Naming = (model: ModelKey) => string

/** A model that a turn has left, and why. */
type Left = {
  readonly model: ModelKey
  readonly kind: FailureKind | undefined
  readonly cause: string
}

/** How long a toast stays, milliseconds. */
const shownMs = 8_000
/** An incident without a known end counts as the same one for this long. */
const incidentMs = 60_000
/** Sessions that run dry at the same moment make one toast; a new prompt a little later makes a new one. */
const exhaustedMs = 10_000

/**
 * What people are told, and what the journal keeps. Facts always come in the same order: who, why, what now,
 * until when. Toasts name models as OpenCode shows them, the log and the journal by their ids. The promises
 * resolve when the toast is on its way, and never reject.
 */
export function createNotices(deps: NoticesDeps) {
  const { host, store, incidents, now } = deps
  const faults = createOwnFaults(host)
  /** A terminal shows one toast at a time: the next takes the place of this one. */
  let newest:
    | { readonly messageID: string; readonly until: number; readonly left: readonly Left[] }
    | undefined

  /** Nobody waits for these: a rejection would be the whole process's. */
  const harmless =
    <About>(say: (turn: Turn, about: About) => Promise<void>) =>
    async (turn: Turn, about: About): Promise<void> => {
      await faults.guardAsync(() => say(turn, about))
    }

  const announce = async (
    variant: ToastVariant,
    text: (name: Naming) => string,
    answers: ModelKey | undefined,
    alone = text,
  ) => {
    host.log(
      variant === "error" ? "error" : variant === "warning" ? "warn" : "info",
      alone((model) => model),
    )
    const catalog: Catalog = await host.catalog()
    const name: Naming = (model) => modelName(catalog, model)
    const title = answers === undefined ? "Understudy" : `Understudy: ${name(answers)}`
    await host.toast({ title, message: text(name), line: alone(name), variant, durationMs: shownMs })
  }

  const journal = (entry: Omit<JournalEntry, "at">): void => store.appendJournal({ at: now(), ...entry })

  const why = (kind: FailureKind | undefined, skipped: readonly Skipped[]) => {
    const detail = listed(skipped, (model) => model)
    return { ...(kind && { kind }), ...(detail !== "" && { detail }) }
  }

  /** When the model is back, by its own circuit and its provider's. */
  const modelBackAt = (model: ModelKey): number | undefined => {
    const times = circuitKeys(model)
      .map((key) => circuitState(store.circuit(key), now()))
      .flatMap((state) => (state.state === "open" && !state.held ? [backAt(state)] : []))
    return times.length === 0 ? undefined : Math.max(...times)
  }

  /** " Claude Opus 4.5 is back in about an hour." or what a person has to do. */
  const back = (model: ModelKey, kind: FailureKind | undefined, name: Naming): string => {
    const remedy = remedyFor(kind, providerOf(model))
    if (remedy !== undefined) return ` ${capitalized(remedy)}.`
    const at = modelBackAt(model)
    return at === undefined ? "" : ` ${name(model)} is back in ${roughDuration(at - now())}.`
  }

  /** What the turn has left, with what its toast says that nobody has had the time to read. */
  const leftLately = (messageID: string, just: Left, to: ModelKey): readonly Left[] => {
    const unread = newest?.messageID === messageID && now() < newest.until ? newest.left : []
    const left = [
      ...unread.filter(({ model }) => !sameModel(model, just.model) && !sameModel(model, to)),
      just,
    ]
    newest = { messageID, until: now() + shownMs, left }
    return left
  }

  return {
    /** The turn has left `turn.inUse` for another model. */
    switched: harmless<Switched>(async (turn, { to: { model: to }, why: reason, skipped, durationMs }) => {
      const { kind, limit, retryAt } = reason
      const { sessionID, inUse } = turn
      const from = inUse.model
      // What the turn has tried was told when it was left.
      const passed = skipped.filter(({ reason }) => reason.why !== "tried")
      const until = modelBackAt(from) ?? (limit === undefined ? undefined : retryAt)
      const isNew = incidents.open(`${modelCircuit(from)} > ${to}`, until ?? now() + incidentMs)
      const took = Math.round(durationMs)
      const cause = describeReason(reason, now())
      const told = { ...(kind === undefined && { cause }), ...why(kind, passed) }
      journal({ sessionID, event: "switched", from, to, durationMs: took, ...told })
      if (!isNew) return
      const just = { model: from, kind, cause }
      const left = leftLately(turn.messageID, just, to)
      const price = beginsToCost(await host.catalog(), turn.own.model, to) ? ", which is paid by token" : ""
      const text = (models: readonly Left[]) => (name: Naming) => {
        const whys = models.map(({ model, cause }) => `${name(model)}: ${cause}.`).join(" ")
        const over = passed.length === 0 ? "" : ` Skipped: ${listed(passed, name)}.`
        const backs = models.map(({ model, kind }) => back(model, kind, name)).join("")
        return `${whys} Continuing with ${name(to)}${price}.${over}${backs}`
      }
      await announce("warning", text(left), to, text([just]))
    }),
    /** The user's own model has answered again, after this one had been in its place. */
    returned: harmless<ModelKey>(async ({ sessionID, own }, from) => {
      journal({ sessionID, event: "returned", from, to: own.model })
      if (incidents.open(`back ${own.model}`, now() + incidentMs))
        await announce("success", (name) => `${name(own.model)} is back in use.`, own.model)
    }),
    /** Once for each turn that ends, however often OpenCode's own retries find nobody; each wait is told. */
    exhausted: harmless<ExhaustedTurn>(async (turn, end) => {
      if (turn.isToldExhausted && end.forMs === undefined) return
      const { kind } = end.verdict
      const { sessionID, inUse } = turn
      journal({ sessionID, event: "exhausted", from: inUse.model, ...why(kind, end.decision.skipped) })
      if (!incidents.open(`exhausted ${turn.own.model} ${kind ?? ""}`, now() + exhaustedMs)) return
      const variant = end.forMs === undefined ? "error" : "warning"
      await announce(variant, (name) => exhaustedText(turn, end, name), undefined)
    }),
  }

  function exhaustedText(turn: Turn, end: ExhaustedTurn, name: Naming): string {
    const { verdict, decision, forMs } = end
    const { kind } = verdict
    const head = `${ownFailure(turn, end, name)}.`
    const others = listed(othersOf(turn, decision, kind), name)
    const next = firstBack(decision, forMs, name)
    switch (decision.why) {
      case "no-chain":
        return `${head} No fallback models are set for it.${back(turn.inUse.model, kind, name)}`
      case "attempts-spent":
        return `${head} This turn has used all its attempts (max_fallback_attempts). The others: ${others}.${next}`
      case "no-model-left":
        return `${head} No other model is left: ${others}.${next}`
    }
  }

  /** On a later walk of the chain the own model is a candidate as well, and the one that has just failed is none. */
  function othersOf({ own, inUse }: Turn, { skipped }: ExhaustedChain, kind: FailureKind | undefined) {
    const isListed = skipped.some(({ model }) => sameModel(model, inUse.model))
    const left: Skipped = { model: inUse.model, reason: { why: "tried", ...(kind && { kind }) } }
    const all = isListed ? skipped : [...skipped, left]
    return all.filter(({ model }) => !sameModel(model, own.model))
  }

  function firstBack({ soonest }: ExhaustedChain, forMs: number | undefined, name: Naming): string {
    if (soonest === undefined) return ""
    const who = name(soonest.model)
    if (forMs !== undefined) return ` Waiting ${roughDuration(forMs)} for ${who}.`
    const inMs = backAt(soonest) - now()
    return inMs > 0 ? ` ${who} is back first, in ${roughDuration(inMs)}.` : ` ${who} is back already.`
  }

  /** The user's own model comes first: it is the one that people know. The others follow as candidates. */
  function ownFailure(
    { own, inUse, tried }: Turn,
    { verdict, decision }: ExhaustedTurn,
    name: Naming,
  ): string {
    const isOwn = ({ model }: Pick<Skipped, "model">): boolean => sameModel(model, own.model)
    // Where it was passed over, its health says why.
    const passed = decision.skipped.find(isOwn)?.reason
    const left = tried.findLast(isOwn) ?? (passed && "kind" in passed ? passed : undefined)
    const { kind } = isOwn(inUse) ? verdict : (left ?? {})
    return `${name(own.model)}: ${explainSwitch(kind === undefined ? {} : { kind })}`
  }

  function listed(skipped: readonly Skipped[], name: Naming): string {
    return skipped.map((entry) => `${name(entry.model)} (${describeSkip(entry.reason, now())})`).join("; ")
  }
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

function describeReason({ kind, limit, obstacle }: SwitchReason, now: number): string {
  if (kind !== undefined) return explainKind(kind)
  return limit ?? (obstacle === undefined ? explainSwitch({}) : describeSkip(obstacle, now))
}
