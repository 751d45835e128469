import { constants, createReadStream } from "node:fs"
import { access, stat } from "node:fs/promises"
import { createInterface } from "node:readline"
import { reasonOf } from "../../config/reason-of.ts"
import { usageError } from "../command-error.ts"

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
