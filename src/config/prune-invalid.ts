import type * as z from "zod/mini"
import { allowedText } from "./allowed-text.ts"
import { settingsSchema } from "./schema.ts"
import type { SettingsPath } from "./settings-problem.ts"

export type JsonObject = Readonly<Record<string, unknown>>

/** One thing that had to be left out of a source. */
export type Fault = {
  readonly path: SettingsPath
  readonly found: unknown
  readonly allowed: string
  /** The key itself is wrong, not its value. */
  readonly isKey: boolean
}

export type Pruned = { readonly valid: JsonObject; readonly faults: readonly Fault[] }

/** One is enough for all that is known; if a round ever took nothing away, an empty source is better than a loop. */
const mostRounds = 8

type Issue = z.core.$ZodIssue

/**
 * The part of a source that the schema accepts, and what had to go for it. Whatever is wrong goes alone: one
 * entry of a list, one key of an agent. A list that loses its last entry goes as a whole, because an empty
 * list says something else ("no fallback") than a mistyped one.
 */
export function pruneInvalid(document: unknown): Pruned {
  if (!isObject(document))
    return {
      valid: {},
      faults: [{ path: [], found: document, allowed: "Allowed: an object, { … }.", isKey: false }],
    }
  const faults: Fault[] = []
  let valid: JsonObject = document
  for (let round = 0; round < mostRounds; round += 1) {
    const result = settingsSchema.safeParse(valid)
    if (result.success) return { valid, faults }
    const found = result.error.issues.flatMap((issue) => faultsOf(issue, [], valid))
    faults.push(...found)
    const pruned = withoutPaths(
      valid,
      found.map((fault) => removalPath(fault.path)),
    )
    if (!isObject(pruned)) break
    valid = pruned
  }
  return { valid: {}, faults }
}

function faultsOf(issue: Issue, base: SettingsPath, document: unknown): readonly Fault[] {
  const path = [...base, ...issue.path.filter((step) => typeof step !== "symbol")]
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => fault([...path, key], document, issue, true))
  const branch = issue.code === "invalid_union" ? meantBranch(issue.errors) : undefined
  if (branch !== undefined) return branch.flatMap((inner) => faultsOf(inner, path, document))
  return [fault(path, document, issue, issue.code === "invalid_key")]
}

function fault(path: SettingsPath, document: unknown, issue: Issue, isKey: boolean): Fault {
  const found = valueAt(document, path)
  return { path, found, allowed: allowedText(issue, path, found), isKey }
}

/** Of a union's branches the one whose type fitted: its complaint is about what the user meant. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || !["invalid_type", "invalid_value"].includes(issue.code)),
  )
}

/** An entry without its model is nothing: it goes as a whole. `model` is the only key that must be there. */
function removalPath(path: SettingsPath): SettingsPath {
  return path.at(-1) === "model" && typeof path.at(-2) === "number" ? path.slice(0, -1) : path
}

function withoutPaths(value: unknown, paths: readonly SettingsPath[]): unknown {
  if (paths.length === 0) return value
  if (paths.some((path) => path.length === 0)) return undefined
  const below = (step: string | number) =>
    paths.filter((path) => path[0] === step).map((path) => path.slice(1))
  if (Array.isArray(value)) {
    const kept = value
      .map((item, index) => withoutPaths(item, below(index)))
      .filter((item) => item !== undefined)
    return kept.length === 0 ? undefined : kept
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, withoutPaths(item, below(key))] as const)
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined))
}

export function valueAt(value: unknown, path: SettingsPath): unknown {
  let found = value
  for (const step of path) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, step)) return undefined
    found = Reflect.get(found, step)
  }
  return found
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
