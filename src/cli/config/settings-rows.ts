import { isObject } from "../../core/json-object.ts"
import type { Settings } from "../../config/schema.ts"
import type { SettingsPath } from "../../config/settings-problem.ts"
import { shortValue, withoutSecrets } from "../../config/short-value.ts"

export type SettingsRow = {
  readonly path: SettingsPath
  /** As it stands in the settings, without secrets. */
  readonly value: unknown
}

/** Every single value of the settings, in the order of the schema. */
export function settingsRows(settings: Settings): readonly SettingsRow[] {
  return rowsOf(settings, [])
}

function rowsOf(value: unknown, path: SettingsPath): readonly SettingsRow[] {
  if (value === undefined) return []
  if (!isObject(value)) return [{ path, value: shown(value, path) }]
  return Object.entries(value).flatMap(([key, below]) => rowsOf(below, [...path, key]))
}

function shown(value: unknown, path: SettingsPath): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => shown(item, path))
  if (typeof value !== "string") return value
  return path.at(-1) === "keys" ? "***" : withoutSecrets(value)
}

/** The value for people: models by their keys, one after the other. */
export function valueText({ value, path }: SettingsRow): string {
  if (!Array.isArray(value)) return shortValue(value, path)
  return value.length === 0 ? "none" : value.map(itemText).join(", ")
}

function itemText(item: unknown): string {
  if (!isObject(item)) return String(item)
  const { model, variant } = item
  return typeof variant === "string" ? `${String(model)} (${variant})` : String(model)
}
