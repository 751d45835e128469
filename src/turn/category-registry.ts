import QuickLRU from "quick-lru"

/** Which category a session was started for. Bounded; an entry lives as long as its session. */
export type CategoryRegistry = {
  /** Registers a session; a later call replaces the category. */
  readonly register: (sessionID: string, category: string) => void
  readonly categoryOf: (sessionID: string) => string | undefined
  readonly forget: (sessionID: string) => void
  readonly size: () => number
}

/** More sessions than one process will ever run at the same time. */
const mostSessions = 2_000

export function createCategoryRegistry(): CategoryRegistry {
  const categories = new QuickLRU<string, string>({ maxSize: mostSessions })
  return {
    register: (sessionID, category) => {
      categories.set(sessionID, category)
    },
    categoryOf: (sessionID) => categories.get(sessionID),
    forget: (sessionID) => {
      categories.delete(sessionID)
    },
    size: () => categories.size,
  }
}
