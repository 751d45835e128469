import { spawn } from "node:child_process"

export type ProgramResult =
  | { readonly ok: true; readonly output: string }
  | { readonly ok: false; readonly why: string }

/** Bytes; the longest answer seen (all models of models.dev) has some ten megabytes. */
const mostOutput = 64 * 1024 * 1024

/**
 * Runs a program to its end and gives its standard output. Never rejects. What runs longer than `timeoutMs` is
 * ended for good.
 */
export function runProgram(
  file: string,
  args: readonly string[],
  options: {
    readonly directory: string
    readonly env: Readonly<Record<string, string | undefined>>
    readonly timeoutMs: number
  },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = []
    let bytes = 0
    let complaint = ""
    let isLate = false
    const child = spawn(file, [...args], {
      cwd: options.directory,
      // BUN_BE_BUN: set where we run on the Bun inside OpenCode; OpenCode itself would be a mere Bun with it.
      env: { ...options.env, PWD: options.directory, BUN_BE_BUN: undefined },
      stdio: ["ignore", "pipe", "pipe"],
      // Node refuses to start .cmd files without a shell; our arguments hold nothing that a shell would read.
      shell: file.endsWith(".cmd"),
      windowsHide: true,
    })
    const timer = setTimeout(() => {
      isLate = true
      child.kill("SIGKILL")
    }, options.timeoutMs)
    child.stdout.on("data", (piece: Buffer) => {
      bytes += piece.length
      if (bytes <= mostOutput) pieces.push(piece)
    })
    child.stderr.on("data", (piece: Buffer) => {
      complaint = (complaint + piece.toString()).slice(-2_000)
    })
    const end = (result: ProgramResult): void => {
      clearTimeout(timer)
      resolve(result)
    }
    child.on("error", (error) => end({ ok: false, why: error.message }))
    child.on("close", (code, signal) => {
      if (isLate) end({ ok: false, why: `no answer within ${options.timeoutMs / 1_000} s` })
      else if (code === 0) end({ ok: true, output: Buffer.concat(pieces).toString() })
      else end({ ok: false, why: `it ended with ${signal ?? `code ${code}`}${tellingLine(complaint)}` })
    })
  })
}

/** The line that says most: the first that speaks of an error, or the last one. */
function tellingLine(text: string): string {
  const lines = text.trim().split("\n")
  const line = lines.find((candidate) => /error/i.test(candidate)) ?? lines.at(-1) ?? ""
  return line.trim() === "" ? "" : `: ${line.trim().slice(0, 300)}`
}
