import { realpathSync } from "node:fs"
import { homedir, userInfo } from "node:os"
import { createInterface } from "node:readline"
import { stripVTControlCharacters } from "node:util"
import picocolors from "picocolors"
import type { Environment, User } from "../../config/this-user.ts"
import { withoutControls } from "../../config/without-controls.ts"
import type { JsonObject } from "../../core/json-object.ts"
import { CommandError } from "./command-error.ts"
import { wrapped } from "./wrapped.ts"

export type Colors = ReturnType<typeof picocolors.createColors>

/** The world of a command: what it was started in, and where it writes. Tests put their own in its place. */
export type Terminal = User & {
  /** The project folder. */
  readonly directory: string
  readonly now: () => number
  /** Writes to standard output as it is; nothing is added. */
  readonly write: (text: string) => void
  /** Prose on standard error: what is no result. */
  readonly note: (text: string) => void
  readonly colors: Colors
  /** How many characters go on a line; `undefined`: it is no terminal, and lines have no end. */
  readonly columns: number | undefined
  /** Whether a person sits in front of both standard input and standard output. */
  readonly isInteractive: boolean
  /** Asks a yes-or-no question; only where {@link Terminal.isInteractive}. */
  readonly confirm: (question: string) => Promise<boolean>
}

/** Enough to draw. */
export type Canvas = Pick<Terminal, "colors" | "columns">

/** Enough to find what the user's own folders hold. */
export type UserFolders = Pick<Terminal, "env" | "home">

/** Our own colours and movements of the cursor begin with ESC. */
const beyondOurs = /[\u007F-\u009F]/g

function print(stream: NodeJS.WritableStream, text: string): void {
  stream.write(withoutControls(text, beyondOurs))
}

export function processTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process
  return {
    env,
    directory: directoryOf(env["PWD"], process.cwd()),
    get home() {
      return homeOfSystem()
    },
    platform: process.platform,
    now: Date.now,
    write: (text) => print(stdout, text),
    note: (text) => {
      const shown = wantsColours(env, stderr.isTTY) ? text : stripVTControlCharacters(text)
      print(stderr, `${wrapped(shown, stderr.columns || undefined)}\n`)
    },
    colors: picocolors.createColors(wantsColours(env, stdout.isTTY)),
    // Asked anew each time: the window of a `--watch` may change.
    get columns() {
      // Terminals that do not know their size say 0.
      return stdout.columns || undefined
    },
    isInteractive: stdin.isTTY && stdout.isTTY,
    confirm: (question) => askYesNo(question, stdin, stdout),
  }
}

/** As for OpenCode, which has no HOME on Windows. A container may run as a user whom its system does not know. */
function homeOfSystem(): string {
  try {
    // Node takes an empty HOME for one, Bun does not.
    return homedir() || userInfo().homedir
  } catch {
    throw new CommandError("HOME is not set, and the system knows no home folder of this user: set HOME.")
  }
}

/** OpenCode goes by PWD, which keeps symbolic links; a program that starts us may have left an old one there. */
function directoryOf(pwd: string | undefined, cwd: string): string {
  if (pwd === undefined || pwd === "") return cwd
  try {
    return realpathSync(pwd) === realpathSync(cwd) ? pwd : cwd
  } catch {
    // PWD names a folder that is gone.
    return cwd
  }
}

/**
 * Not the library's own rule: that one also colours pipes on Windows and in CI, and output that another
 * program reads must be plain everywhere. `NO_COLOR`: https://no-color.org
 */
export function wantsColours(env: Environment, isTTY: boolean | undefined): boolean {
  if (env["NO_COLOR"]) return false
  if (env["FORCE_COLOR"] && env["FORCE_COLOR"] !== "0") return true
  return isTTY === true && env["TERM"] !== "dumb"
}

/** Asks a person; anything but a yes is a no, Ctrl-C and the end of the input, too. */
export function askYesNo(
  question: string,
  input: NodeJS.ReadableStream,
  output: NodeJS.WritableStream,
): Promise<boolean> {
  return new Promise((resolve) => {
    const lines = createInterface({ input, output })
    lines.once("close", () => resolve(false))
    lines.question(`${question} [y/N] `, (answer) => {
      resolve(/^y(es)?$/i.test(answer.trim()))
      lines.close()
    })
  })
}

/** Of all documents together; what it promises stands in docs/cli.md. */
export const jsonVersion = 1

/** A result for programs: one document, with the version of its shape in front; what is not known is null. */
export function writeJson(terminal: Pick<Terminal, "write">, result: JsonObject): void {
  const orNull = (_: string, value: unknown): unknown => value ?? null
  terminal.write(`${JSON.stringify({ version: jsonVersion, ...result }, orNull, 2)}\n`)
}

export function isoTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString()
}
