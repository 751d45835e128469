import type { ModelKey } from "../../core/model-ref.ts"
import { packageFacts } from "../opencode/package-facts.ts"
import { table } from "../terminal/table.ts"
import type { Canvas } from "../terminal/terminal.ts"
import { wrapped } from "../terminal/wrapped.ts"
import { simulatedAnswer, type SimulatedRequest } from "./simulated-providers.ts"

/** One turn of a real OpenCode against simulated providers, as `--json` gives it; models by the user's own names. */
export type Trial = {
  readonly agent: string
  /** Its version. */
  readonly opencode: string
  readonly isVersion2: boolean
  /** The agent's own. */
  readonly model: ModelKey
  /** OpenCode's own configuration names the plugin: what was tried is what will happen. */
  readonly isListed: boolean
  /** The version of the plugin that OpenCode loads from npm; `undefined`: none yet, or it is listed by its path. */
  readonly loads: string | undefined
  /** Only those of the turn itself, in order. */
  readonly requests: readonly SimulatedRequest[]
  /** What `opencode run` printed. */
  readonly output: string
  /** What Understudy said on standard error. */
  readonly notes: readonly string[]
  /** Why OpenCode itself failed. */
  readonly failure: string | undefined
}

type TrialVerdict = { readonly works: boolean; readonly what: string }

/** Whether the turn went on with another model, and the first one was asked only once. */
export function judgeTrial(trial: Trial): TrialVerdict {
  const fault = faultOf(trial)
  return { works: fault === undefined, what: fault ?? successOf(trial) }
}

/** This command tries the plugin beside it. */
function successOf({ loads }: Trial): string {
  const { name, version } = packageFacts
  if (loads === undefined || loads === version) return "It works."
  return `It works with ${version}, this command's version; OpenCode loads ${loads}: \`npx ${name}@latest update\`.`
}

function faultOf({ model: primary, isListed, requests, output, failure }: Trial): string | undefined {
  if (failure !== undefined) return `OpenCode failed: ${failure}.`
  if (requests[0]?.model !== primary) return `${primary} was not asked first.`
  const last = requests.at(-1)
  if (last === undefined || last.status !== 200 || last.model === primary)
    return "No other model was asked: OpenCode does not load the plugin, or the failure was not caught."
  const asked = requests.filter(({ model }) => model === primary).length
  if (asked > 1) return `${primary} was asked ${asked} times.`
  if (!output.includes(simulatedAnswer)) return "The answer did not arrive."
  return isListed ? undefined : "It works here, but OpenCode's configuration does not list the plugin yet."
}

/** What happened, and what the user will see of it. Ends in a line feed. */
export function drawTrial(trial: Trial, verdict: TrialVerdict, { colors, columns }: Canvas): string {
  const start = trial.requests[0]?.at ?? 0
  const rows = trial.requests.map(({ model, at, status }) => [
    colors.dim(`${at - start} ms`),
    model,
    status === 200 ? colors.green("answers") : colors.yellow("429, rate limit reached"),
  ])
  return [
    wrapped(
      `One turn of ${trial.agent} on your OpenCode ${trial.opencode}, with your settings. The providers are simulated.\n`,
      columns,
    ),
    table(rows, columns, "  "),
    ...[
      ...whatIsSeen(trial),
      verdict.works
        ? `${colors.green(verdict.what)}\n`
        : `${colors.red(verdict.what)} ${trial.isListed ? "Try `npx opencode-understudy doctor`." : "`npx opencode-understudy init` adds it."}\n`,
    ].map((text) => wrapped(text, columns)),
  ].join("\n")
}

function whatIsSeen({ notes, isVersion2 }: Trial): readonly string[] {
  const seen = notes.map((note) => `  ${note}\n`).join("")
  if (seen !== "")
    return [`What you will see, as a toast or with \`opencode run\` on standard error:\n${seen}`]
  if (!isVersion2) return []
  return ["OpenCode 2 shows a switch in its terminal interface, as a toast; `opencode run` does not.\n"]
}
