import { reasonOf } from "../config/reason-of.ts"
import { text } from "../core/json-object.ts"
import { createProgram } from "./program.ts"
import { CommandError, exitCodes } from "./terminal/command-error.ts"
import { processTerminal } from "./terminal/terminal.ts"

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // `understudy status | head` closes the pipe early; that is no failure.
  if (error.code === "EPIPE") process.exit(exitCodes.fine)
  console.error(`understudy: the output cannot be written: ${reasonOf(error)}.`)
  process.exit(exitCodes.unavailable)
})

const terminal = processTerminal()
try {
  process.exitCode = await createProgram(terminal).run(process.argv.slice(2))
} catch (error) {
  terminal.note(`${terminal.colors.red("understudy:")} ${messageOf(error)}`)
  process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.unavailable
}

function messageOf(error: unknown): string {
  if (error instanceof CommandError) return error.message
  if (!(error instanceof Error)) return `internal error. Please report it: ${String(error)}`
  // What the system refuses, such as a file on a full disk, is no fault of ours.
  if ("syscall" in error) return `${text(error, "path") ?? error.message}: ${reasonOf(error)}.`
  return `internal error. Please report it, with the text below.\n${error.stack ?? error.message}`
}
