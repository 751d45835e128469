const start = "<!-- settings:start -->"
const end = "<!-- settings:end -->"

type JsonSchema = Readonly<Record<string, unknown>>

/** Rows for every key of the schema, in its order; keys of users' own choice stand as `*`. */
export function settingsTable(schema: JsonSchema): string {
  const rows = rowsOf(schema, "").map(
    ([path, node]) =>
      `| \`${path}\` | ${cell(defaultText(node))} | ${cell(descriptionOf(node).replace(defaultSentence, ""))} |`,
  )
  return ["| key | default | meaning |", "| --- | --- | --- |", ...rows].join("\n")
}

/** @returns `undefined` when the page has no markers. */
export function withSettingsTable(page: string, table: string): string | undefined {
  const from = page.indexOf(start)
  const to = page.indexOf(end)
  if (from === -1 || to < from) return undefined
  return `${page.slice(0, from + start.length)}\n\n${table}\n\n${page.slice(to)}`
}

function rowsOf(schema: JsonSchema, prefix: string): readonly (readonly [string, JsonSchema])[] {
  const own = Object.entries(objectAt(schema, "properties")).filter(([key]) => key !== "$schema")
  const rows = own.flatMap(([key, value]) => groupRows(`${prefix}${key}`, asSchema(value)))
  const others = schema["additionalProperties"]
  return isSchema(others) ? [...rows, ...groupRows(`${prefix}*`, others)] : rows
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

function objectAt(schema: JsonSchema, key: string): JsonSchema {
  return asSchema(schema[key])
}

function asSchema(value: unknown): JsonSchema {
  return isSchema(value) ? value : {}
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
