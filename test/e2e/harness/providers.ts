import type { ProtocolName } from "../../simulator/index.ts"
import { record } from "../../simulator/protocol/json.ts"
import { awsKeys } from "../../simulator/sigv4.ts"
import type { HostOptions } from "./host-options.ts"

type Json = Readonly<Record<string, unknown>>

/** Each protocol has one family of providers: `alpha` (and `alpha1`, `alpha2` …) speaks chat completions, and so on. */
export const FAMILY = {
  chat: "alpha",
  responses: "beta",
  anthropic: "gamma",
  gemini: "delta",
  bedrock: "epsilon",
  cohere: "zeta",
  gateway: "eta",
} as const

const SDK: Readonly<Record<ProtocolName, readonly [npm: string, apiPath: string]>> = {
  chat: ["@ai-sdk/openai-compatible", "/v1"],
  responses: ["@ai-sdk/openai", "/v1"],
  anthropic: ["@ai-sdk/anthropic", "/v1"],
  gemini: ["@ai-sdk/google", "/v1beta"],
  bedrock: ["@ai-sdk/amazon-bedrock", ""],
  cohere: ["@ai-sdk/cohere", "/v2"],
  gateway: ["@ai-sdk/gateway", "/v1/ai"],
}

/** Models `m1` … of the four shared providers, handed out by `host.models`; the last are spelled out in settings. */
export const POOL_SIZE = 30

export const ORDINALS = ["one", "two", "three", "four", "five"] as const

const modelConfig = (id: string, more: Json = {}): Json => ({
  name: id,
  tool_call: true,
  attachment: true,
  reasoning: false,
  limit: { context: 200_000, output: 32_000 },
  modalities: { input: ["text", "image", "pdf"], output: ["text"] },
  ...more,
})

const modelsConfig = (ids: readonly string[]): Json =>
  Object.fromEntries(ids.map((id) => [id, modelConfig(id)]))

/** A provider whose requests go to `origin`/`id`/…; `models` is what `opencode.json` wants. */
export function providerConfig(protocol: ProtocolName, id: string, origin: string, models: Json): Json {
  const [npm, apiPath] = SDK[protocol]
  // Named as they are spelled in settings, so that toasts, which show names, can be told apart.
  const named = Object.fromEntries(
    Object.entries(models).map(([model, config]) => [model, { ...record(config), name: `${id}/${model}` }]),
  )
  // Bedrock's package signs with these.
  const keys = protocol === "bedrock" ? { ...awsKeys, region: "us-east-1" } : { apiKey: `key-of-${id}` }
  return { npm, name: id, options: { baseURL: `${origin}/${id}${apiPath}`, ...keys }, models: named }
}

/** `alpha` … `delta`, and `offline`, whose connections are refused. */
export function sharedProviders(origin: string, closedOrigin: string): Json {
  const pool = Array.from({ length: POOL_SIZE }, (_, index) => `m${index + 1}`)
  const common = modelsConfig([...ORDINALS, "small", ...pool])
  const special = {
    textonly: modelConfig("textonly", {
      attachment: false,
      modalities: { input: ["text"], output: ["text"] },
    }),
    huge: modelConfig("huge", { limit: { context: 2_000_000, output: 32_000 } }),
    // Small enough that a fallback to it must be refused, large enough for OpenCode's own system prompt.
    tiny: modelConfig("tiny", { limit: { context: 16_000, output: 2_000 } }),
  }
  return {
    alpha: providerConfig("chat", "alpha", origin, { ...common, ...special }),
    beta: providerConfig("responses", "beta", origin, common),
    gamma: providerConfig("anthropic", "gamma", origin, common),
    delta: providerConfig("gemini", "delta", origin, common),
    offline: providerConfig("chat", "offline", closedOrigin, modelsConfig(ORDINALS)),
  }
}

/** Providers by names of their own, as `HostOptions.providers` has them. */
export const namedProviders = (named: NonNullable<HostOptions["providers"]>, origin: string): Json =>
  Object.fromEntries(
    Object.entries(named).map(([id, [protocol, ...models]]) => [
      id,
      providerConfig(protocol, id, origin, modelsConfig(models)),
    ]),
  )

/** The providers that only one chain uses (`alpha7` …), each with the models of the chain and nothing else. */
export function chainProviders(number: number, protocols: readonly ProtocolName[], origin: string): Json {
  return Object.fromEntries(
    [...new Set(protocols)].map((protocol) => {
      const id = `${FAMILY[protocol]}${number}`
      const count = protocols.filter((other) => other === protocol).length
      return [id, providerConfig(protocol, id, origin, modelsConfig(ORDINALS.slice(0, count)))]
    }),
  )
}
