import { type ExitCode, exitCodes } from "../exit-code.ts"
import type { Terminal } from "../terminal/terminal.ts"
export type InitOptions = { readonly json: boolean }
export async function initCommand(_terminal: Terminal, _options: InitOptions): Promise<ExitCode> {
  return exitCodes.fine
}
