import { createProgram } from "./program.ts"
import { CommandError, exitCodes } from "./terminal/command-error.ts"
import { processTerminal } from "./terminal/terminal.ts"

// `understudy status | head` closes the pipe early; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(exitCodes.fine)
  throw error
})

const terminal = processTerminal()
try {
  process.exitCode = await createProgram(terminal).run(process.argv.slice(2))
} catch (error) {
  if (error instanceof CommandError) {
    terminal.note(`${terminal.colors.red("understudy:")} ${error.message}`)
    process.exitCode = error.exitCode
  } else {
    terminal.note(`understudy: internal error. Please report it, with the text below.\n${stackOf(error)}`)
    process.exitCode = exitCodes.unavailable
  }
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
