import { asObject, isObject, type JsonObject as JsonSchema } from "../src/core/json-object.ts"

/** Rows for every key of the schema, in its order; keys of users' own choice stand as `*`. */
export function settingsTable(schema: JsonSchema): string {
  const rows = rowsOf(schema, "").map(
    ([path, node]) =>
      `| \`${path}\` | ${cell(defaultText(node))} | ${cell(descriptionOf(node).replace(defaultSentence, ""))} |`,
  )
  return ["| key | default | meaning |", "| --- | --- | --- |", ...rows].join("\n")
}

function rowsOf(schema: JsonSchema, prefix: string): readonly (readonly [string, JsonSchema])[] {
  const own = Object.entries(asObject(schema["properties"])).filter(([key]) => key !== "$schema")
  const rows = own.flatMap(([key, value]) => groupRows(`${prefix}${key}`, asObject(value)))
  const others = schema["additionalProperties"]
  return isObject(others) ? [...rows, ...groupRows(`${prefix}*`, others)] : rows
}

function groupRows(path: string, node: JsonSchema): readonly (readonly [string, JsonSchema])[] {
  const below = rowsOf(node, `${path}.`)
  // same_model_retries has one line for all kinds: its keys differ in nothing but their default.
  const isUniform = below.length > 0 && below.every(([, child]) => descriptionOf(child) === "")
  return below.length === 0 || isUniform ? [[path, node]] : below
}

const defaultSentence = / Default: (.+)\.$/

/** Descriptions end in "Default: ….": in the table that sentence has a column of its own. */
function defaultText(node: JsonSchema): string {
  return defaultSentence.exec(descriptionOf(node))?.[1] ?? "–"
}

function descriptionOf(node: JsonSchema): string {
  const description = node["description"]
  return typeof description === "string" ? description : ""
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|")
}
