import type { Fault, JsonObject } from "./prune-invalid.ts"
import type { ProblemSource, SettingsPath, SettingsProblem } from "./settings-problem.ts"

/** One source after reading: what of it holds, and what does not. */
export type SettingsSource = {
  readonly valid: JsonObject
  readonly faults: readonly { readonly fault: Fault; readonly source: ProblemSource }[]
  /** Set for a file that exists. */
  readonly file?: string
  /** In force, and yet probably not meant. */
  readonly doubtful?: readonly SettingsProblem[]
  /** Why the whole file is ignored. */
  readonly unreadable?: SettingsProblem
  /** Where this source says something about a path. */
  readonly find: (path: SettingsPath) => ProblemSource | undefined
}
