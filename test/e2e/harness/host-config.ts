import { existsSync } from "node:fs"
import { cp } from "node:fs/promises"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { isRecord } from "../../simulator/protocol/json.ts"
import type { Chain } from "./chains.ts"
import { type Home, preventInstall } from "./home.ts"
import type { HostOptions } from "./host-options.ts"
import { REPOSITORY } from "./opencode-binary.ts"
import { chainProviders, namedProviders, sharedProviders } from "./providers.ts"

type Json = Readonly<Record<string, unknown>>

/** Objects key by key, everything else replaced. */
export function merge(base: Json, over: Json): Json {
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key]
    merged[key] = isRecord(below) && isRecord(value) ? merge(below, value) : value
  }
  return merged
}

async function pluginList(home: Home, options: HostOptions): Promise<readonly unknown[]> {
  const plugin = options.plugin ?? "dist"
  if (plugin === "none") return []
  if (plugin !== "dist") return plugin
  const path = pathToFileURL(await copyPlugin(home)).href
  return [options.pluginOptions === undefined ? path : [path, options.pluginOptions]]
}

/** What is needed of a checkout that is listed by its path: OpenCode 2 reads and watches the whole folder. */
async function copyPlugin(home: Home): Promise<string> {
  // OpenCode says nothing when the entry file is missing: the plugin would be silently absent.
  if (!existsSync(join(REPOSITORY, "dist/index.js")))
    throw new Error("dist/index.js is missing: npm run build")
  const folder = join(home.path, "plugin")
  await Promise.all(
    ["package.json", "server.js", "tui.js", "dist"].map((name) =>
      cp(join(REPOSITORY, name), join(folder, name), { recursive: true }),
    ),
  )
  return folder
}

function opencodeConfig(
  plugin: readonly unknown[],
  options: HostOptions,
  chains: readonly Chain[],
  origins: { readonly live: string; readonly closed: string },
): Json {
  const provider = merge(
    sharedProviders(origins.live, origins.closed),
    Object.assign(
      namedProviders(options.providers ?? {}, origins.live),
      ...chains.map((chain) => chainProviders(chain.number, chain.protocols, origins.live)),
    ) as Json,
  )
  const agent = Object.fromEntries(
    chains.map((chain) => [
      chain.agent,
      { mode: options.agentMode ?? "primary", model: chain.primary, description: `Chain ${chain.number}` },
    ]),
  )
  const rule = options.permission ?? "allow"
  const config = merge(
    {
      $schema: "https://opencode.ai/config.json",
      model: "alpha/one",
      small_model: "alpha/small",
      share: "disabled",
      autoupdate: false,
      snapshot: options.git ?? false,
      permission: { edit: rule, bash: rule, webfetch: rule, external_directory: "allow", doom_loop: "allow" },
      plugin,
      provider,
      agent,
    },
    options.opencode ?? {},
  )
  // OpenCode looks at keys in the environment and at models.dev: only our own providers may exist.
  return { enabled_providers: Object.keys(config["provider"] ?? {}), ...config }
}

function understudySettings(options: HostOptions, chains: readonly Chain[]): string {
  if (typeof options.understudy === "string") return options.understudy
  const agents = Object.fromEntries(
    chains.flatMap((chain) =>
      chain.fallbacks.length === 0 ? [] : [[chain.agent, { fallback_models: chain.fallbacks }]],
    ),
  )
  return JSON.stringify(merge({ agents }, options.understudy ?? {}), undefined, 2)
}

/** Writes everything that OpenCode reads at its start. */
export async function writeConfig(
  home: Home,
  options: HostOptions,
  chains: readonly Chain[],
  origins: { readonly live: string; readonly closed: string },
): Promise<void> {
  const plugin = await pluginList(home, options)
  const files: Record<string, string | Uint8Array> = {
    [join(home.config, "opencode.json")]: JSON.stringify(
      opencodeConfig(plugin, options, chains, origins),
      undefined,
      2,
    ),
    [join(home.config, "understudy.jsonc")]: understudySettings(options, chains),
  }
  for (const [name, content] of Object.entries(options.agents ?? {})) {
    files[join(home.config, "agent", `${name}.md`)] = content
  }
  for (const [path, content] of Object.entries(options.configFiles ?? {}))
    files[join(home.config, path)] = content
  for (const [path, content] of Object.entries(options.files ?? {})) files[join(home.project, path)] = content
  await Promise.all(Object.entries(files).map(([path, content]) => Bun.write(path, content)))
  const projectConfig = Object.keys(options.files ?? {}).some((path) => path.startsWith(".opencode/"))
  if (projectConfig) await preventInstall(join(home.project, ".opencode"))
  if (options.git === true) await makeRepository(home)
}

async function makeRepository(home: Home): Promise<void> {
  const git = ["git", "-c", "user.name=test", "-c", "user.email=test@localhost"]
  for (const args of [
    ["init", "-q", "-b", "main"],
    ["add", "-A"],
    ["commit", "-q", "--allow-empty", "-m", "start"],
  ]) {
    const { exited } = Bun.spawn([...git, ...args], { cwd: home.project, env: home.environment })
    if ((await exited) !== 0) throw new Error(`git ${args.join(" ")} failed in ${home.project}`)
  }
}
