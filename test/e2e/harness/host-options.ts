import { join } from "node:path"
import type { ProtocolName } from "../../simulator/index.ts"

/** An MCP server with one tool, `note`. */
const notesServer = join(import.meta.dir, "../fixtures/mcp-server/notes.mjs")

type Json = Readonly<Record<string, unknown>>

/**
 * For scenarios that need no settings of their own: those of a file share one OpenCode. Agents of the chains run as
 * subagents too, and `lead` may have some of its own: where, each version says otherwise.
 */
export const usualSettings: HostOptions = {
  manyChains: true,
  agentMode: "all",
  opencode: {
    mcp: { notes: { type: "local", command: ["node", notesServer] } },
    subagent_depth: 2,
    experimental: { subagent_depth: 2 },
    agent: {
      refused: { mode: "all", model: "offline/one", description: "Nobody is there" },
      lead: {
        mode: "all",
        model: "alpha/m30",
        description: "Leads others",
        permission: { task: "allow", subagent: "allow" },
      },
    },
  },
  understudy: { agents: { refused: { fallback_models: ["gamma/m30"] } } },
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
