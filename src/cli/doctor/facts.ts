import { keyCounts } from "../../accounts/key-counts.ts"
import { resolveKeys } from "../../accounts/resolve-keys.ts"
import { agentFiles } from "../../config/agent-files.ts"
import { readTextFile } from "../../config/read-text-file.ts"
import { describeKeys } from "../../core/keys/describe-key.ts"
import { unreadAgents } from "../../opencode/v2/host/unread-agents.ts"
import { type Health, readHealth } from "../installation/health.ts"
import { findKeyless } from "../installation/keyless-providers.ts"
import { knownAgents } from "../installation/known-agents.ts"
import { rotatesAccounts } from "../installation/known-plugins.ts"
import { askAndLoad, type AskOptions, type OwnSettings } from "../installation/load-own-settings.ts"
import { findOtherPlugins } from "../installation/other-plugins.ts"
import { listedAt } from "../installation/plugin-lists.ts"
import { findReleases } from "../installation/releases.ts"
import type { OpenCodeAnswers } from "../opencode/ask-opencode.ts"
import { isOurs } from "../opencode/plugin-entries.ts"
import { readCredentials } from "../opencode/read-credentials.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { findPlainKeys } from "./plain-keys.ts"
import { findMissingConfig, findStrayFiles, unreadFrontMatter } from "./unread-files.ts"

export type DoctorOptions = AskOptions & { readonly json?: boolean }

export type Facts = Awaited<ReturnType<typeof gatherFacts>>

/**
 * Everything that `doctor` looks at, gathered before anything is judged.
 *
 * @param before of the health, as it was when OpenCode had not been started for its answers
 */
export async function gatherFacts(terminal: Terminal, options: DoctorOptions, before: Health) {
  const { openCode, answers, own, catalog, silence } = await askAndLoad(terminal, options)
  const health = await readHealth(own.settings.runtime_fallback, terminal)
  const circuits = health.state === "open" ? health.snapshot.circuits : []
  const now = terminal.now()
  const credentials = await readCredentials(terminal)
  const { missing } = await resolveKeys(own.settings, { ...terminal, readFile: readTextFile })
  return {
    openCode,
    answers,
    own,
    catalog,
    silence,
    // Started for an answer, OpenCode makes the file, with nothing in it.
    health: before.state === "empty" ? before : health,
    /** Each key of the providers that have several. */
    keys: describeKeys(keyCounts(own.settings), { missing, circuits, now }),
    missingKeys: missing,
    plainKeys: await findPlainKeys(own),
    credentials,
    /** Providers that are listed and have no key. */
    keyless: findKeyless({ answers, own, catalog }, { env: terminal.env, credentials }),
    circuits: new Map(circuits.map((record) => [record.key, record])),
    otherPlugins: await findOtherPlugins(own, terminal),
    /** Where OpenCode's files list this plugin, whether OpenCode heeds them or not. */
    listedAt: await listedAt(own.places, terminal.directory, isOurs),
    rotatorsAt: await listedAt(own.places, terminal.directory, rotatesAccounts),
    missingConfig: findMissingConfig(terminal),
    strayFiles: findStrayFiles(own.places),
    /** Keys of agents in Markdown that OpenCode has not read; without its answer nobody can tell. */
    unreadFrontMatter: answers?.config.ok ? await unreadFrontMatter(own) : [],
    /** Agents with a list that the plugin cannot read. */
    unreadAgents: await findUnreadAgents(own, answers),
    /** Names of all agents; `undefined` when they are not known. */
    agents: await knownAgents(own, Object.keys(own.settings.agents), answers && openCode, terminal),
    /** `undefined` where the plugin is not listed, or is listed by its path. */
    releases: await findReleases(own, terminal, !options.offline),
    now,
  }
}

/** What is in the files is read by the plugin. */
async function findUnreadAgents(
  own: OwnSettings,
  answers: OpenCodeAnswers | undefined,
): Promise<readonly string[]> {
  if (answers?.agents === undefined) return []
  const inMarkdown = (await agentFiles(own.places)).map(({ name }) => name)
  return unreadAgents(answers.agents, own.agentSettings).filter((name) => !inMarkdown.includes(name))
}
