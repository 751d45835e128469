import type { Catalog } from "../../core/catalog.ts"
import { agentKey } from "../../core/chain.ts"
import { describeSkip } from "../../core/describe-skip.ts"
import { type ModelKey, providerOf } from "../../core/model-ref.ts"
import { type ChainModel, type ChainView, chainViews } from "../installation/agent-chains.ts"
import { agentNamed } from "../installation/known-agents.ts"
import { askAndLoad, noteProblems, type OwnSettings } from "../installation/load-own-settings.ts"
import { findReleases } from "../installation/releases.ts"
import { isOurs } from "../opencode/plugin-entries.ts"
import { runProgram } from "../opencode/run-program.ts"
import { CommandError, type ExitCode, exitCodes } from "../terminal/command-error.ts"
import { type Terminal, writeJson } from "../terminal/terminal.ts"
import {
  modelMeant,
  ownNames,
  simulatedConfig,
  simulatedModel,
  simulatedSettings,
} from "./simulated-config.ts"
import {
  type SimulatedProviders,
  type SimulatedRequest,
  startSimulatedProviders,
} from "./simulated-providers.ts"
import { makeTestHome } from "./test-home.ts"
import { drawTrial, judgeTrial, type Trial } from "./trial.ts"

type TestOptions = { readonly agent: string; readonly opencode?: string; readonly json?: boolean }

/** A cold start of OpenCode and one short turn; machines are slower than ours. */
const timeoutMs = 60_000
/** For an agent whose model is chosen in the session. */
const anyModel: ModelKey = "your-provider/your-model"

/**
 * `npx opencode-understudy test`: one real switch. The user's own OpenCode runs one turn with the user's own settings; the
 * providers are simulated on loopback, and everything it writes goes into a folder that is removed afterwards.
 */
export async function testCommand(terminal: Terminal, options: TestOptions): Promise<ExitCode> {
  const { openCode, answers, own, catalog } = await askAndLoad(terminal, options)
  if (openCode === undefined)
    throw new CommandError("OpenCode was not found; name its binary with --opencode PATH.")
  noteProblems(terminal, own)
  if (own.broken.length > 0) throw new CommandError("Nothing was tried: fix that file first.")
  const agent = await agentNamed(own, options.agent, openCode, terminal)
  const view = chainOf(agent, own, catalog, terminal.now())
  const trial = await tryOnce({ terminal, openCode, answers, own, view, catalog })
  const verdict = judgeTrial(trial)
  if (options.json) writeJson(terminal, { ...verdict, ...trial })
  else terminal.write(drawTrial(trial, verdict, terminal))
  return verdict.works ? exitCodes.fine : exitCodes.findings
}

/** The chain of the agent, as it would be used now. */
function chainOf(agent: string, own: OwnSettings, catalog: Catalog, now: number): ChainView {
  const { settings, config } = own
  const views = chainViews(config, { settings, catalog, circuits: new Map(), now })
  const ofAgents = views.filter(({ kind }) => kind === "agent")
  const key = agentKey(Object.fromEntries(ofAgents.map(({ name }) => [name, true])), agent)
  const view = ofAgents.find(({ name }) => name === key)
  if (!settings.runtime_fallback.enabled || settings.runtime_fallback.max_fallback_attempts === 0)
    throw new CommandError("Fallback is switched off in your settings.", exitCodes.findings)
  if (view === undefined || view.fallbacks.length === 0)
    throw new CommandError(
      `Agent ${agent} has no fallback models, so there is nothing to try. \`npx opencode-understudy init\` proposes some.`,
      exitCodes.findings,
    )
  if (view.fallbacks.some(isUsable)) return view
  const reasons = view.fallbacks.map(
    ({ entry, reason }) => `${entry.model}: ${reason ? describeSkip(reason, now) : ""}`,
  )
  throw new CommandError(
    `No fallback model of agent ${agent} can be used (${reasons.join("; ")}).`,
    exitCodes.findings,
  )
}

type TrialInput = Pick<Awaited<ReturnType<typeof askAndLoad>>, "answers" | "own" | "catalog"> & {
  readonly terminal: Terminal
  readonly openCode: string
  readonly view: ChainView
}

async function tryOnce(input: TrialInput): Promise<Trial> {
  const { terminal, openCode, answers, own, view, catalog } = input
  const isVersion2 = answers?.isVersion2 === true
  const primary = view.primary?.entry.model ?? anyModel
  await using providers = await startSimulatedProviders(simulatedModel(primary), terminal.now)
  const models: readonly [ModelKey, ...ModelKey[]] = [
    primary,
    ...view.fallbacks.filter(isUsable).map(({ entry: { model } }) => modelMeant(model, primary)),
  ]
  const config = simulatedConfig(view.name, models, catalog, providers)
  const settings = simulatedSettings(own.settings, [...new Set(models.map(providerOf))])
  await using home = await makeTestHome(config, settings, terminal.env)
  const flags = isVersion2 ? ["--standalone"] : ["--title", "understudy test"]
  const args = ["run", ...flags, "--agent", view.name, "Say that it works."]
  const result = await runProgram(openCode, args, { directory: home.project, env: home.env, timeoutMs })
  return {
    agent: view.name,
    isListed: own.plugins.some(isOurs),
    loads: (await findReleases(own, terminal, false))?.loaded,
    opencode: answers?.version.ok ? answers.version.value : "of an unknown version",
    isVersion2,
    model: primary,
    requests: ownRequests(providers, models),
    output: result.ok ? result.output : "",
    notes: result.notes
      .split("\n")
      .filter((line) => line.startsWith("understudy: "))
      .map(ownNames),
    failure: result.ok ? undefined : result.why,
  }
}

function isUsable({ reason }: ChainModel): boolean {
  return reason === undefined || reason.why === "catalog-unknown"
}

function ownRequests(providers: SimulatedProviders, models: readonly string[]): readonly SimulatedRequest[] {
  return providers
    .requests()
    .map((request) => ({ ...request, model: ownNames(request.model) }))
    .filter(({ model }) => models.includes(model))
}
