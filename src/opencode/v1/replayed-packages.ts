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
