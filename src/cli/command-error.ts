import type { ExitCode } from "./exit-code.ts"

/** A command cannot do what it was asked for. The message is for the person who must act, and says how. */
export class CommandError extends Error {
  override readonly name = "CommandError"
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode) {
    super(message)
    this.exitCode = exitCode
  }
}
