import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { type Chain, makeChain } from "../../test/e2e/harness/chains.ts"
import type { HostOptions } from "../../test/e2e/harness/host-options.ts"
import { chainProviders } from "../../test/e2e/harness/providers.ts"
import type { ProtocolName } from "../../test/simulator/index.ts"

export type HostVersion = 1 | 2

export type SoakChain = Chain & {
  /** Its own model can only be left by a replay: what asked for the prompt gets an empty answer then. */
  readonly isReactive: boolean
  /** Of packages that only OpenCode 1 brings along, or can do nothing about. */
  readonly isOnlyFor1: boolean
}

/** All models of a run, the same for each of its servers. */
export type World = {
  readonly chains: readonly SoakChain[]
  /** Who does what is delegated. */
  readonly helper: SoakChain
  readonly options: HostOptions
}

/** Beyond the numbers that the harness gives to its own chains. */
const firstNumber = 1_000
const helperNumber = 999

const everywhere: readonly (readonly ProtocolName[])[] = [
  ["chat", "anthropic"],
  ["anthropic", "chat", "responses"],
  ["gemini", "anthropic"],
  ["responses", "gemini"],
  ["chat", "chat", "anthropic"],
]
/** What of a chain's own model goes past the global `fetch`. */
const unseen: readonly ProtocolName[] = ["chat", "responses"]
const onlyVersion1: readonly (readonly ProtocolName[])[] = [
  unseen,
  ["bedrock", "chat"],
  ["cohere", "gateway"],
  ["gateway", "chat", "anthropic"],
]
/** A session that goes on for a while meets both kinds. */
const shapes = everywhere.flatMap((shape, index) => [shape, ...onlyVersion1.slice(index, index + 1)])

const runtimeFallback = {
  cooldown_seconds: 1,
  max_cooldown_seconds: 4,
  max_fallback_attempts: 10,
  first_token_timeout_seconds: 2,
  stall_timeout_seconds: 2,
}

/** @param origin where the simulated providers are, without a path */
export function makeWorld(origin: string): World {
  const chains = shapes.map((shape, index) => soakChain(firstNumber + index, shape))
  const helper = soakChain(helperNumber, ["anthropic", "chat"])
  const all = [...chains, helper]
  return {
    chains,
    helper,
    options: {
      opencode: {
        provider: Object.assign({}, ...all.map((chain) => providersOf(chain, origin))),
        agent: Object.fromEntries(
          all.map(({ agent, primary }) => [agent, { mode: "all", model: primary, description: agent }]),
        ),
      },
      understudy: {
        runtime_fallback: runtimeFallback,
        agents: Object.fromEntries(
          all.map(({ agent, fallbacks }) => [agent, { fallback_models: fallbacks }]),
        ),
      },
    },
  }
}

function soakChain(number: number, shape: readonly ProtocolName[]): SoakChain {
  const isOnlyFor1 = onlyVersion1.includes(shape)
  return { ...makeChain(number, shape), isReactive: shape === unseen, isOnlyFor1 }
}

/** The chain at a place, which may be beyond the last one; on OpenCode 2 another for those that it cannot have. */
export function chainAt({ chains, helper }: World, place: number, version: HostVersion): SoakChain {
  const chain = chains[place % chains.length] ?? helper
  if (version === 1 || !chain.isOnlyFor1) return chain
  const others = chains.filter(({ isOnlyFor1 }) => !isOnlyFor1)
  return others[place % others.length] ?? helper
}

const unseenPackage = pathToFileURL(
  join(import.meta.dir, "../../test/e2e/fixtures/unseen-provider/unseen-provider.mjs"),
).href

function providersOf({ number, protocols, primary, isReactive }: SoakChain, origin: string): object {
  const providers = chainProviders(number, protocols, origin)
  const own = primary.slice(0, primary.indexOf("/"))
  return isReactive ? { ...providers, [own]: { ...Object(providers[own]), npm: unseenPackage } } : providers
}
