import type { Settings } from "../config/schema.ts"

/** Providers with further keys, and how many they have in all; the one in OpenCode's own configuration counts. */
export function keyCounts({ providers }: Pick<Settings, "providers">): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(providers).flatMap(([provider, { keys = [] }]) =>
      keys.length === 0 ? [] : [[provider, keys.length + 1] as const],
    ),
  )
}
