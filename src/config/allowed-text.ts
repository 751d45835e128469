import * as z from "zod/mini"
import { ownValue } from "../core/json-object.ts"
import { nearestWord } from "../core/nearest-word.ts"
import { settingsSchema } from "./schema.ts"
import { pathText, type SettingsPath } from "./settings-problem.ts"

/** What may stand at a path, in sentences of their own, for the user who wrote something else. */
export function allowedText(issue: z.core.$ZodIssue, path: SettingsPath, found: unknown): string {
  if (issue.code === "unrecognized_keys") return keyText(path)
  if (issue.code === "invalid_key" && path[0] !== "models")
    return "Allowed: a name that is not blank, without control characters."
  if (issue.code === "invalid_key") return 'Allowed: a key as "provider/model", such as "openai/gpt-5.2".'
  if (issue.code === "custom") return issue.message
  return valueText(issue, path, found)
}

function keyText(path: SettingsPath): string {
  const key = String(path.at(-1))
  const keys = keysAt(path.slice(0, -1)).filter((known) => known !== "$schema")
  const home = homesOfKeys.find((place) => keysAt(place).includes(key))
  const near = nearestWord(key, keys) ?? (home === undefined ? longerKey(key, keys) : undefined)
  if (near !== undefined) return `Did you mean "${near}"?`
  if (home !== undefined)
    return `It belongs ${home.length === 0 ? "at the top level" : `in ${pathText(home)}`}.`
  return `Allowed: ${keys.join(", ")}.`
}

/** The shortest key that holds all of these words: `max_attempts` is `max_fallback_attempts`. */
function longerKey(key: string, keys: readonly string[]): string | undefined {
  const written = wordsOf(key)
  const longer = keys.filter((known) => written.every((word) => wordsOf(known).includes(word)))
  return longer.toSorted((a, b) => a.length - b.length)[0]
}

function wordsOf(key: string): readonly string[] {
  return key
    .replaceAll(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .split(/[_-]/)
}

function valueText(issue: z.core.$ZodIssue, path: SettingsPath, found: unknown): string {
  if (issue.code === "invalid_value")
    return `Allowed: ${issue.values.map((value) => JSON.stringify(value)).join(", ")}.`
  const isText = typeof found === "string"
  const described = descriptionAt(path, isText) ?? descriptionAt(path.slice(0, -1), isText)
  const sentences = [
    issue.code === "invalid_type" ? typeNames[issue.expected] : undefined,
    Array.isArray(found) && issue.code === "too_big" ? `at most ${issue.maximum} entries.` : undefined,
    // What is in force instead is said elsewhere.
    described?.replace(/ Default: .+$/, ""),
    isText && found.includes(",") ? 'For several, write a list: ["…", "…"].' : undefined,
  ]
  return `Allowed: ${sentences.filter((sentence) => sentence !== undefined).join(" ")}`
}

const typeNames: Readonly<Record<string, string>> = {
  array: "a list.",
  boolean: "true or false.",
  int: "a whole number.",
  number: "a number.",
  object: "an object.",
  record: "an object.",
  string: "a string.",
  tuple: "a list.",
}

type Schema = z.core.$ZodType

/** The schema without the layers that only say what happens when a value is missing or how it is rewritten. */
function unwrapped(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodMiniOptional || schema instanceof z.ZodMiniPrefault)
    return unwrapped(schema.def.innerType)
  if (schema instanceof z.ZodMiniPipe) return unwrapped(schema.def.in)
  if (schema instanceof z.ZodMiniUnion) return schema.def.options.flatMap((option) => unwrapped(option))
  return [schema]
}

function child(schema: Schema, step: string | number): Schema | undefined {
  if (schema instanceof z.ZodMiniArray) return typeof step === "number" ? schema.def.element : undefined
  if (typeof step === "number") return undefined
  if (schema instanceof z.ZodMiniRecord) return schema.def.valueType
  return schema instanceof z.ZodMiniObject ? ownValue(schema.def.shape, step) : undefined
}

/** What the schema holds at a path. Unions make several possible. */
function schemasAt(path: SettingsPath): readonly Schema[] {
  let found: readonly Schema[] = [settingsSchema]
  for (const step of path)
    found = found.flatMap((schema) => unwrapped(schema).flatMap((inner) => child(inner, step) ?? []))
  return found
}

export function keysAt(path: SettingsPath): readonly string[] {
  return schemasAt(path)
    .flatMap((schema) => unwrapped(schema))
    .flatMap((schema) => (schema instanceof z.ZodMiniObject ? Object.keys(schema.def.shape) : []))
}

/** The description at a path; for a text among other possibilities that of the text. */
function descriptionAt(path: SettingsPath, isText: boolean): string | undefined {
  const outer = schemasAt(path)
  const texts = outer
    .flatMap((schema) => unwrapped(schema))
    .filter((schema) => schema instanceof z.ZodMiniString)
  const inOrder = isText ? [...texts, ...outer] : outer
  for (const schema of inOrder) {
    const description = z.globalRegistry.get(schema)?.description
    if (description !== undefined) return description
  }
  return undefined
}

/** Where a key may belong that is right and stands in a wrong place. */
const homesOfKeys: readonly SettingsPath[] = [[], ["runtime_fallback"]]
