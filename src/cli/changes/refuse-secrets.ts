import { holdsSecret } from "../../config/short-value.ts"
import { CommandError } from "../command-error.ts"
import type { PluginEntry } from "../opencode/plugin-entries.ts"

/** Undo would have to keep what stands in an entry that is taken out. */
export function refuseSecrets(entries: readonly PluginEntry[]): void {
  const holder = entries.find(({ options }) => holdsSecret(options))
  if (holder)
    throw new CommandError(
      `The options of ${holder.spec} may contain a key, and no copy of a key is kept. Remove that entry by hand; nothing was written.`,
    )
}
