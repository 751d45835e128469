import { createReadStream } from "node:fs"
import { stat } from "node:fs/promises"
import { createInterface } from "node:readline"
import { reasonOf } from "../../config/reason-of.ts"
import { CommandError } from "../command-error.ts"
import { type ExitCode, exitCodes } from "../exit-code.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { verdictRow } from "./verdict-row.ts"

/**
 * `understudy classify FILE`: one JSON verdict per row, in the rows' order. Rows are read one by one, so that
 * a file of any length takes the memory of its longest row.
 *
 * @param file `-` for standard input
 * @param at the moment from which waits are counted; the present one by default
 */
export async function classifyCommand(
  terminal: Terminal,
  file: string,
  at: number | undefined,
): Promise<ExitCode> {
  const lines = createInterface({ input: await inputOf(file), crlfDelay: Infinity })
  let number = 0
  let broken = 0
  for await (const line of lines) {
    number += 1
    const text = number === 1 ? line.replace("\uFEFF", "") : line
    if (text.trim() === "") continue
    const verdict = verdictRow(text, number, at ?? terminal.now())
    if ("error" in verdict) broken += 1
    terminal.write(`${JSON.stringify(verdict)}\n`)
  }
  if (broken === 0) return exitCodes.fine
  terminal.note(`${broken} of ${number} lines could not be read; their rows say why.`)
  return exitCodes.findings
}

async function inputOf(file: string): Promise<NodeJS.ReadableStream> {
  if (file === "-") return process.stdin
  const found = await stat(file).catch((error: unknown) => reasonOf(error))
  if (typeof found === "string") throw new CommandError(`${file} cannot be read: ${found}.`, exitCodes.usage)
  if (found.isDirectory())
    throw new CommandError(
      `${file} is a folder; give a file with one JSON object per line, or -.`,
      exitCodes.usage,
    )
  return createReadStream(file)
}
