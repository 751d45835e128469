import type { JsonObject } from "../core/json-object.ts"
import type { Fault } from "./prune-invalid.ts"
import type { ProblemSource, SettingsPath, SettingsProblem } from "./settings-problem.ts"

/** One source after reading: what of it holds, and what does not. */
export type SettingsSource = {
  readonly valid: JsonObject
  readonly faults: readonly { readonly fault: Fault; readonly source: ProblemSource }[]
  /** Faults that are not named one by one. */
  readonly more: number
  /** Set for a file that exists. */
  readonly file?: string
  /** In force, and yet probably not meant. */
  readonly doubtful?: readonly SettingsProblem[]
  /** A project's own: they are added to everybody else's, never replaced. */
  readonly prohibitions?: JsonObject
  /** Why the whole file is ignored. */
  readonly unreadable?: SettingsProblem
  /** Where this source says something about a path. */
  readonly find: (path: SettingsPath, part: "key" | "value") => ProblemSource | undefined
}
