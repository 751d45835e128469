import QuickLRU from "quick-lru"

/**
 * Which category a session was started for; one registry for each process, whoever loads this module. Other
 * plugins that start sessions for a category of the user's settings may register them here
 * (`opencode-understudy/category-registry`): failures of such a session then follow the category's
 * `fallback_models`, unless its agent has a list of its own.
 *
 * Bounded: 2,000 sessions, the least recently used one is dropped. An entry lives as long as its session:
 * Understudy forgets it when the session is deleted. Child sessions do not inherit it.
 */
export type CategoryRegistry = {
  /** Registers a session; a later call replaces the category. */
  readonly register: (sessionID: string, category: string) => void
  readonly categoryOf: (sessionID: string) => string | undefined
  readonly forget: (sessionID: string) => void
  readonly size: () => number
}

/** More sessions than one process will ever run at the same time. */
const mostSessions = 2_000

/** Two copies of the package in one process (an own bundle for this subpath is one) share the same map. */
const sharedKey = Symbol.for("opencode-understudy/categories@1")

/** The registry of this process. */
export function categoryRegistry(): CategoryRegistry {
  const holder = globalThis as typeof globalThis & { [sharedKey]?: QuickLRU<string, string> }
  const categories = (holder[sharedKey] ??= new QuickLRU<string, string>({ maxSize: mostSessions }))
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
