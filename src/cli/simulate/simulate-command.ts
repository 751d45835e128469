import { type Settings, settingsSchema } from "../../config/schema.ts"
import type { Catalog } from "../../core/catalog.ts"
import { withoutUndefined } from "../../core/json-object.ts"
import { type NamedModel, parseModelKey, parseNamedModel } from "../../core/model-ref.ts"
import { didYouMean, nearestWord } from "../../core/nearest-word.ts"
import { agentsOf, modelNamed } from "../installation/agent-chains.ts"
import { agentNamed } from "../installation/known-agents.ts"
import { askAndLoad, noteProblems, type OwnSettings } from "../installation/load-own-settings.ts"
import { type ExitCode, exitCodes, usageError } from "../terminal/command-error.ts"
import { table } from "../terminal/table.ts"
import { isoTime, type Terminal, writeJson } from "../terminal/terminal.ts"
import { assumedCatalog } from "./assumed-catalog.ts"
import { drawSimulation } from "./draw-simulation.ts"
import { parseScript, type ScriptStep } from "./parse-script.ts"
import { type Scenario, scenarioNamed, scenarios } from "./scenario.ts"
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
  const scenario = options.scenario === undefined ? undefined : scenarioNamed(options.scenario)
  const steps = stepsOf(script ?? scenario?.script.join("\n"))
  const installation = await installationOf(terminal, scenario, options)
  const input = { ...inputOf(scenario, options, steps, installation), startsAt: terminal.now() }
  const events = await simulate(input)
  if (options.json) {
    const { agent, category, model, startsAt } = input
    const title = scenario?.title
    writeJson(terminal, { title, agent, category, model, startsAt: isoTime(startsAt), events })
  } else {
    if (scenario) terminal.write(`${terminal.colors.bold(scenario.title)}\n\n`)
    terminal.write(drawSimulation(events, terminal))
  }
  return exitCodes.fine
}

function list(terminal: Terminal, { json }: SimulateOptions): ExitCode {
  const rows = Object.entries(scenarios).map(([name, { title, script }]) => ({ name, title, script }))
  const drawn = rows.map(({ name, title }) => [terminal.colors.bold(name), title])
  if (json) writeJson(terminal, { scenarios: rows })
  else terminal.write(table(drawn, terminal.columns))
  return exitCodes.fine
}

function stepsOf(script: string | undefined): readonly ScriptStep[] {
  if (script === undefined)
    throw usageError(
      'Nothing to simulate: give a script such as "alpha/one: 429; beta: 401", or --scenario NAME (see --list).',
    )
  const parsed = parseScript(script)
  if (parsed.ok) return parsed.value
  throw usageError(parsed.why)
}

/** Without a catalog every model counts as connected. */
type Installation = Pick<OwnSettings, "settings" | "config"> & {
  readonly agent: string | undefined
  readonly catalog: Catalog | undefined
}

async function installationOf(
  terminal: Terminal,
  scenario: Scenario | undefined,
  options: SimulateOptions,
): Promise<Installation> {
  if (scenario !== undefined) {
    const settings = settingsSchema.parse(scenario.settings)
    return { settings, config: {}, agent: options.agent, catalog: undefined }
  }
  const offline = options.assumeConnected
  const { openCode, own, catalog, silence } = await askAndLoad(terminal, { ...options, offline })
  if (!offline && silence !== undefined) terminal.note(`${silence}: every model counts as connected.`)
  noteProblems(terminal, own)
  const asked = offline ? undefined : openCode
  const agent = options.agent && (await agentNamed(own, options.agent, asked, terminal))
  return { settings: own.settings, config: own.config, agent, catalog: catalog.known ? catalog : undefined }
}

function inputOf(
  scenario: Scenario | undefined,
  options: SimulateOptions,
  steps: readonly ScriptStep[],
  installation: Installation,
): Omit<SimulationInput, "startsAt"> {
  const { settings } = installation
  const listed = (options.chain ?? "").split(",").filter((text) => text.trim() !== "")
  const chain = listed.map((text) => namedModel(text, "--chain"))
  const failing = steps.flatMap((step) => (step.type === "failure" ? (parseModelKey(step.target) ?? []) : []))
  const agent = installation.agent ?? "build"
  const category = categoryOf(options.category, settings)
  // The model may be chosen in the session: the first that is said to fail is meant.
  const chosen = options.model ?? scenario?.model ?? configuredModel(installation, agent, category)
  const named = chosen ?? failing[0]
  if (named === undefined)
    throw usageError(`Agent ${agent} has no model of its own: name one with --model provider/model.`)
  const { model } = namedModel(named, "--model")
  const models = [model, ...chain.map((entry) => entry.model), ...failing]
  const needs = withoutUndefined({
    images: options.image,
    pdf: options.pdf,
    contextTokens: options.context,
  })
  return {
    settings,
    agent,
    category,
    model,
    chain,
    steps,
    catalog: installation.catalog ?? assumedCatalog(settings, models, scenario?.catalog),
    needs: { images: false, pdf: false, contextTokens: 0, ...scenario?.needs, ...needs },
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
  const meant = didYouMean(nearestWord(name, known))
  const rest = known.length === 0 ? "None is configured" : `There are: ${known.join(", ")}`
  throw usageError(`No category is named ${name}.${meant} ${rest}.`)
}

function namedModel(text: string, where: string): NamedModel {
  const named = parseNamedModel(text)
  if (named !== undefined) return named
  throw usageError(`${where}: ${JSON.stringify(text)} is not a model; write provider/model.`)
}
