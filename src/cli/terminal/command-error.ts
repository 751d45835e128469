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

/** What the process ends with. Documented in docs/cli.md. */
export const exitCodes = {
  /** Done; nothing is wrong. */
  fine: 0,
  /** Done, and something of severity "error" was found, or a row could not be read. */
  findings: 1,
  /** The command line itself is wrong: an unknown command or option, a script or a file named there that cannot be read. */
  usage: 2,
  /** Something that the command needs is not there: OpenCode, Bun, a file that can be written. */
  unavailable: 3,
  /** There is something to write, and it was not written: no terminal and no --yes, or the answer was no. */
  notWritten: 4,
} as const

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
