/**
 * Provider packages whose requests go through the global `fetch` and are not signed before: only there can a
 * marker header be put on a request and taken off again. A package that we do not know might send them by other
 * means, and the marker would reach the provider.
 */
const knownPackages: ReadonlySet<string> = new Set([
  "@openrouter/ai-sdk-provider",
  "venice-ai-sdk-provider",
  "@ai-sdk/github-copilot",
])

/** Bedrock signs its headers first; the AI Gateway has no protocol of ours and repeats the headers in the body. */
const unfit: readonly string[] = ["@ai-sdk/amazon-bedrock", "@ai-sdk/gateway"]

/**
 * @param webSocketsOn whether OpenCode may speak to OpenAI over WebSockets, whose upgrade would carry the header
 */
export function carriesMarker(npm: string | undefined, webSocketsOn: boolean): boolean {
  if (npm === undefined) return false
  if (npm === "@ai-sdk/openai") return !webSocketsOn
  if (npm.startsWith("@ai-sdk/")) return !unfit.some((name) => npm.startsWith(name))
  return knownPackages.has(npm)
}
