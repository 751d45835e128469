import { rm } from "node:fs/promises"
import { contentVariable } from "../../config/settings-places.ts"
import { applyChanges, byHand, finish, isDone, type WriteOptions } from "../changes/apply-changes.ts"
import { replaceAt } from "../changes/edit-json.ts"
import { type FileChange, readEditable } from "../changes/file-change.ts"
import { leftAbove } from "../changes/left-above.ts"
import { placesOfBoth } from "../installation/load-own-settings.ts"
import { type PluginListFile, pluginListFiles } from "../installation/plugin-lists.ts"
import { cachedCopies, type CachedCopy } from "../opencode/cached-copies.ts"
import { packageFacts } from "../opencode/package-facts.ts"
import { isRegistrySpec } from "../opencode/plugin-entries.ts"
import { releaseOnNpm } from "../opencode/registry.ts"
import { CommandError, type ExitCode } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"

type UpdateOptions = WriteOptions & { readonly to?: string }

/**
 * `npx opencode-understudy update`: names the newest version in OpenCode's lists of plugins. OpenCode 1 never looks for a newer
 * copy of what it has once installed, so the version stands in the configuration.
 */
export async function updateCommand(terminal: Terminal, options: UpdateOptions): Promise<ExitCode> {
  const places = placesOfBoth(terminal)
  const { left, unlessLeft, writable } = leftAbove(places.isOwn)
  const lists = await pluginListFiles(places, terminal.directory, (path) =>
    unlessLeft(path, () => readEditable(path)),
  )
  const listed = lists.filter(({ ours }) => ours.length > 0)
  if (listed.length === 0)
    throw new CommandError(
      `${packageFacts.name} is not in any of OpenCode's plugin lists. Run \`npx opencode-understudy init\`.`,
    )
  if (listed.every(({ path }) => path === contentVariable)) throw new CommandError(byHand)
  const specs = listed.flatMap(({ ours }) => ours.map(({ entry }) => entry.spec))
  if (!specs.some(isRegistrySpec))
    throw new CommandError(
      `OpenCode loads ${packageFacts.name} from ${specs[0]} and not from npm: update it there.`,
    )
  const version = await versionFor(terminal, options.to)
  const changes = listed.map((file) => pinned(file, version))
  const applied = await applyChanges(terminal, await writable(changes), options, left)
  const stale = isDone(applied) ? await removeStale(terminal, version) : []
  return finish(terminal, applied, options, {
    done: `Updated to ${version}.`,
    nothing: `OpenCode's plugin lists already name ${version}.`,
    more: stale.map(({ folder }) => `Removed the old copy ${folder}`),
    facts: { to: version, removed: stale.map(({ folder }) => folder) },
  })
}

async function versionFor(terminal: Terminal, wanted: string | undefined): Promise<string> {
  const found = await releaseOnNpm(terminal, wanted)
  if (found.ok) return found.value
  if (wanted !== undefined && found.isMissing)
    throw new CommandError(`npm has no ${packageFacts.name} ${wanted}: OpenCode could not load it.`)
  if (wanted !== undefined) return wanted
  throw new CommandError(
    `The newest version is not known: ${found.why}. Name one with --to VERSION; this command is ${packageFacts.version}.`,
  )
}

/** What is listed by its path, or from git, is a copy that somebody works on: it stays. */
function pinned({ path, text, ours }: PluginListFile, version: string): FileChange {
  const named = ours.filter(({ entry }) => isRegistrySpec(entry.spec))
  const after = named.reduce(
    (edited, { path: at }) => replaceAt(edited, at, `${packageFacts.name}@${version}`),
    text,
  )
  return { path, before: text, after }
}

async function removeStale(terminal: Terminal, version: string): Promise<readonly CachedCopy[]> {
  const copies = await cachedCopies(terminal)
  const stale = copies.filter(
    (copy) => copy.spec !== `${packageFacts.name}@${version}` || copy.version !== version,
  )
  for (const { folder } of stale) await rm(folder, { recursive: true, force: true })
  return stale
}
