import { join } from "node:path"
import type { ModelKey } from "../../../src/core/model-ref.ts"
import { createSqliteStore } from "../../../src/store/sqlite-store.ts"
import type { Store } from "../../../src/store/store.ts"
import type { Workplace } from "./workplace.ts"

/** Writes to the store as another process of this home's user; all of it is in the file when this resolves. */
export async function inSharedStore(
  { home }: Pick<Workplace, "home">,
  write: (store: Store) => void,
): Promise<void> {
  const path = join(home.path, "state/opencode-understudy/health.sqlite")
  const store = createSqliteStore({ path, now: Date.now, log: (_level, message) => console.error(message) })
  write(store)
  await store.flushed()
  await store.close()
}

/** The cooldown of a model that has failed is over now. */
export function endRest(place: Pick<Workplace, "home">, model: string): Promise<void> {
  return inSharedStore(place, (store) => {
    store.updateCircuit(`model:${model as ModelKey}`, (record) => {
      if (record === undefined) throw new Error(`${model} does not rest`)
      return { ...record, until: Date.now() }
    })
  })
}
