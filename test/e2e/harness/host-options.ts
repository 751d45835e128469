import { join } from "node:path"
import type { ProtocolName } from "../../simulator/index.ts"

/** An MCP server with one tool, `note`. */
const notesServer = join(import.meta.dir, "../fixtures/mcp-server/notes.mjs")

type Json = Readonly<Record<string, unknown>>

const variants = { high: { reasoningEffort: "high" } }

/** Agents with a model of their own, and what Understudy's settings say of them. */
const agents: Readonly<Record<string, readonly [model: string, settings?: Json, more?: Json]>> = {
  refused: ["offline/one", { fallback_models: ["gamma/m30"] }, { mode: "all" }],
  small: ["alpha/m11", { fallback_models: ["alpha/tiny", "gamma/m11"] }],
  gone: ["alpha/m12", { fallback_models: ["nowhere/x", "gamma/unheard-of", "gamma/m12"] }],
  missing: ["alpha/never-heard-of", { fallback_models: ["gamma/m12"] }],
  elsewhere: ["alpha/m13", { fallback_models: ["nowhere/*", "offline/*", "gamma/*"] }],
  opted: ["beta/m15", { fallback_models: ["gamma/m15"] }],
  ignoring: ["alpha/m16", { fallback_models: ["delta/m16", "gamma/m16"] }],
  network: ["offline/three", { fallback_models: ["offline/four", "gamma/m17"] }],
  filling: ["gamma/m26", { fallback_models: ["gamma/m27", "alpha/m27"] }],
  sailor: [
    "alpha/m20",
    { fallback_models: ["alpha/m21"] },
    { prompt: "You are a sailor.", tools: { webfetch: false } },
  ],
  seeing: ["alpha/m22", { fallback_models: ["alpha/textonly", "gamma/m23"] }],
  minded: ["alpha/m24", { fallback_models: ["alpha/m25"] }],
}

/**
 * For scenarios that need no settings of their own, or some that are in nobody's way: those of a folder share one OpenCode.
 * Agents of the chains run as subagents too, and `lead` may have some of its own: where, each version says otherwise.
 * Models from `m6` on are spelled out here and in scenarios; those before `host.models` hands out.
 */
export const usualSettings: HostOptions = {
  manyChains: true,
  agentMode: "all",
  opencode: {
    mcp: { notes: { type: "local", command: ["node", notesServer] } },
    subagent_depth: 2,
    experimental: { subagent_depth: 2 },
    provider: { alpha: { models: { m24: { variants }, m25: { variants } } } },
    agent: {
      ...Object.fromEntries(
        Object.entries(agents).map(([name, [model, , more]]) => [
          name,
          { mode: "primary", model, description: "Of the usual settings", ...more },
        ]),
      ),
      lead: {
        mode: "all",
        model: "alpha/m30",
        description: "Leads others",
        permission: { task: "allow", subagent: "allow" },
      },
    },
  },
  understudy: {
    // It outlasts any scenario.
    runtime_fallback: { cooldown_seconds: 600 },
    agents: Object.fromEntries(Object.entries(agents).map(([name, [, settings]]) => [name, settings])),
    categories: {
      quick: {
        description: "small, fast jobs",
        model: "alpha/m6",
        fallback_models: ["gamma/m6"],
        prompt_append: "Answer in one line.",
      },
      slow: { description: "long jobs", model: "alpha/m7" },
      deep: { model: "beta/m6" },
    },
    models: { "alpha/m18": { fallback_models: ["gamma/m18"] } },
    providers: {
      beta: { allow_fallback: false },
      delta: { ignore_models: ["m16"] },
      gamma: { leave_at_percent: 90 },
    },
  },
}

export interface HostOptions {
  /**
   * `dist`: this repository as a user would list it (default). `none`: OpenCode alone.
   * Otherwise entries of the `plugin` list of opencode.json.
   */
  readonly plugin?: "dist" | "none" | readonly (string | readonly [string, Json])[]
  /** Options of the plugin when `plugin` is `dist`. */
  readonly pluginOptions?: Json
  /** Content of `understudy.jsonc`, merged over the chains; a string is written as it is (and replaces the chains). */
  readonly understudy?: Json | string
  /** Merged over the harness's opencode.json, objects key by key. */
  readonly opencode?: Json
  /** Providers of the simulator in the place of the usual chains, by names of their own: provider → protocol and models. */
  readonly providers?: Readonly<Record<string, readonly [ProtocolName, ...models: readonly string[]]>>
  /** For files with very many scenarios; see chains.ts. */
  readonly manyChains?: boolean
  /** Chains beyond those; see chains.ts. */
  readonly chains?: readonly (readonly ProtocolName[])[]
  /** `all`: the agents of the chains can run as subagents too. OpenCode 2 refuses others there. Default `primary`. */
  readonly agentMode?: "primary" | "all"
  /** Markdown agents: name → file text (front matter and prompt). */
  readonly agents?: Readonly<Record<string, string>>
  /** Files in the project folder: path → content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Files in the config folder: path → content. */
  readonly configFiles?: Readonly<Record<string, string>>
  readonly environment?: Readonly<Record<string, string>>
  /** `ask` makes bash and edit ask; default: everything is allowed. */
  readonly permission?: "allow" | "ask"
  /** Makes the project a git repository (snapshots, revert). Default false. */
  readonly git?: boolean
}
