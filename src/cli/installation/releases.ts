import { cachedCopies, cachedSpec } from "../opencode/cached-copies.ts"
import { isOurs, isRegistrySpec } from "../opencode/plugin-entries.ts"
import { releaseOnNpm } from "../opencode/registry.ts"
import type { Terminal } from "../terminal/terminal.ts"
import type { OwnSettings } from "./load-own-settings.ts"
import { listedAt } from "./plugin-lists.ts"

/** Which release OpenCode loads, and which it could. Only for a plugin that comes from npm. */
export async function findReleases(own: OwnSettings, terminal: Terminal, mayAsk: boolean) {
  const entry = own.plugins.find(isOurs)
  if (entry === undefined || !isRegistrySpec(entry.spec)) return undefined
  const copies = await cachedCopies(terminal)
  const installed = copies.find(({ spec }) => spec === cachedSpec(entry.spec))?.version
  return {
    /** As it stands in OpenCode's list. */
    spec: entry.spec,
    listedAt: await listedAt(own.places, terminal.directory, ({ spec }) => spec === entry.spec),
    /** The version in OpenCode's own copy; `undefined` before it has made one. */
    installed,
    /** The same, or the one that it will install; `undefined` before it has chosen one. */
    loaded: installed ?? pinnedVersion(entry.spec),
    /** `undefined`: the registry was not asked. */
    newest: mayAsk ? await releaseOnNpm(terminal) : undefined,
  }
}

/** The version that the list itself names; `undefined` for a bare name, a tag or a range. */
export function pinnedVersion(spec: string): string | undefined {
  return /@(\d+\.\d+\.\d+[\w.+-]*)$/.exec(spec)?.[1]
}
