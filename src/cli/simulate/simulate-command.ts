import { loadSettings } from "../../config/load-settings.ts"
import type { Settings } from "../../config/schema.ts"
import { settingsPlaces } from "../../config/settings-places.ts"
import type { CatalogModel } from "../../core/catalog.ts"
import { withoutUndefined } from "../../core/json-object.ts"
import { type ModelKey, type NamedModel, parseModelKey, parseNamedModel } from "../../core/model-ref.ts"
import { nearestWord } from "../../core/nearest-word.ts"
import { agentsOf, modelNamed } from "../installation/agent-chains.ts"
import { agentNamed } from "../installation/known-agents.ts"
import { askAndLoad, noteProblems } from "../installation/load-own-settings.ts"
import { type ExitCode, exitCodes, usageError } from "../terminal/command-error.ts"
import { table } from "../terminal/table.ts"
import { isoTime, type Terminal, writeJson } from "../terminal/terminal.ts"
import { assumedCatalog } from "./assumed-catalog.ts"
import { drawSimulation } from "./draw-simulation.ts"
import { parseScript, type ScriptStep } from "./parse-script.ts"
import { loadScenario, readyScenarios, type Scenario } from "./scenario.ts"
import { simulate } from "./simulate.ts"
import type { SimulationInput } from "./simulated-world.ts"

type SimulateOptions = {
  readonly agent?: string
  readonly model?: string
  readonly category?: string
  readonly chain?: string
  readonly image?: boolean
  readonly pdf?: boolean
  readonly context?: number
  readonly scenario?: string
  readonly list?: boolean
  readonly assumeConnected?: boolean
  readonly opencode?: string
  readonly json?: boolean
}

export async function simulateCommand(
  terminal: Terminal,
  script: string | undefined,
  options: SimulateOptions,
): Promise<ExitCode> {
  if (options.list) return list(terminal, options)
  const scenario = await scenarioOf(script, options)
  const steps = stepsOf(scenario)
  const installation = await installationOf(terminal, scenario, options)
  const input = inputOf({ scenario, chain: options.chain, steps, installation, startsAt: terminal.now() })
  const events = await simulate(input)
  const { title } = scenario
  if (options.json) {
    const { agent, category, model } = input
    writeJson(terminal, { title, agent, category, model, startsAt: isoTime(input.startsAt), events })
  } else {
    if (title !== undefined) terminal.write(`${terminal.colors.bold(title)}\n\n`)
    terminal.write(drawSimulation(events, terminal))
  }
  return exitCodes.fine
}

function list(terminal: Terminal, { json }: SimulateOptions): ExitCode {
  const rows = Object.entries(readyScenarios).map(([name, { title, script }]) => ({ name, title, script }))
  if (json) writeJson(terminal, { scenarios: rows })
  else
    terminal.write(
      table(
        rows.map(({ name, title }) => [terminal.colors.bold(name), title]),
        terminal.columns,
      ),
    )
  return exitCodes.fine
}

/** The scenario, with what is given on the command line in the place of its own. */
async function scenarioOf(script: string | undefined, options: SimulateOptions): Promise<Scenario> {
  const { agent, model, category, image: images, pdf, context: contextTokens } = options
  const own = options.scenario === undefined ? undefined : await loadScenario(options.scenario)
  const wanted = script ?? own?.script
  if (wanted === undefined)
    throw usageError(
      'Nothing to simulate: give a script such as "alpha/one: 429; beta: 401", or --scenario NAME (see --list).',
    )
  const needs = { ...own?.needs, ...withoutUndefined({ images, pdf, contextTokens }) }
  return { ...own, ...withoutUndefined({ agent, model, category }), needs, script: wanted }
}

function stepsOf({ script }: Scenario): readonly ScriptStep[] {
  const parsed = parseScript(typeof script === "string" ? script : script.join("\n"))
  if (parsed.ok) return parsed.value
  throw usageError(parsed.why)
}

type Installation = Awaited<ReturnType<typeof installationOf>>

/** Without a catalog every model counts as connected. */
async function installationOf(terminal: Terminal, scenario: Scenario, options: SimulateOptions) {
  if (scenario.settings !== undefined) {
    const loaded = await loadSettings({
      places: settingsPlaces([], []),
      pluginOptions: scenario.settings,
      readFile: () => Promise.resolve(undefined),
    })
    noteProblems(terminal, loaded)
    return { settings: loaded.settings, config: {}, agent: scenario.agent }
  }
  const { assumeConnected: offline, ...others } = options
  const { openCode, own, catalog, silence } = await askAndLoad(terminal, { ...others, offline })
  if (!offline && silence !== undefined) terminal.note(`${silence}: every model counts as connected.`)
  noteProblems(terminal, own)
  const asked = offline ? undefined : openCode
  const agent = scenario.agent && (await agentNamed(own, scenario.agent, asked, terminal))
  const isKnown = catalog.known && scenario.catalog === undefined
  return { settings: own.settings, config: own.config, agent, ...(isKnown && { catalog }) }
}

function inputOf(asked: {
  readonly scenario: Scenario
  readonly chain: string | undefined
  readonly steps: readonly ScriptStep[]
  readonly installation: Installation
  readonly startsAt: number
}): SimulationInput {
  const { scenario, steps, installation, startsAt } = asked
  const { settings } = installation
  const listed = (asked.chain ?? "").split(",").filter((text) => text.trim() !== "")
  const chain = listed.map((text) => namedModel(text, "--chain"))
  const failing = steps.flatMap((step) => (step.type === "failure" ? (parseModelKey(step.target) ?? []) : []))
  const agent = installation.agent ?? "build"
  const category = categoryOf(scenario.category, settings)
  // The model may be chosen in the session: the first that is said to fail is meant.
  const chosen = scenario.model ?? configuredModel(installation, agent, category)
  const { model } = namedModel(chosen ?? failing[0] ?? noModel(agent), "--model")
  const models = [model, ...chain.map((entry) => entry.model), ...failing]
  const described = new Map<ModelKey, Partial<CatalogModel> | false>(
    Object.entries(scenario.catalog ?? {}).map(([key, abilities]) => [
      namedModel(key, "catalog").model,
      abilities,
    ]),
  )
  return {
    settings,
    agent,
    category,
    model,
    chain,
    steps,
    catalog: installation.catalog ?? assumedCatalog(settings, models, described),
    needs: { images: false, pdf: false, contextTokens: 0, ...scenario.needs },
    startsAt,
  }
}

function configuredModel(
  { settings, config }: Installation,
  agent: string,
  category: string | undefined,
): string | undefined {
  return (
    (category === undefined ? undefined : settings.categories[category]?.model) ??
    modelNamed(agentsOf(config)[agent]?.["model"]) ??
    modelNamed(config["model"])
  )
}

function categoryOf(name: string | undefined, { categories }: Settings): string | undefined {
  if (name === undefined || Object.hasOwn(categories, name)) return name
  const known = Object.keys(categories)
  const near = nearestWord(name, known)
  const meant = near === undefined ? "" : ` Did you mean ${near}?`
  const rest = known.length === 0 ? "None is configured" : `There are: ${known.join(", ")}`
  throw usageError(`No category is named ${name}.${meant} ${rest}.`)
}

function noModel(agent: string): never {
  throw usageError(`Agent ${agent} has no model of its own: name one with --model provider/model.`)
}

function namedModel(text: string, where: string): NamedModel {
  const named = parseNamedModel(text)
  if (named !== undefined) return named
  throw usageError(`${where}: ${JSON.stringify(text)} is not a model; write provider/model.`)
}
