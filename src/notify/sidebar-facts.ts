import type { CircuitRecord } from "../core/circuit.ts"
import type { Catalog } from "../core/catalog.ts"
import { modelName } from "../core/model-name.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { AccountLimits, JournalEntry, Store } from "../store/store.ts"

/** What a sidebar shows of a session, as plain data: it may be read in another process. */
export type SidebarFacts = {
  readonly own: ModelKey | undefined
  readonly inUse: ModelKey | undefined
  readonly chain: readonly ModelKey[]
  readonly circuits: readonly CircuitRecord[]
  readonly journal: readonly JournalEntry[]
  readonly limits: readonly AccountLimits[]
  /** Models as people know them, where that is not the id. */
  readonly names: Readonly<Record<ModelKey, string>>
}

/** Entries that the panel can show: a return, the switch before it, and models that have been asked. */
const shownEntries = 20

export function sidebarFacts(
  store: Pick<Store, "session" | "circuits" | "journal" | "limits">,
  catalog: Catalog,
  sessionID: string,
): SidebarFacts {
  const record = store.session(sessionID)
  const chain = record?.chain ?? []
  const journal = store.journal({ limit: shownEntries, sessionID })
  const shown = [record?.own, record?.inUse, ...chain, ...journal.flatMap(({ from, to }) => [from, to])]
  const models = shown.filter((model) => model !== undefined)
  return {
    own: record?.own,
    inUse: record?.inUse ?? record?.own,
    chain,
    circuits: store.circuits(),
    journal,
    limits: store.limits(),
    names: Object.fromEntries(models.map((model) => [model, modelName(catalog, model)])),
  }
}
