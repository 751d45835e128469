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
Exit codes: 0 fine; 1 something of severity "error" was found; 2 the command line is wrong; 3 something that is needed is missing (OpenCode, Bun, a file); 4 there are changes, and they were not written (no --yes, or "no").
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
  addDoctor(program).action(finishing(doctorCommand))
  addSimulate(program, terminal).action(finishing(simulateCommand))
  addStatus(program).action(finishing(statusCommand))
  addTest(program).action(finishing(testCommand))
  addConfig(program).action(finishing(configCommand))
  addInit(program).action(finishing(initCommand))
  addUpdate(program).action(finishing(updateCommand))
  addRemove(program).action(finishing(removeCommand))
  addClassify(program).action(finishing(classifyCommand))

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

function addDoctor(program: Command): Command {
  return program
    .command("doctor")
    .description("Check the installation and the settings; show each agent's list and the models' health.")
    .option("--json", "print one JSON document")
    .option("--opencode <path>", "the OpenCode binary to ask, instead of the one on the PATH")
    .option("--offline", "do not start OpenCode: read only the files")
}

function addSimulate(program: Command, terminal: Terminal): Command {
  return program
    .command("simulate")
    .description(
      "Dry run: what would be decided for a script of failures, step by step. Contacts no provider.",
    )
    .argument("[script]", 'failures, such as "alpha/one: 429 retry-after 60; beta: 401; +90s"')
    .option("--agent <name>", "the agent that the turn is for")
    .option("--model <provider/model>", "the model that the turn starts on; default: the agent's own")
    .option("--category <name>", "the category that the session was started for")
    .option("--chain <models>", "use this list, separated by commas, instead of the settings'")
    .option("--image", "the turn holds an image")
    .option("--pdf", "the turn holds a PDF")
    .option("--context <tokens>", "tokens that the session has in use", wholeNumber)
    .option("--scenario <name or file>", "run a ready scenario (see --list) or a JSONC file")
    .option("--list", "list the ready scenarios")
    .option("--assume-connected", "do not ask OpenCode: every model counts as connected")
    .option("--opencode <path>", "the OpenCode binary to ask, instead of the one on the PATH")
    .option("--json", "print one JSON document")
    .addHelpText("after", () => `\n${simulateHelp(columnsOf(terminal))}`)
}

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

function addStatus(program: Command): Command {
  return program
    .command("status")
    .description("The models' health, what happened lately, and a summary over time.")
    .option("--watch", "keep refreshing until Ctrl-C; with --json one line per change")
    .option("--interval <seconds>", "pause between two looks of --watch, 0.1 or more", seconds, 1)
    .addOption(
      new Option("--since <span>", "how far the summary goes back, such as 12h")
        .argParser(span)
        .default(7 * 86_400_000, "7d"),
    )
    .option("--limit <count>", "entries of the journal to show", wholeNumber, 10)
    .option("--session <id>", "only this session's entries")
    .option("--opencode <path>", "the OpenCode binary whose Bun to use where this Node cannot read SQLite")
    .option("--json", "print one JSON document")
}

function addInit(program: Command): Command {
  return program
    .command("init")
    .description("Add the plugin to OpenCode's config, propose a list, import other plugins' settings.")
    .option("--yes", "write without asking")
    .option("--project", "write into this project's config instead of your own")
    .option("--remove-others", "remove other fallback plugins from the plugin list")
    .option("--undo", "put back what the last init, update or remove changed")
    .option("--plugin <spec>", "what to add to the plugin list", packageFacts.spec)
    .option("--no-panel", "leave out the sidebar panel (tui.json)")
    .option("--opencode <path>", "the OpenCode binary to ask, instead of the one on the PATH")
    .option("--offline", "do not start OpenCode: no list is proposed")
    .option("--json", "print one JSON document; writes only with --yes")
}

function addTest(program: Command): Command {
  return program
    .command("test")
    .description(
      "One real switch: your OpenCode and your settings, with simulated providers. Contacts no provider.",
    )
    .option("--agent <name>", "the agent whose turn it is", "build")
    .option("--opencode <path>", "the OpenCode binary to try, instead of the one on the PATH")
    .option("--json", "print one JSON document")
}

function addConfig(program: Command): Command {
  return program
    .command("config")
    .description("Every setting in force, and the file and line where it was written.")
    .option("--set", "only what was written, no defaults")
    .option("--opencode <path>", "the OpenCode binary to ask, instead of the one on the PATH")
    .option("--offline", "do not start OpenCode: agents from Markdown are then missing")
    .option("--json", "print one JSON document")
}

function addUpdate(program: Command): Command {
  return program
    .command("update")
    .description("Write the newest version into OpenCode's config, and remove OpenCode's old copy.")
    .option("--to <version>", "this version instead of the newest on npm", exactVersion)
    .option("--yes", "write without asking")
    .option("--json", "print one JSON document; writes only with --yes")
}

function addRemove(program: Command): Command {
  return program
    .command("remove")
    .description("Remove the plugin, the panel and the agents' keys from OpenCode's config.")
    .option("--yes", "write without asking")
    .option("--json", "print one JSON document; writes only with --yes")
}

function addClassify(program: Command): Command {
  return program
    .command("classify")
    .description("One JSON verdict per row of a file of provider errors; check an error that you ran into.")
    .argument("<file>", 'JSON Lines with provider, status, headers, body; "-" for standard input')
    .option("--at <time>", "count waits from this moment (ISO 8601) instead of now", moment)
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new InvalidArgumentError("Give a whole number.")
}

function seconds(text: string): number {
  const value = Number(text)
  if (value >= 0.1 && value <= 86_400) return value
  throw new InvalidArgumentError("Give a number of seconds, 0.1 to 86400.")
}

function span(text: string): number {
  const ms = parseSpan(text)
  if (ms !== undefined) return ms
  throw new InvalidArgumentError("Give a span such as 90s, 15m, 12h or 7d.")
}

function exactVersion(text: string): string {
  const version = valid(text)
  if (version !== null) return version
  throw new InvalidArgumentError("Give an exact version such as 0.2.0.")
}

function moment(text: string): number {
  const time = Date.parse(text)
  if (!Number.isNaN(time)) return time
  throw new InvalidArgumentError("Give a time such as 2026-11-21T07:00:00Z.")
}
