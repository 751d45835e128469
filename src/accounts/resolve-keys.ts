import type { Settings } from "../config/schema.ts"
import type { SettingsPath } from "../config/settings-problem.ts"
import { fromHome, type User } from "../config/this-user.ts"

export type FurtherKey = {
  readonly key: string
  /** Its place among the provider's keys; 2 is the first of the settings. */
  readonly number: number
}

export type ResolvedKeys = {
  readonly keys: ReadonlyMap<string, readonly FurtherKey[]>
  readonly missing: readonly MissingKey[]
}

/** An entry of `providers.X.keys` that gives no key. */
type MissingKey = Pick<FurtherKey, "number"> & {
  readonly provider: string
  readonly path: SettingsPath
  /** In a sentence for people, without the key; `undefined`: it is none, which the check of the settings has said. */
  readonly what: string | undefined
}

type World = Pick<User, "env" | "home"> & {
  /** Gives `undefined` for a file that does not exist; may reject for anything else. */
  readonly readFile: (path: string) => Promise<string | undefined>
}

/** The keys themselves, from wherever the settings say that they are. Never rejects. */
export async function resolveKeys(
  { providers }: Pick<Settings, "providers">,
  world: World,
): Promise<ResolvedKeys> {
  const entries = Object.entries(providers).flatMap(([provider, { keys = [] }]) =>
    keys.map((entry, index) => ({ provider, entry, index })),
  )
  const read = await Promise.all(
    entries.map(async ({ provider, entry, index }) => {
      const { key, what } = await readEntry(entry.trim(), world)
      return { provider, path: ["providers", provider, "keys", index], number: index + 2, key, what }
    }),
  )
  const keys = new Map<string, readonly FurtherKey[]>()
  for (const { provider, number, key } of read)
    if (key) keys.set(provider, [...(keys.get(provider) ?? []), { key, number }])
  const missing = read.flatMap(({ key, ...others }) => (key ? [] : [others]))
  return { keys, missing }
}

async function readEntry(entry: string, { env, home, readFile }: World) {
  const [, kind, place = ""] = /^\{(env|file):(.+)\}$/.exec(entry) ?? []
  if (kind === undefined) return usable("The entry", entry, undefined)
  if (kind === "env")
    return usable(
      `The environment variable ${place}`,
      env[place],
      `The environment variable ${place} is not set.`,
    )
  // A folder, or a file that may not be read: the entry gives no key, which is said then.
  const text = await readFile(fromHome(place, home)).catch(() => undefined)
  return usable(`The file ${place}`, text, `The file ${place} is not there, is empty or cannot be read.`)
}

/** What no header takes would end the request with an error that shows it. */
function usable(where: string, text: string | undefined, missing: string | undefined) {
  const key = text?.trim()
  if (!key || /^[\x21-\x7e]+$/.test(key)) return { key, what: missing }
  return {
    key: undefined,
    what: `${where} holds more than a key: a blank, a line break or a character that no key has.`,
  }
}
