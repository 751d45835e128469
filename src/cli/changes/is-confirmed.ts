import type { Terminal } from "../terminal/terminal.ts"

export type WriteOptions = { readonly yes?: boolean; readonly json?: boolean }

/** Without a person in front, only --yes writes. */
export async function isConfirmed(terminal: Terminal, options: WriteOptions): Promise<boolean> {
  if (options.yes) return true
  if (options.json) return false
  if (terminal.isInteractive) return terminal.confirm("\nWrite this?")
  terminal.note("This is not a terminal, so there is nobody to ask. Run it again with --yes to write.")
  return false
}
