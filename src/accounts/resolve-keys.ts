import { join } from "node:path"
import type { Settings } from "../config/schema.ts"
import type { SettingsPath } from "../config/settings-problem.ts"
import type { User } from "../config/this-user.ts"

/** Where one entry of `providers.X.keys` says that the key is. */
type KeySource =
  | { readonly from: "environment"; readonly name: string }
  | { readonly from: "file"; readonly path: string }
  /** The entry is the key itself. */
  | { readonly from: "settings" }

export type FurtherKey = {
  readonly key: string
  /** Its place among the provider's keys; 2 is the first of the settings. */
  readonly number: number
}

export type ResolvedKeys = {
  readonly keys: ReadonlyMap<string, readonly FurtherKey[]>
  readonly missing: readonly MissingKey[]
}

/** An entry that gives no key. */
type MissingKey = Pick<FurtherKey, "number"> & {
  readonly provider: string
  readonly path: SettingsPath
  /** In a sentence for people, without the key. */
  readonly what: string
}

export function keySource(entry: string): KeySource {
  const [, kind, rest] = /^\{(env|file):(.+)\}$/.exec(entry.trim()) ?? []
  if (kind === "env") return { from: "environment", name: (rest ?? "").trim() }
  return kind === "file" ? { from: "file", path: (rest ?? "").trim() } : { from: "settings" }
}

/** The keys themselves, from wherever the settings say that they are. Never rejects. */
export async function resolveKeys(
  { providers }: Pick<Settings, "providers">,
  world: Pick<User, "env" | "home"> & {
    /** Gives `undefined` for a file that does not exist; may reject for anything else. */
    readonly readFile: (path: string) => Promise<string | undefined>
  },
): Promise<ResolvedKeys> {
  const entries = Object.entries(providers).flatMap(([provider, { keys = [] }]) =>
    keys.map((entry, index) => ({ provider, entry, index })),
  )
  const read = await Promise.all(
    entries.map(async ({ provider, entry, index }) => {
      const path = ["providers", provider, "keys", index]
      const key = (await textOf(keySource(entry), entry, world))?.trim()
      return { provider, path, number: index + 2, key, source: keySource(entry) }
    }),
  )
  const keys = new Map<string, readonly FurtherKey[]>()
  for (const { provider, number, key } of read)
    if (key) keys.set(provider, [...(keys.get(provider) ?? []), { key, number }])
  const missing = read.flatMap(({ key, source, provider, path, number }) =>
    key ? [] : [{ provider, path, number, what: whyMissing(source) }],
  )
  return { keys, missing }
}

async function textOf(
  source: KeySource,
  entry: string,
  world: Parameters<typeof resolveKeys>[1],
): Promise<string | undefined> {
  if (source.from === "environment") return world.env[source.name]
  if (source.from === "settings") return entry
  const path = source.path.startsWith("~/") ? join(world.home, source.path.slice(2)) : source.path
  // A folder, or a file that may not be read: the entry gives no key, which is said below.
  return world.readFile(path).catch(() => undefined)
}

function whyMissing(source: KeySource): string {
  switch (source.from) {
    case "environment":
      return `The environment variable ${source.name} is not set.`
    case "file":
      return `The file ${source.path} is not there, is empty or cannot be read.`
    case "settings":
      return "The entry is empty."
  }
}
