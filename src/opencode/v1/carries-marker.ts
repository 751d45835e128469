/**
 * Provider packages whose requests go through the global `fetch` and are not signed before: only there can a
 * marker header be put on a request and taken off again. Bedrock signs its headers first; a package that we do
 * not know might send them by other means, and the marker would reach the provider.
 */
const knownPackages: ReadonlySet<string> = new Set([
  "@openrouter/ai-sdk-provider",
  "venice-ai-sdk-provider",
  "@ai-sdk/github-copilot",
])

export function carriesMarker(npm: string | undefined): boolean {
  if (npm === undefined) return false
  if (npm.startsWith("@ai-sdk/")) return !npm.startsWith("@ai-sdk/amazon-bedrock")
  return knownPackages.has(npm)
}
