import * as z from "zod/mini"
import type { SettingsPath } from "./settings-problem.ts"
import { ownValue } from "../core/own-value.ts"

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
function schemasAt(root: Schema, path: SettingsPath): readonly Schema[] {
  let found: readonly Schema[] = [root]
  for (const step of path)
    found = found.flatMap((schema) => unwrapped(schema).flatMap((inner) => child(inner, step) ?? []))
  return found
}

export function keysAt(root: Schema, path: SettingsPath): readonly string[] {
  return schemasAt(root, path)
    .flatMap((schema) => unwrapped(schema))
    .flatMap((schema) => (schema instanceof z.ZodMiniObject ? Object.keys(schema.def.shape) : []))
}

/** The description at a path; for a text among other possibilities that of the text. */
export function descriptionAt(root: Schema, path: SettingsPath, isText: boolean): string | undefined {
  const outer = schemasAt(root, path)
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

/** Where else in the schema a key of this name stands, as an object's path: a right key in a wrong place. */
export function homeOfKey(root: Schema, key: string): SettingsPath | undefined {
  if (keysAt(root, []).includes(key)) return []
  return keysAt(root, ["runtime_fallback"]).includes(key) ? ["runtime_fallback"] : undefined
}
