import type { ProtocolName } from "../../simulator/index.ts"
import type { HostOptions } from "./host-options.ts"
import { FAMILY, ORDINALS } from "./providers.ts"

/** An agent with a fallback chain over models that no other chain uses. */
export interface Chain {
  readonly number: number
  /** Name of the agent whose primary is `primary` and whose `fallback_models` are `fallbacks`. */
  readonly agent: string
  readonly protocols: readonly ProtocolName[]
  readonly models: readonly string[]
  readonly primary: string
  readonly fallbacks: readonly string[]
  /** First fallback; the primary's own name for a chain of one. */
  readonly fallback: string
}

/**
 * How many chains of each shape a host has, and with `manyChains`. 400 chains cost each start of OpenCode 1.18.33 two
 * seconds of a processor, its first prompt included, and each of OpenCode 2 as much: a file that needs more asks for them.
 */
const USUAL: readonly (readonly [shape: readonly ProtocolName[], few: number, many: number])[] = [
  [["chat"], 3, 6],
  [["responses"], 1, 7],
  [["anthropic"], 2, 4],
  [["gemini"], 2, 2],
  [["chat", "anthropic"], 12, 46],
  [["chat", "chat"], 2, 18],
  [["chat", "responses"], 2, 3],
  [["chat", "gemini"], 2, 2],
  [["responses", "chat"], 2, 5],
  [["responses", "anthropic"], 3, 6],
  [["responses", "gemini"], 1, 0],
  [["anthropic", "chat"], 3, 12],
  [["anthropic", "anthropic"], 1, 1],
  [["anthropic", "responses"], 1, 1],
  [["anthropic", "gemini"], 1, 1],
  [["gemini", "chat"], 1, 5],
  [["gemini", "anthropic"], 1, 5],
  [["gemini", "responses"], 1, 0],
  ...(["bedrock", "cohere", "gateway"] as const).map((further) => [[further, "chat"], 0, 5] as const),
  [["bedrock", "cohere"], 0, 1],
  [["cohere", "gateway"], 0, 1],
  [["gateway", "bedrock"], 0, 1],
  [["chat", "chat", "anthropic"], 2, 1],
  [["chat", "anthropic", "responses"], 1, 5],
  [["chat", "responses", "anthropic", "gemini", "chat"], 0, 1],
]

/**
 * The protocols in order. A protocol that stands twice means the next model of the same provider:
 * `["chat", "chat"]` is `alpha7/one`, `alpha7/two`.
 */
export function makeChain(number: number, protocols: readonly ProtocolName[]): Chain {
  const seen = new Map<ProtocolName, number>()
  const models = protocols.map((protocol) => {
    const position = seen.get(protocol) ?? 0
    seen.set(protocol, position + 1)
    return `${FAMILY[protocol]}${number}/${ORDINALS[position] ?? `model${position + 1}`}`
  })
  const [primary = "", ...fallbacks] = models
  return {
    number,
    agent: `chain-${number}`,
    protocols,
    models,
    primary,
    fallbacks,
    fallback: fallbacks[0] ?? primary,
  }
}

/** All chains of a host; made before OpenCode starts, because agents stand in its config. */
export function makeChains({
  chains = [],
  manyChains = false,
  providers,
}: Pick<HostOptions, "chains" | "manyChains" | "providers">): readonly Chain[] {
  const usual = (providers ? [] : USUAL).flatMap(([shape, few, many]) =>
    Array.from({ length: manyChains ? many : few }, () => shape),
  )
  const shapes = [...usual, ...chains]
  return shapes.map((shape, index) => makeChain(index + 1, shape))
}

/** Hands out each chain once. */
export class ChainPool {
  readonly #free: Chain[]
  constructor(chains: readonly Chain[]) {
    this.#free = [...chains]
  }

  take(protocols: readonly ProtocolName[]): Chain {
    const wanted = protocols.join(",")
    const index = this.#free.findIndex((chain) => chain.protocols.join(",") === wanted)
    const [chain] = index < 0 ? [] : this.#free.splice(index, 1)
    if (chain === undefined) {
      const shape = JSON.stringify(protocols)
      throw new Error(`No chain ${shape} left: ask for more with the host option { chains: [${shape}, …] }`)
    }
    return chain
  }
}
