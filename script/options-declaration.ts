import { asObject, isObject, type JsonObject as JsonSchema } from "../src/core/json-object.ts"
import { settingsJsonSchema } from "./settings-json-schema.ts"

/** What the main entry of the package declares: the plugin, and the type of its options for those who write TypeScript. */
export function indexDeclaration(schema: JsonSchema = settingsJsonSchema()): string {
  return `import type { Plugin } from "@opencode-ai/plugin"

/**
 * Settings, as in understudy.jsonc or as the plugin's options: \`["opencode-understudy", options]\`.
 *
 * @example
 * const options: UnderstudyOptions = { fallback_models: ["openai/gpt-5.2"] }
 */
export type UnderstudyOptions = ${typeText(schema, "")}

/** OpenCode 1 takes \`server\`, OpenCode 2 \`setup\`. */
declare const plugin: {
  readonly id: string
  readonly server: Plugin
  readonly setup: (context: unknown) => Promise<unknown>
}
export default plugin
`
}

/** A JSON Schema, as Zod writes it, as a type of TypeScript. */
export function typeText(schema: JsonSchema, indent: string): string {
  const choices = list(schema["anyOf"]) ?? list(schema["oneOf"])
  if (choices) return choices.map((choice) => typeText(asObject(choice), indent)).join(" | ")
  const values = list(schema["enum"])
  if (values) return values.map((value) => JSON.stringify(value)).join(" | ")
  switch (schema["type"]) {
    case "object":
      return objectText(schema, indent)
    case "array":
      return `readonly (${typeText(asObject(schema["items"]), indent)})[]`
    case "integer":
    case "number":
      return "number"
    case "string":
    case "boolean":
      return schema["type"]
    default:
      return "unknown"
  }
}

function objectText(schema: JsonSchema, indent: string): string {
  const inner = `${indent}  `
  const required = list(schema["required"]) ?? []
  const own = Object.entries(asObject(schema["properties"])).map(([key, value]) => {
    const below = asObject(value)
    const about = typeof below["description"] === "string" ? `${inner}/** ${below["description"]} */\n` : ""
    const mark = required.includes(key) ? "" : "?"
    return `${about}${inner}readonly ${JSON.stringify(key)}${mark}: ${typeText(below, inner)}\n`
  })
  const others = schema["additionalProperties"]
  const rest = isObject(others) ? [`${inner}readonly [name: string]: ${typeText(others, inner)}\n`] : []
  return `{\n${[...own, ...rest].join("")}${indent}}`
}

function list(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}
