import type { ChainOrigin } from "./chain.ts"

/** Where a chain came from, for people. */
export function describeOrigin(origin: ChainOrigin): string {
  switch (origin.from) {
    case "session":
      return "set for this session"
    case "agent":
      return `agents.${origin.name}`
    case "category":
      return `categories.${origin.name}`
    case "model":
      return `models.${origin.name}`
    case "global":
      return "fallback_models"
    case "none":
      return "none"
  }
}
