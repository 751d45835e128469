import { pathToFileURL } from "node:url"
import type { Served } from "../test/e2e/harness/any-host.ts"
import { makeHome } from "../test/e2e/harness/home.ts"
import { serve } from "../test/e2e/harness/host.ts"
import { REPOSITORY } from "../test/e2e/harness/opencode-binary.ts"
import { serve2 } from "../test/e2e/harness/opencode2/host.ts"

/** An agent with a chain; both name models as `provider/model`. */
export type Agent = { readonly model: string; readonly fallbackModels: readonly string[] }

export type Setup = {
  /** Where the simulator listens; every provider is sent there. */
  readonly origin: string
  /** Entries of the `plugin` list of opencode.json; `this` is this repository as a user would list it. */
  readonly plugins: readonly string[]
  readonly agents: Readonly<Record<string, Agent>>
  /** Files below the home folder, beside what is written anyway: path → content. */
  readonly files?: Readonly<Record<string, string>>
  /** The plugin is not ours: no keys of ours stand on the agents. */
  readonly hasOwnSettings?: boolean
  /** Major version; default 1. */
  readonly version?: 1 | 2
}

/** A real `opencode serve` in a home of its own, whose only providers are simulated. */
export type SimulatedOpenCode = Served & { readonly project: string }

/** This repository as an entry of the `plugin` list. */
export const thisPlugin: string = pathToFileURL(REPOSITORY).href

/** The SDK package and the API's path of each provider that the demo and the benches name. */
const providers = {
  anthropic: ["@ai-sdk/anthropic", "v1"],
  openai: ["@ai-sdk/openai", "v1"],
  google: ["@ai-sdk/google", "v1beta"],
  local: ["@ai-sdk/openai-compatible", "v1"],
} as const

export async function startSimulatedOpenCode(setup: Setup): Promise<SimulatedOpenCode> {
  await using cleanup = new AsyncDisposableStack()
  // With all that OpenCode knows of models.dev, as users have it.
  const home = cleanup.use(await makeHome({ OPENCODE_MODELS_PATH: undefined }))
  await Bun.write(`${home.config}/opencode.json`, JSON.stringify(config(setup), undefined, 2))
  for (const [path, content] of Object.entries(setup.files ?? {}))
    await Bun.write(`${home.path}/${path}`, content)
  const [agent = ""] = Object.keys(setup.agents)
  const served = cleanup.use(
    await (setup.version === 2 ? serve2(home, { agent, hasPlugin: setup.plugins.length > 0 }) : serve(home)),
  )
  const kept = cleanup.move()
  return { ...served, project: home.project, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

function config({ origin, plugins, agents, hasOwnSettings }: Setup): unknown {
  const models = [
    ...new Set(Object.values(agents).flatMap((agent) => [agent.model, ...agent.fallbackModels])),
  ]
  const provider = Object.fromEntries(
    Object.entries(providers).map(([id, [npm, path]]) => {
      const own = models
        .filter((model) => model.startsWith(`${id}/`))
        .map((model) => model.slice(id.length + 1))
      const options = { baseURL: `${origin}/${id}/${path}`, apiKey: "not-a-key" }
      return [
        id,
        {
          npm,
          name: id,
          options,
          models: Object.fromEntries(own.map((model) => [model, modelConfig(model)])),
        },
      ]
    }),
  )
  return {
    $schema: "https://opencode.ai/config.json",
    enabled_providers: Object.keys(providers),
    model: models[0],
    small_model: models[0],
    share: "disabled",
    autoupdate: false,
    snapshot: false,
    permission: { edit: "allow", bash: "allow", webfetch: "allow" },
    plugin: plugins,
    provider,
    // OpenCode alone would send keys that it does not know to the provider.
    agent: Object.fromEntries(
      Object.entries(agents).map(([name, { model, fallbackModels }]) => [
        name,
        {
          mode: "primary",
          model,
          ...(plugins.length > 0 && hasOwnSettings !== true && { fallback_models: fallbackModels }),
        },
      ]),
    ),
  }
}

const modelConfig = (name: string): unknown => ({
  name,
  tool_call: true,
  attachment: true,
  reasoning: false,
  limit: { context: 200_000, output: 32_000 },
  modalities: { input: ["text", "image"], output: ["text"] },
})
