import type { Facts } from "../../../../src/cli/doctor/facts.ts"
import { agentsInFiles } from "../../../../src/cli/installation/known-agents.ts"
import type { OwnSettings } from "../../../../src/cli/installation/load-own-settings.ts"
import { loadSettings } from "../../../../src/config/load-settings.ts"
import type { SettingsInput } from "../../../../src/config/schema.ts"
import { takeAgentSettings } from "../../../../src/config/take-agent-settings.ts"
import type { Catalog } from "../../../../src/core/catalog.ts"
import type { CircuitRecord } from "../../../../src/core/circuit.ts"
import type { JsonObject } from "../../../../src/core/json-object.ts"
import { catalogOf } from "../../catalog-of.ts"
import { placesIn } from "../../config/places-in.ts"

export const now = Date.parse("2026-11-21T07:00:00Z")

/** The facts of a machine on which all is well, but for what a test says. */
export async function factsOf(given: {
  readonly settings?: SettingsInput | JsonObject
  readonly config?: JsonObject
  readonly catalog?: Catalog
  readonly circuits?: readonly CircuitRecord[]
  readonly unreadAgents?: readonly string[]
  readonly missingKeys?: Facts["missingKeys"]
  readonly plainKeys?: Facts["plainKeys"]
  readonly logins?: readonly string[]
  readonly keyless?: readonly string[]
  readonly version?: string
  readonly plugins?: OwnSettings["plugins"]
  readonly otherPlugins?: Facts["otherPlugins"]
  readonly broken?: OwnSettings["broken"]
  readonly strayFiles?: Facts["strayFiles"]
  readonly missingConfig?: string
  readonly listedAt?: Facts["listedAt"]
  readonly rotatorsAt?: Facts["rotatorsAt"]
  readonly unreadFrontMatter?: Facts["unreadFrontMatter"]
  readonly releases?: Facts["releases"]
}): Promise<Facts> {
  const config = structuredClone<JsonObject>(given.config ?? { model: "alpha/one" })
  const agentSettings = takeAgentSettings(config)
  const settings = given.settings ?? { fallback_models: ["beta/two"] }
  const loaded = await loadSettings({
    places: placesIn([], []),
    pluginOptions: settings,
    agentSettings,
    readFile: () => Promise.resolve(undefined),
  })
  const ours = { spec: "opencode-understudy", name: "opencode-understudy", options: settings }
  const own: OwnSettings = {
    ...loaded,
    places: { ...placesIn([], []), openCodeFiles: [] },
    plugins: given.plugins ?? [ours],
    config,
    agentSettings,
    broken: given.broken ?? [],
  }
  const catalog = given.catalog ?? catalogOf({ "alpha/one": {}, "beta/two": {}, "gamma/three": {} })
  return {
    openCode: "/bin/opencode",
    answers: {
      version: { ok: true, value: given.version ?? "1.18.33" },
      isVersion2: given.version?.startsWith("2.") === true,
      config: { ok: true, value: config },
      models: catalog.known ? { ok: true, value: catalog } : { ok: false, why: "it names no model" },
    },
    own,
    catalog,
    silence: catalog.known ? undefined : "OpenCode could not be asked: it names no model",
    health: { state: "open", where: "file", snapshot: { circuits: [], journal: [], limits: [] } },
    keys: [],
    missingKeys: given.missingKeys ?? [],
    plainKeys: given.plainKeys ?? [],
    credentials: new Map((given.logins ?? []).map((id) => [id, "oauth"])),
    keyless: given.keyless ?? [],
    circuits: new Map((given.circuits ?? []).map((record) => [record.key, record])),
    otherPlugins: given.otherPlugins ?? [],
    listedAt: given.listedAt ?? [],
    rotatorsAt: given.rotatorsAt ?? [],
    unreadFrontMatter: given.unreadFrontMatter ?? [],
    strayFiles: given.strayFiles ?? [],
    missingConfig: given.missingConfig,
    unreadAgents: given.unreadAgents ?? [],
    agents: await agentsInFiles(own),
    releases: given.releases,
    now,
  }
}
