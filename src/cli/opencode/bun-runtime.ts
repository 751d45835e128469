import { type ExitCode, exitCodes } from "../terminal/command-error.ts"
import type { Terminal } from "../terminal/terminal.ts"
import { findBun, findOpenCode } from "./find-opencode.ts"
import { spawnProgram } from "./spawn-program.ts"

/** Keeps a runtime that turns out not to be Bun after all from starting itself for ever. */
const guard = "UNDERSTUDY_CLI_ON_BUN"

export const runsOnBun = process.versions.bun !== undefined

/** Bun would first run what the project's `bunfig.toml` names. Windows has no such file to name instead. */
export const withoutBunfig: readonly string[] = process.platform === "win32" ? [] : ["--config=/dev/null"]

/**
 * Runs this very command again on Bun: the `bun` on the PATH, or the one inside OpenCode, which every user has
 * (`BUN_BE_BUN=1`; tried with 1.18.33). Input and output are handed through.
 *
 * @param chosen the OpenCode binary, when one was named
 * @returns what it ended with, or `undefined` when there is no Bun or it is running already
 */
export async function runAgainOnBun(terminal: Terminal, chosen?: string): Promise<ExitCode | undefined> {
  const script = process.argv[1]
  if (runsOnBun || terminal.env[guard] !== undefined || script === undefined) return undefined
  const bun = await findBun(terminal)
  const program = bun ?? (await findOpenCode(terminal, chosen))
  if (program === undefined) return undefined
  const env = { ...terminal.env, [guard]: "1", ...(bun === undefined && { BUN_BE_BUN: "1" }) }
  return new Promise((resolve) => {
    const args = [...withoutBunfig, script, ...process.argv.slice(2)]
    const child = spawnProgram(program, args, { env, stdio: "inherit" })
    // The terminal sends Ctrl-C to both; the child decides when it is over.
    process.on("SIGINT", () => undefined)
    child.on("error", () => resolve(undefined))
    child.on("close", (code) => resolve(readExitCode(code)))
  })
}

function readExitCode(code: number | null): ExitCode {
  return Object.values(exitCodes).find((known) => known === code) ?? exitCodes.unavailable
}
