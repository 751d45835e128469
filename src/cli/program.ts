import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import { valid } from "semver"
import { classifyCommand } from "./classify/classify-command.ts"
import { configCommand } from "./config/config-command.ts"
import { doctorCommand } from "./doctor/doctor-command.ts"
import { initCommand } from "./init/init-command.ts"
import { packageFacts } from "./opencode/package-facts.ts"
import { removeCommand } from "./remove/remove-command.ts"
import { simulateCommand } from "./simulate/simulate-command.ts"
import { statusCommand } from "./status/status-command.ts"
import { type ExitCode, exitCodes } from "./terminal/command-error.ts"
import { parseSpan } from "./terminal/parse-span.ts"
import { table } from "./terminal/table.ts"
import type { Terminal } from "./terminal/terminal.ts"
import { wrapped } from "./terminal/wrapped.ts"
import { testCommand } from "./test/test-command.ts"
import { updateCommand } from "./update/update-command.ts"

const exitCodeHelp = `
Exit codes: 0 done; 1 done, and something is wrong; 2 the command line is wrong; 3 it could not be done, and the text says why; 4 there are changes, and they were not written (no --yes, or "no").
More: ${packageFacts.docs}/cli.md`

/** Of the column beside the names of options: in a terminal of 40 there are nine left. */
const narrowest = 8

/** Help is for people, also where it goes into a pipe. */
function columnsOf({ columns }: Terminal): number {
  return columns ?? 80
}

/** The commands and their options. What they do stands in the folders of their names. */
export function createProgram(terminal: Terminal) {
  let exitCode: ExitCode = exitCodes.fine
  const finishing =
    <Given extends readonly unknown[]>(command: (terminal: Terminal, ...given: Given) => Promise<ExitCode>) =>
    async (...given: Given): Promise<void> => {
      exitCode = await command(terminal, ...given)
    }
  const program = new Command("understudy")
    .description("Model fallback for OpenCode: look at it, try it out, set it up.")
    .version(packageFacts.version, "-v, --version")
    .addHelpText("after", () => wrapped(exitCodeHelp, columnsOf(terminal)))
    .showHelpAfterError("(see --help)")
    .exitOverride()
    // The library would leave narrower descriptions to the terminal.
    .configureHelp({ minWidthToWrap: narrowest })
    .configureOutput({
      writeOut: terminal.write,
      writeErr: (text) => terminal.note(text.trimEnd()),
      getOutHelpWidth: () => columnsOf(terminal),
      getErrHelpWidth: () => columnsOf(terminal),
    })
  const add = (name: string, description: string, ...options: readonly Option[]): Command =>
    options.reduce(
      (command, option) => command.addOption(option),
      program.command(name).description(description),
    )

  add(
    "doctor",
    "Check the installation and the settings; show each agent's list and the models' health.",
    offline,
    openCode,
    json,
  ).action(finishing(doctorCommand))
  add(
    "simulate",
    "Dry run: what would be decided for a script of failures, step by step. Contacts no provider.",
    new Option("--agent <name>", "the agent that the turn is for"),
    new Option("--model <provider/model>", "the model that the turn starts on; default: the agent's own"),
    new Option("--category <name>", "the category that the session was started for"),
    new Option("--chain <models>", "use this list, separated by commas, instead of the settings'"),
    new Option("--image", "the turn holds an image"),
    new Option("--pdf", "the turn holds a PDF"),
    new Option("--context <tokens>", "tokens that the session has in use").argParser(wholeNumber),
    new Option("--scenario <name>", "run a ready scenario (see --list)"),
    new Option("--list", "list the ready scenarios"),
    new Option("--assume-connected", "do not ask OpenCode: every model counts as connected"),
    openCode,
    json,
  )
    .argument("[script]", 'failures, such as "alpha/one: 429 retry-after 60; beta: 401; +90s"')
    .addHelpText("after", () => `\n${simulateHelp(columnsOf(terminal))}`)
    .action(finishing(simulateCommand))
  add(
    "status",
    "The models' health, what happened lately, and a summary over time.",
    new Option("--watch", "draw it again every second, until Ctrl-C").conflicts("json"),
    new Option("--since <span>", "how far the summary goes back, such as 12h")
      .argParser(span)
      .default(7 * 86_400_000, "7d"),
    new Option("--limit <count>", "entries of the journal to show").argParser(count).default(10),
    new Option("--session <id>", "only this session's entries"),
    openCode,
    json,
  ).action(finishing(statusCommand))
  add(
    "test",
    "One real switch: your OpenCode and your settings, with simulated providers. Contacts no provider.",
    new Option("--agent <name>", "the agent whose turn it is").default("build"),
    openCode,
    json,
  ).action(finishing(testCommand))
  add(
    "config",
    "Every setting in force, and the file and line where it was written.",
    new Option("--set", "only what was written, no defaults"),
    offline,
    openCode,
    json,
  ).action(finishing(configCommand))
  add(
    "init",
    "Add the plugin to OpenCode's config, propose a list, import other plugins' settings.",
    new Option("--project", "write into this project's config instead of your own"),
    new Option("--remove-others", "remove other fallback plugins from the plugin list"),
    new Option("--undo", "put back what the last init, update or remove changed"),
    new Option("--plugin <spec>", "what to add to the plugin list").default(packageFacts.spec),
    new Option("--no-panel", "leave out the sidebar panel (tui.json)"),
    yes,
    offline,
    openCode,
    jsonOfChanges,
  ).action(finishing(initCommand))
  add(
    "update",
    "Write the newest version into OpenCode's config, and remove OpenCode's old copy.",
    new Option("--to <version>", "this version instead of the newest on npm").argParser(exactVersion),
    yes,
    jsonOfChanges,
  ).action(finishing(updateCommand))
  add(
    "remove",
    "Remove the plugin, the panel and the agents' lists from OpenCode's config.",
    yes,
    jsonOfChanges,
  ).action(finishing(removeCommand))
  add(
    "classify",
    "One JSON verdict per row of a file of provider errors; check an error that you ran into.",
    new Option("--at <time>", "count waits from this moment (ISO 8601) instead of now").argParser(moment),
  )
    .argument("<file>", 'JSON Lines with provider, status, headers, body; "-" for standard input')
    .action(finishing(classifyCommand))

  return {
    run: async (args: readonly string[]): Promise<ExitCode> => {
      if (args.length === 0) {
        program.outputHelp()
        return exitCodes.usage
      }
      try {
        await program.parseAsync([...args], { from: "user" })
        return exitCode
      } catch (error) {
        // The library has said what is wrong by now; help and version come this way, too.
        if (!(error instanceof CommanderError)) throw error
        return error.exitCode === 0 ? exitCodes.fine : exitCodes.usage
      }
    },
  }
}

