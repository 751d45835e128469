import type { RecordedRequest } from "../../simulator/index.ts"

const ourKeys = ["fallback_models", "category", "runtime_fallback", "understudy"]

const known = new WeakMap<RecordedRequest, readonly string[]>()

/** What a provider must never see of us. Looked for once in each request: they are many, and long. */
export function tracesOf(request: RecordedRequest): readonly string[] {
  const traces = known.get(request) ?? lookFor(request)
  known.set(request, traces)
  return traces
}

function lookFor({ headers, body, path, query }: RecordedRequest): readonly string[] {
  // What a tool calls its arguments is the tool's.
  const { tools: _, toolConfig: _ofBedrock, ...options } = body
  const names = [...Object.keys(headers), ...keysIn(options)].filter((name) => ourKeys.includes(name))
  return [...names, ...tracesIn([headers, path, query, body])]
}

/** Where our name stands in anything that can be written as JSON. */
export function tracesIn(value: unknown): readonly string[] {
  // OpenCode's own prompt names the test's folder.
  const text = JSON.stringify(value).replaceAll("understudy-home-", "")
  // The pattern alone would take a hundred times as long.
  if (!text.toLowerCase().includes("understudy")) return []
  return text.match(/.{0,40}understudy.{0,40}/gi) ?? []
}

/** Keys of an object and of everything inside it. */
function keysIn(value: unknown): readonly string[] {
  if (typeof value !== "object" || value === null) return []
  const inside = Object.values(value).flatMap(keysIn)
  return Array.isArray(value) ? inside : [...Object.keys(value), ...inside]
}
