import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import type { JournalEntry } from "../../store/store.ts"

/** A time in which a model was not used because it had failed. */
export type Outage = {
  readonly model: ModelKey
  readonly from: number
  /** When it was used again; of an outage that goes on the moment up to which it is known to last. */
  readonly to: number
  readonly isOver: boolean
  /** How the model is doing now; of an outage that is over it is of no interest. */
  readonly standing: OutagePhase
}

/**
 * `out`: held off right now. `unasked`: its time is over, and nobody has asked it since. `back`: nothing is held
 * against it, because it has answered since then.
 */
export type OutagePhase = "out" | "unasked" | "back"

/** What the journal itself does not know. */
export type OutageWorld = {
  readonly standing: (model: ModelKey) => OutagePhase
  /** The longest cooldown, milliseconds. */
  readonly longestGapMs: number
}

type Span = { readonly since: number; readonly until: number }

export type JournalStatistics = ReturnType<typeof journalStatistics>

/**
 * What the journal says about a span of time. An outage begins with the first switch away from a model (or a
 * turn that ran dry on it) and ends when a turn returns to it. Without a return it lasts until `until` while the
 * model's circuit is open, and otherwise until its last failure: new sessions start on a recovered model without
 * any entry, and what nobody missed is not lost. For the same reason an outage never goes on for longer than the
 * longest cooldown after a failure.
 *
 * @param entries in any order
 */
export function journalStatistics(entries: readonly JournalEntry[], span: Span, world: OutageWorld) {
  const ordered = entries.toSorted((a, b) => a.at - b.at)
  const within = ordered.filter((entry) => entry.at >= span.since && entry.at <= span.until)
  const outages = outagesOf(ordered, span, world)
  const durations = within.flatMap((entry) =>
    entry.event === "switched" && entry.durationMs !== undefined ? [entry.durationMs] : [],
  )
  return {
    ...span,
    switches: within.filter((entry) => entry.event === "switched").length,
    returns: within.filter((entry) => entry.event === "returned").length,
    /** Turns in which nobody was left to take over. */
    exhausted: within.filter((entry) => entry.event === "exhausted").length,
    /** Most switches first. */
    byModel: modelRows(within),
    /** Most lost first. */
    byProvider: providerRows(outages),
    /** Over the outages of all models that are over. */
    meanRecoveryMs: meanLength(outages),
    /** From a failed answer to the moment when the turn could go on. */
    meanSwitchMs: mean(durations),
  }
}

/** The outages that reach into the span, cut to it. */
export function outagesOf(
  ordered: readonly JournalEntry[],
  { since, until }: Span,
  { standing, longestGapMs }: OutageWorld,
): readonly Outage[] {
  const running = new Map<ModelKey, { readonly from: number; readonly last: number }>()
  const outages: Outage[] = []
  const end = (model: ModelKey, to: (last: number) => number, isOver: boolean): void => {
    const outage = running.get(model)
    if (!outage) return
    running.delete(model)
    outages.push({ model, from: outage.from, to: to(outage.last), isOver, standing: standing(model) })
  }
  for (const { at, event, from, to } of ordered.filter((entry) => entry.at <= until)) {
    if (event === "returned") {
      if (to !== undefined) end(to, (last) => Math.min(at, last + longestGapMs), true)
      continue
    }
    if (at - (running.get(from)?.last ?? at) > longestGapMs) end(from, (last) => last, false)
    running.set(from, { from: running.get(from)?.from ?? at, last: at })
  }
  for (const model of running.keys())
    end(model, (last) => (standing(model) === "out" ? Math.min(until, last + longestGapMs) : last), false)
  return outages
    .filter((outage) => outage.to >= since)
    .map((outage) => ({ ...outage, from: Math.max(outage.from, since) }))
}

function modelRows(within: readonly JournalEntry[]) {
  const failed = within.filter((entry) => entry.event === "switched" || entry.event === "exhausted")
  const models = [...new Set(failed.map((entry) => entry.from))]
  const rows = models.map((model) => {
    const own = failed.filter((entry) => entry.from === model)
    const kinds: Record<string, number> = {}
    // Each failure has a kind: without one the model was passed over.
    for (const { kind = "not_asked" } of own) kinds[kind] = (kinds[kind] ?? 0) + 1
    const switches = own.filter((entry) => entry.event === "switched").length
    return { model, switches, exhausted: own.length - switches, kinds }
  })
  return rows.toSorted((a, b) => b.switches - a.switches || a.model.localeCompare(b.model))
}

function providerRows(outages: readonly Outage[]) {
  const providers = [...new Set(outages.map((outage) => providerOf(outage.model)))]
  const rows = providers.map((provider) => {
    const own = outages.filter((outage) => providerOf(outage.model) === provider)
    return {
      provider,
      /** Time in which at least one of its models was out of use. */
      lostMs: covered(own),
      outages: own.length,
      /** Of its model that is doing worst. */
      standing: worstOf(own.map((outage) => outage.standing)),
      meanRecoveryMs: meanLength(own),
    }
  })
  return rows.toSorted((a, b) => b.lostMs - a.lostMs || a.provider.localeCompare(b.provider))
}

function worstOf(standings: readonly OutagePhase[]): OutagePhase {
  return (["out", "unasked"] as const).find((standing) => standings.includes(standing)) ?? "back"
}

/** The length of time that at least one of the outages covers. */
function covered(outages: readonly Outage[]): number {
  let sum = 0
  let reached = -Infinity
  for (const { from, to } of outages.toSorted((a, b) => a.from - b.from)) {
    sum += Math.max(0, to - Math.max(from, reached))
    reached = Math.max(reached, to)
  }
  return sum
}

/** Of the outages that are over; `undefined` when none is. */
function meanLength(outages: readonly Outage[]): number | undefined {
  return mean(outages.filter((outage) => outage.isOver).map((outage) => outage.to - outage.from))
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length
}
