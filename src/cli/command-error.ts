import { type ExitCode, exitCodes } from "./exit-code.ts"

/**
 * A command cannot do what it was asked for. The message is for the person who must act, and says how.
 *
 * @param exitCode default: something that it needs is not there
 */
export class CommandError extends Error {
  override readonly name = "CommandError"
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = exitCodes.unavailable) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The command line itself asks for something that is not there. */
export function usageError(message: string): CommandError {
  return new CommandError(message, exitCodes.usage)
}
