import type { Catalog } from "../core/catalog.ts"
import { modelName } from "../core/model-name.ts"
import type { ModelKey } from "../core/model-ref.ts"
import type { Store } from "../store/store.ts"

export type SessionFacts = ReturnType<typeof sessionFacts>

/** What a sidebar shows of a session, as plain data: it may be read in another process. */
export type SidebarFacts = SessionFacts & {
  /** Models as people know them, where that is not the id. */
  readonly names: Readonly<Record<ModelKey, string>>
}

/** Entries that the panel can show: a return, the switch before it, and models that have been asked. */
const shownEntries = 20

type Records = Pick<Store, "session" | "circuits" | "journal" | "limits">

/** What is on record of a session and of the models' health. */
export function sessionFacts(store: Records, sessionID: string) {
  const record = store.session(sessionID)
  return {
    /** The model that the user chose; `undefined` before the first prompt. */
    own: record?.own,
    inUse: record?.inUse ?? record?.own,
    /** Fallback models in order; empty when none are set or none are known here. */
    chain: record?.chain ?? [],
    circuits: store.circuits(),
    /** The session's own journal, newest first. */
    journal: store.journal({ limit: shownEntries, sessionID }),
    limits: store.limits(),
  }
}

export function sidebarFacts(store: Records, catalog: Catalog, sessionID: string): SidebarFacts {
  const facts = sessionFacts(store, sessionID)
  const { own, inUse, chain, journal } = facts
  const shown = [own, inUse, ...chain, ...journal.flatMap(({ from, to }) => [from, to])]
  const models = shown.filter((model) => model !== undefined)
  return {
    ...facts,
    names: Object.fromEntries(models.map((model) => [model, modelName(catalog, model)])),
  }
}
