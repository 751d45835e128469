import { BoundedMap } from "../core/bounded-map.ts"
import { processWide } from "./process-wide.ts"

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
  /** Registers a session; a later call replaces the category. One that the user has not configured counts as none. */
  readonly register: (sessionID: string, category: string) => void
  readonly categoryOf: (sessionID: string) => string | undefined
  readonly forget: (sessionID: string) => void
}

/**
 * The registry of this process.
 *
 * @example
 * import { categoryRegistry } from "opencode-understudy/category-registry"
 *
 * const child = await client.session.create({ body: { parentID, title: "look up the error" } })
 * if (child.data) categoryRegistry().register(child.data.id, "quick")
 */
export function categoryRegistry(): CategoryRegistry {
  // An own bundle for the public subpath is a second copy of this module.
  const categories = processWide("categories@1", () => new BoundedMap<string, string>())
  return {
    register: (sessionID, category) => {
      categories.set(sessionID, category)
    },
    categoryOf: (sessionID) => categories.get(sessionID),
    forget: (sessionID) => {
      categories.delete(sessionID)
    },
  }
}
