import type { ModelKey } from "../core/model-ref.ts"
import type { JournalEntry, Store } from "../store/store.ts"
import { keysAmong, type PanelFacts } from "./panel-facts.ts"

/** Entries that the panel can show: a return, the switch before it, and models that have been asked. */
const shownEntries = 20

/** @param because a `tick` of the clock reads the journal only when the session's record has changed */
export type PanelReader = (sessionID: string, because: "event" | "tick") => PanelFacts

/**
 * Reads what the panel shows. The journal is the one read that costs more (all its rows are checked): a few
 * milliseconds where it is full, too much to be spent on every second of a countdown.
 *
 * @param lastAsked the model of the session's newest user message, for a session that has no record
 */
export function createPanelReader(deps: {
  readonly store: Pick<Store, "session" | "circuits" | "journal" | "limits">
  readonly lastAsked: (sessionID: string) => ModelKey | undefined
  readonly nameOf: (model: ModelKey) => string
  readonly now: () => number
  readonly clock: (at: number, now: number) => string
}): PanelReader {
  const { store } = deps
  let known: { readonly key: string; readonly journal: readonly JournalEntry[] } | undefined

  return (sessionID, because) => {
    const record = store.session(sessionID)
    const key = `${sessionID} ${record?.updatedAt ?? 0}`
    if (because === "event" || known?.key !== key)
      known = { key, journal: store.journal({ limit: shownEntries, sessionID }) }
    const circuits = new Map(store.circuits().map((circuit) => [circuit.key, circuit]))
    const own = record?.own ?? deps.lastAsked(sessionID)
    const now = deps.now()
    return {
      own,
      inUse: record?.inUse ?? own,
      chain: record?.chain ?? [],
      circuit: (circuit) => circuits.get(circuit),
      journal: known.journal,
      keys: keysAmong(circuits.values()),
      limits: store.limits(),
      nameOf: deps.nameOf,
      now,
      clock: (at) => deps.clock(at, now),
    }
  }
}
