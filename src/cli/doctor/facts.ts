import { resolveKeys, type ResolvedKeys } from "../../accounts/resolve-keys.ts"
import { agentFiles } from "../../config/agent-files.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { readLogins } from "../opencode/read-logins.ts"
import type { Catalog } from "../../core/catalog.ts"
import type { CircuitKey, CircuitRecord } from "../../core/circuit.ts"
import { unreadAgents } from "../../opencode/v2/unread-agents.ts"
import { knownAgents } from "../known-agents.ts"
import { type OwnSettings, loadOwnSettings } from "../load-own-settings.ts"
import { askOpenCode, isVersion2, type OpenCodeAnswers } from "../opencode/ask-opencode.ts"
import { findOpenCode } from "../opencode/find-opencode.ts"
import { type Health, readHealth } from "../status/health.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { type OtherPlugin, findOtherPlugins } from "./other-plugins.ts"
import { writtenModels, type WrittenModel } from "./written-models.ts"
import { findReleases, type Releases } from "./releases.ts"
import { takenServicePort } from "./service-port.ts"
import { findStrayFiles, type StrayFile } from "./stray-files.ts"

/** Everything that `doctor` looks at, gathered before anything is judged. */
export type Facts = {
  /** Its binary; `undefined`: there is none. */
  readonly openCode: string | undefined
  /** `undefined` when OpenCode was not asked. */
  readonly answers: OpenCodeAnswers | undefined
  /** The port that OpenCode 2's background service cannot have. */
  readonly takenServicePort: number | undefined
  readonly own: OwnSettings
  readonly catalog: Catalog
  readonly health: Health
  readonly circuits: ReadonlyMap<CircuitKey, CircuitRecord>
  readonly keyProblems: ResolvedKeys["problems"]
  /** Providers that OpenCode uses through a login. */
  readonly logins: ReadonlySet<string>
  readonly otherPlugins: readonly OtherPlugin[]
  readonly writtenModels: readonly WrittenModel[]
  readonly strayFiles: readonly StrayFile[]
  /** Names of all agents; `undefined` when they are not known. */
  readonly agents: readonly string[] | undefined
  /** Agents with a list that the plugin cannot read. */
  readonly unreadAgents: readonly string[]
  /** `undefined` where the plugin is not listed, or is listed by its path. */
  readonly releases: Releases | undefined
  readonly now: number
}

/** @param before of the health, as it was when OpenCode had not been started for its answers */
export async function gatherFacts(
  terminal: Terminal,
  options: { readonly opencode?: string; readonly offline?: boolean },
  before: Health,
): Promise<Facts> {
  const openCode = await findOpenCode(terminal, options.opencode)
  const answers =
    openCode !== undefined && !options.offline ? await askOpenCode(openCode, terminal) : undefined
  const own = await loadOwnSettings(terminal, answers?.config)
  const health = await readHealth(own.settings.runtime_fallback, terminal)
  const circuits = health.state === "open" ? health.snapshot.circuits : []
  return {
    openCode,
    answers,
    takenServicePort:
      answers?.version.ok && isVersion2(answers.version.value) ? await takenServicePort(terminal) : undefined,
    own,
    catalog: answers?.models.ok ? answers.models.value.catalog : { known: false },
    // Started for an answer, OpenCode makes the file, with nothing in it.
    health: before.state === "empty" ? before : health,
    keyProblems: (await resolveKeys(own.settings, { ...terminal, readFile: readTextFile })).problems,
    logins: await readLogins(terminal),
    circuits: new Map(circuits.map((record) => [record.key, record])),
    otherPlugins: await findOtherPlugins(own, terminal),
    writtenModels: await writtenModels(own),
    strayFiles: await findStrayFiles(own.places),
    unreadAgents: await findUnreadAgents(own, answers),
    agents: await knownAgents(own, Object.keys(own.settings.agents), answers && openCode, terminal),
    releases: await findReleases(own.plugins, terminal, !options.offline),
    now: terminal.now(),
  }
}

/** What is in the files is read by the plugin. */
async function findUnreadAgents(
  own: OwnSettings,
  answers: OpenCodeAnswers | undefined,
): Promise<readonly string[]> {
  if (answers?.agents === undefined) return []
  const inMarkdown = (await agentFiles(own.places)).map(({ name }) => name)
  return unreadAgents(answers.agents, own.agentSettings.agents).filter((name) => !inMarkdown.includes(name))
}
