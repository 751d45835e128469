import { replayedPackages } from "../../src/opencode/v1/in-flight/carries-marker.ts"
import { awsKeys } from "../../test/simulator/sigv4.ts"

/** One way in which OpenCode speaks to a provider. */
export type ProviderRow = {
  /** As it stands in the table. */
  readonly name: string
  /** The package as OpenCode names it. */
  readonly npm: string
  readonly protocol: string
  /** The provider's options; `base` is an address of its own on the simulator. */
  readonly options: (base: string) => Readonly<Record<string, unknown>>
  /** The id of the provider; default: any. */
  readonly provider?: string
  /** It offers no tools. */
  readonly hasNoTools?: true
}

const chat = "chat completions"
const apiKey = "key"
const at =
  (path: string): ProviderRow["options"] =>
  (base) => ({ baseURL: `${base}${path}`, apiKey })

const chatRow = (name: string): ProviderRow => ({
  name,
  npm: `@ai-sdk/${name}`,
  protocol: chat,
  options: at("/v1"),
})

/** The packages that OpenCode 1.18 brings along and whose requests can be sent to a simulator. */
export const providerRows: readonly ProviderRow[] = [
  {
    name: "amazon-bedrock, signed",
    npm: "@ai-sdk/amazon-bedrock",
    protocol: "ConverseStream",
    options: (base) => ({ baseURL: base, region: "us-east-1", ...awsKeys }),
  },
  {
    name: "amazon-bedrock, with a key",
    npm: "@ai-sdk/amazon-bedrock",
    protocol: "ConverseStream",
    options: (base) => ({ baseURL: base, region: "us-east-1", apiKey }),
  },
  {
    name: "amazon-bedrock/mantle, signed",
    npm: "@ai-sdk/amazon-bedrock/mantle",
    protocol: "chat completions, responses",
    options: (base) => ({ baseURL: `${base}/v1`, region: "us-east-1", ...awsKeys }),
  },
  {
    name: "amazon-bedrock/mantle, with a key",
    npm: "@ai-sdk/amazon-bedrock/mantle",
    protocol: "chat completions, responses",
    options: (base) => ({ baseURL: `${base}/v1`, region: "us-east-1", apiKey }),
  },
  { name: "anthropic", npm: "@ai-sdk/anthropic", protocol: "messages", options: at("/v1") },
  { name: "azure", npm: "@ai-sdk/azure", protocol: "responses", options: at("/openai") },
  { name: "cohere", npm: "@ai-sdk/cohere", protocol: "Cohere chat 2", options: at("/v2") },
  {
    name: "gateway (Vercel)",
    npm: "@ai-sdk/gateway",
    protocol: "AI SDK stream parts",
    options: at("/v1/ai"),
  },
  {
    name: "github-copilot",
    npm: "@ai-sdk/github-copilot",
    protocol: chat,
    options: at(""),
    // OpenCode 2 knows the package under this name alone.
    provider: "github-copilot",
  },
  { name: "google", npm: "@ai-sdk/google", protocol: "Gemini", options: at("/v1beta") },
  {
    name: "google-vertex",
    npm: "@ai-sdk/google-vertex",
    protocol: "Gemini",
    options: (base) => ({ baseURL: `${base}/v1/publishers/google`, project: "p", location: "us-east5" }),
  },
  {
    name: "google-vertex/anthropic",
    npm: "@ai-sdk/google-vertex/anthropic",
    protocol: "messages",
    options: (base) => ({
      baseURL: `${base}/v1/projects/p/locations/us-east5/publishers/anthropic/models`,
      project: "p",
      location: "us-east5",
    }),
  },
  { name: "openai", npm: "@ai-sdk/openai", protocol: "responses", options: at("/v1") },
  chatRow("openai-compatible"),
  chatRow("alibaba"),
  chatRow("cerebras"),
  chatRow("deepinfra"),
  chatRow("groq"),
  { ...chatRow("mistral"), options: at("/full") },
  { ...chatRow("perplexity"), options: at("/full"), hasNoTools: true },
  chatRow("togetherai"),
  { ...chatRow("vercel"), name: "vercel (v0)" },
  { ...chatRow("xai"), protocol: "chat completions, responses" },
  { name: "openrouter", npm: "@openrouter/ai-sdk-provider", protocol: chat, options: at("/v1") },
  { name: "venice", npm: "venice-ai-sdk-provider", protocol: chat, options: at("/v1") },
]

/** What is met by a replay, and why; none of it can be run against a simulator. */
export const reactiveRows: readonly (readonly [name: string, why: string])[] = [
  ...replayedPackages,
  [
    "openai over WebSockets (`OPENCODE_EXPERIMENTAL_WEBSOCKETS`, builds that never were a release)",
    "its requests go past `fetch`",
  ],
  [
    "any other package",
    "its first request in a process, until that was seen to pass `fetch` with its headers and in a known protocol; later ones are in flight",
  ],
]
