import type * as z from "zod/mini"
import { isObject, type JsonObject } from "../core/json-object.ts"
import { allowedText } from "./allowed-text.ts"
import { mergeSettings } from "./merge-settings.ts"
import { settingsSchema } from "./schema.ts"
import type { SettingsPath } from "./settings-problem.ts"

/** One thing that had to be left out of a source. */
export type Fault = {
  readonly path: SettingsPath
  readonly found: unknown
  readonly allowed: string
  /** `key`: the key itself is wrong. `refused`: it is well formed, and not this source's to set. */
  readonly what: "key" | "value" | "refused"
}

/** Each is looked up in the file and is a line in the log: a file full of mistakes must cost neither. */
export const mostProblems = 10
/** Of one source: the last one is not named, and tells that there are more. */
export const mostFaults = mostProblems + 1

/** One is enough for all that is known; if a round ever took nothing away, an empty source is better than a loop. */
const mostRounds = 8

type Issue = z.core.$ZodIssue
type Place = { readonly path: SettingsPath; readonly issue: Issue }

/**
 * The part of a source that the schema accepts, and what had to go for it. Whatever is wrong goes alone: one
 * entry of a list, one key of an agent. A list that loses its last entry goes as a whole, because an empty
 * list says something else ("no fallback") than a mistyped one. Only `allow_models` then allows nothing: without it,
 * all would be allowed.
 *
 * @returns at most {@link mostFaults} faults
 */
export function pruneInvalid(document: unknown): {
  readonly valid: JsonObject
  readonly faults: readonly Fault[]
} {
  if (!isObject(document))
    return {
      valid: {},
      faults: [{ path: [], found: document, allowed: "Allowed: an object, { … }.", what: "value" }],
    }
  const faults: Fault[] = []
  let valid: JsonObject = document
  for (let round = 0; round < mostRounds; round += 1) {
    const result = settingsSchema.safeParse(valid)
    if (result.success) return { valid, faults }
    const places = result.error.issues.flatMap((issue) => placesOf(issue, []))
    for (const place of places.slice(0, mostFaults - faults.length)) faults.push(faultAt(place, valid))
    const pruned = withoutPaths(
      valid,
      places.map(({ path }) => removalPath(path)),
    )
    if (!isObject(pruned)) break
    valid = allowNothing(pruned, places)
  }
  return { valid: {}, faults }
}

function placesOf(issue: Issue, base: SettingsPath): readonly Place[] {
  const path = [...base, ...issue.path.filter((step) => typeof step !== "symbol")]
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => ({ path: [...path, key], issue }))
  const branch = issue.code === "invalid_union" ? meantBranch(issue.errors) : undefined
  if (branch !== undefined) return branch.flatMap((inner) => placesOf(inner, path))
  return [{ path, issue }]
}

function faultAt({ path, issue }: Place, document: unknown): Fault {
  const found = valueAt(document, path)
  const isKey = issue.code === "unrecognized_keys" || issue.code === "invalid_key"
  return { path, found, allowed: allowedText(issue, path, found), what: isKey ? "key" : "value" }
}

/** Of a union's branches the one whose type fitted: its complaint is about what the user meant. */
function meantBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || !["invalid_type", "invalid_value"].includes(issue.code)),
  )
}

/**
 * An entry without its model is nothing: it goes as a whole. `model` is the only key that must be there. And a program
 * without one of its arguments, or with the next one in its place, is another program.
 */
function removalPath(path: SettingsPath): SettingsPath {
  if (path[0] === "on_switch") return path.slice(0, 1)
  return path.at(-1) === "model" && typeof path.at(-2) === "number" ? path.slice(0, -1) : path
}

/** Puts an empty list in the place of each that was taken out of `pruned`. */
function allowNothing(pruned: JsonObject, places: readonly Place[]): JsonObject {
  const none = { allow_models: [] }
  const emptied = places.flatMap(({ path }) => {
    const list = allowList(path)
    return list && valueAt(pruned, list) === undefined ? [list] : []
  })
  const providers = emptied.flatMap(([, name]) => (name === undefined ? [] : [[name, none] as const]))
  return mergeSettings(pruned, {
    ...(emptied.length > providers.length ? none : {}),
    providers: Object.fromEntries(providers),
  })
}

/** Where the list of what is allowed stands, of all models or of a provider's, that this is or is part of. */
export function allowList(path: SettingsPath): SettingsPath | undefined {
  if (path[0] === "allow_models") return path.slice(0, 1)
  return path[0] === "providers" && path[2] === "allow_models" ? path.slice(0, 3) : undefined
}

/** The value without what stands at these paths; a list that loses its last entry goes with it. */
export function withoutPaths(value: unknown, paths: readonly SettingsPath[]): unknown {
  if (paths.length === 0) return value
  if (paths.some((path) => path.length === 0)) return undefined
  const below = new Map<string | number | undefined, SettingsPath[]>()
  for (const [step, ...rest] of paths) {
    const others = below.get(step)
    if (others === undefined) below.set(step, [rest])
    else others.push(rest)
  }
  const kept = (step: string | number, item: unknown) => withoutPaths(item, below.get(step) ?? [])
  if (Array.isArray(value)) {
    const items = value.map((item: unknown, index) => kept(index, item)).filter((item) => item !== undefined)
    return items.length === 0 ? undefined : items
  }
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, item]) => [key, kept(key, item)] as const)
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
