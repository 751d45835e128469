import { type FileHandle, open, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { reasonOf } from "../../config/reason-of.ts"
import type { Environment } from "../../config/this-user.ts"
import { makeTemporaryFolder } from "../terminal/temporary-folder.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { spawnProgram } from "./spawn-program.ts"

/** `notes`: the end of what it wrote to standard error. */
type ProgramResult =
  | { readonly ok: true; readonly output: string; readonly notes: string }
  | { readonly ok: false; readonly why: string; readonly notes: string }

type ProgramOptions = {
  readonly directory: string
  readonly env: Environment
  readonly timeoutMs: number
  /** Run OpenCode as the Bun that is inside it. */
  readonly asBun?: boolean
  /** For its standard input; what is the user's own goes here: arguments can be read by everybody on the machine. */
  readonly input?: string
}

/** Bytes; the longest answer seen (all models of models.dev) has some ten megabytes. */
const mostOutput = 64 * 1024 * 1024

/**
 * Runs a program to its end and gives its standard output. Never rejects. What runs longer than `timeoutMs` is
 * ended for good.
 *
 * The output goes into a temporary file that only we can read, never through a pipe: OpenCode leaves before a slow
 * reader has emptied a pipe, and the rest of its answer is lost (measured: 47 to 113 of 114 models).
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> {
  const folder = await makeTemporaryFolder("understudy-")
  if (!folder.ok) return { ...folder, notes: "" }
  try {
    return await inFileOf(folder.value, async (output) => {
      const { why, notes } = await runInto(output, file, args, options)
      return why === undefined
        ? { ok: true, output: await readAll(output), notes }
        : { ok: false, why, notes }
    })
  } catch (error) {
    return { ok: false, why: `its answer could not be kept in ${tmpdir()}: ${reasonOf(error)}`, notes: "" }
  }
}

/** In a file of this folder, which goes with it. */
async function inFileOf<Result>(folder: string, use: (file: FileHandle) => Promise<Result>): Promise<Result> {
  try {
    await using file = await open(join(folder, "output"), "wx+", 0o600)
    // Its name at once: it may hold keys, and nobody would remove it after Ctrl+C. On Windows an open file keeps it.
    await rm(folder, { recursive: true, force: true }).catch(() => undefined)
    return await use(file)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** @returns why it failed, `undefined` when it did not */
function runInto(
  output: FileHandle,
  file: string,
  args: readonly string[],
  { directory, env, timeoutMs, asBun, input }: ProgramOptions,
): Promise<{ readonly why: string | undefined; readonly notes: string }> {
  return new Promise((resolve) => {
    let complaint = ""
    let isLate = false
    const child = spawnProgram(file, args, {
      cwd: directory,
      env: { ...askedEnvironment({ env, directory }), ...(asBun && { BUN_BE_BUN: "1" }) },
      stdio: [input === undefined ? "ignore" : "pipe", output.fd, "pipe"],
      windowsHide: true,
    })
    const timer = setTimeout(() => {
      isLate = true
      child.kill("SIGKILL")
    }, timeoutMs)
    // Whoever leaves without reading it says why by how it ends.
    child.stdin?.on("error", () => undefined).end(input)
    child.stderr?.on("data", (piece: Buffer) => {
      complaint = (complaint + piece.toString()).slice(-2_000)
    })
    // OpenCode 1 colours its errors in a pipe, too.
    const plain = (): string => stripVTControlCharacters(complaint)
    const end = (why: string | undefined): void => {
      clearTimeout(timer)
      resolve({ why, notes: plain() })
    }
    child.on("error", (error) => end(reasonOf(error)))
    child.on("close", (code, signal) => {
      if (isLate) end(`no answer within ${timeoutMs / 1_000} s`)
      else end(code === 0 ? undefined : `it ended with ${signal ?? `code ${code}`}${tellingLine(plain())}`)
    })
  })
}

async function readAll(output: FileHandle): Promise<string> {
  const { size } = await output.stat()
  const bytes = Buffer.alloc(Math.min(size, mostOutput))
  const { bytesRead } = await output.read(bytes, 0, bytes.length, 0)
  return bytes.subarray(0, bytesRead).toString()
}

/** The line that says most: the first that speaks of an error, or the last one. */
function tellingLine(text: string): string {
  const lines = text.trim().split("\n")
  const line = lines.find((candidate) => /error/i.test(candidate)) ?? lines.at(-1) ?? ""
  return line.trim() === "" ? "" : `: ${line.trim().slice(0, 300)}`
}

/**
 * The environment of an OpenCode that is asked. Before it answers, OpenCode 1 installs what it misses from npm's
 * registry; npm tries one that cannot be reached for a minute and a half (1.18.33). Once is enough here: its next start
 * tries again.
 */
export function askedEnvironment({ env, directory }: Pick<Terminal, "env" | "directory">): NodeJS.ProcessEnv {
  return {
    npm_config_fetch_retries: "0",
    npm_config_fetch_timeout: "15000",
    ...env,
    PWD: directory,
    // Set where we run on the Bun inside OpenCode; OpenCode itself would be a mere Bun with it.
    BUN_BE_BUN: undefined,
  }
}