const json = new Option("--json", "print one JSON document")
const jsonOfChanges = new Option("--json", "print one JSON document; writes only with --yes")
const yes = new Option("--yes", "write without asking")
const offline = new Option("--offline", "do not start OpenCode: read only its files")
const openCode = new Option("--opencode <path>", "this OpenCode instead of the one on the PATH")

function simulateHelp(columns: number): string {
  const steps = [
    ["alpha/one: 429 retry-after 60", "the next request to alpha/one fails with status 429"],
    ["beta: 401 x2", "the next two requests to any model of beta fail"],
    ['alpha/one: 529 "Overloaded"', "with a text in the error"],
    ["alpha/one: timeout", "also: refused, reset, dns, silence, abort"],
    ["+90s", "the turn ends; 90 seconds later the user sends the next prompt"],
    ["next", "the turn ends; the next prompt follows at once"],
  ]
  return `${wrapped('A script is a list of steps, separated by ";" or line breaks:', columns)}\n${table(steps, columns, "  ")}`
}

/** @param hint what to write, where the text gives nothing */
function reading<Value>(read: (text: string) => Value | undefined, hint: string) {
  return (text: string): Value => {
    const value = read(text)
    if (value === undefined) throw new InvalidArgumentError(hint)
    return value
  }
}

const wholeNumber = reading(
  (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
  "Give a whole number.",
)
const count = reading(
  (text) => (/^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined),
  "Give a whole number, 1 or more.",
)
const span = reading(parseSpan, "Give a span such as 90s, 15m, 12h or 7d.")
const exactVersion = reading((text) => valid(text) ?? undefined, "Give an exact version such as 0.2.0.")
const moment = reading((text) => {
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}, "Give a time such as 2026-11-21T07:00:00Z.")
