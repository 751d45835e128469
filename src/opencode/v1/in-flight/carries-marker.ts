import type { FetchRoutes } from "../../../transport/fetch-routes.ts"
import { stepMarkerHeader, unsignedMarkerHeader } from "../../../transport/step-marker.ts"

/**
 * Provider packages whose requests go through the global `fetch` with the headers of the call: only there can a
 * marker be put on a request and taken off again. A package that we do not know might send them by other means,
 * and the marker would reach the provider.
 */
const knownPackages: ReadonlySet<string> = new Set([
  "@openrouter/ai-sdk-provider",
  "venice-ai-sdk-provider",
  "@ai-sdk/github-copilot",
])

/**
 * @param webSocketsOn whether OpenCode may speak to OpenAI over WebSockets, whose upgrade would carry the header
 */
export function carriesMarker(npm: string | undefined, webSocketsOn: boolean): boolean {
  if (npm === undefined) return false
  if (npm === "@ai-sdk/openai") return !webSocketsOn
  return npm.startsWith("@ai-sdk/") || knownPackages.has(npm)
}

export type MarkedCall = {
  readonly npm: string | undefined
  readonly providerID: string
  readonly sessionID: string
}

/**
 * Whether the marker may be put on a call: on those of known packages, and on those of a provider whose requests
 * were seen to pass `fetch` with their headers. One that is not known yet is looked out for.
 */
export function createMayMark(
  routes: FetchRoutes,
  webSocketsOn: () => boolean,
): (call: MarkedCall) => boolean {
  return ({ npm, providerID, sessionID }) => {
    if (carriesMarker(npm, webSocketsOn()) || routes.isProven(providerID)) {
      // Also a title or a compaction, which bears no marker and would be taken for the step that is looked out for.
      routes.forget(sessionID)
      return true
    }
    // Its titles go another way than its steps, and would prove the wrong one.
    if (npm !== undefined && npm !== "@ai-sdk/openai") routes.expect(sessionID, providerID)
    return false
  }
}

/** Bedrock signs its headers before `fetch` is called: there the marker rides in the one that is not signed. */
export function markerHeader(npm: string | undefined): string {
  return npm?.startsWith("@ai-sdk/amazon-bedrock") === true ? unsignedMarkerHeader : stepMarkerHeader
}

/**
 * Provider packages of OpenCode 1 whose failures are handled by a replay only, and why. A package that is neither here
 * nor known is in flight from its second request in a process on, if its first has shown that it can be.
 */
export const replayedPackages: ReadonlyMap<string, string> = new Map([
  ["gitlab-ai-provider", "it sends none of the headers of a call, so that a request cannot be told apart"],
  [
    "ai-gateway-provider",
    "one request holds those of several providers, and its answer is that of any of them",
  ],
  ["@jerome-benoit/sap-ai-provider-v2", "its requests go past `fetch`"],
])
