import { type ExitCode, exitCodes } from "../exit-code.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { numberedLines } from "./numbered-lines.ts"
import { verdictRow } from "./verdict-row.ts"

type ClassifyOptions = {
  /** The moment from which waits are counted; the present one by default. */
  readonly at?: number
}

/** `understudy classify FILE`: one JSON verdict per row, in the rows' order. */
export async function classifyCommand(
  terminal: Terminal,
  file: string,
  { at }: ClassifyOptions,
): Promise<ExitCode> {
  let rows = 0
  let broken = 0
  for await (const { text, number } of numberedLines(file)) {
    const verdict = verdictRow(text, number, at ?? terminal.now())
    rows += 1
    if ("error" in verdict) broken += 1
    terminal.write(`${JSON.stringify(verdict)}\n`)
  }
  if (broken === 0) return exitCodes.fine
  terminal.note(`${broken} of ${rows} rows could not be read; their answers say why.`)
  return exitCodes.findings
}
