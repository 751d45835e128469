import { constants, createReadStream } from "node:fs"
import { access, stat } from "node:fs/promises"
import { createInterface } from "node:readline"
import { reasonOf } from "../../config/reason-of.ts"
import { type ExitCode, exitCodes, usageError } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"
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

type NumberedLine = { readonly text: string; /** From 1. */ readonly number: number }

/**
 * The lines of a file that hold something. Read one by one, so that a file of any length takes the memory of its
 * longest line.
 *
 * @param file `-` for standard input
 */
export async function* numberedLines(file: string): AsyncGenerator<NumberedLine> {
  const lines = createInterface({ input: await inputOf(file), crlfDelay: Infinity })
  let number = 0
  for await (const line of lines) {
    number += 1
    const text = number === 1 ? line.replace("\uFEFF", "") : line
    if (text.trim() !== "") yield { text, number }
  }
}

async function inputOf(file: string): Promise<NodeJS.ReadableStream> {
  if (file === "-") return process.stdin
  const found = await access(file, constants.R_OK).then(() => stat(file), reasonOf)
  if (typeof found === "string") throw usageError(`${file} cannot be read: ${found}.`)
  if (found.isDirectory())
    throw usageError(`${file} is a folder; give a file with one JSON object per line, or -.`)
  return createReadStream(file)
}
