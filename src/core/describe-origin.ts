import type { ChainOrigin } from "./chain.ts"

const sections = { agent: "agents", category: "categories", model: "models" } as const

/** Where a chain stands in the settings; `undefined` for one that stands in none. */
export function originPath(origin: ChainOrigin): readonly [string, ...string[]] | undefined {
  if ("name" in origin) return [sections[origin.from], origin.name, "fallback_models"]
  return origin.from === "global" ? ["fallback_models"] : undefined
}

export function describeOrigin(origin: ChainOrigin): string {
  if ("name" in origin) return `${sections[origin.from]}.${origin.name}`
  return { session: "set for this session", global: "fallback_models", none: "none" }[origin.from]
}
