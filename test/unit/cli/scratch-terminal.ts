import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import picocolors from "picocolors"
import { createProgram } from "../../../src/cli/program.ts"
import { CommandError } from "../../../src/cli/terminal/command-error.ts"
import type { Terminal } from "../../../src/cli/terminal/terminal.ts"

export type Scratch = AsyncDisposable & {
  readonly home: string
  readonly project: string
  readonly terminal: Terminal
  readonly path: (name: string) => string
  readonly text: (name: string) => Promise<string>
  /** Runs a command as `understudy` would; what stands on standard error comes behind the output. */
  readonly run: (...args: readonly string[]) => Promise<{ readonly exitCode: number; readonly said: string }>
}

/**
 * A home folder of its own with these files in OpenCode's config folder (those that begin with `~/` in the home
 * folder itself), a project in it, and a terminal that nobody sits in front of. No OpenCode is there.
 */
export async function scratch(
  files: Readonly<Record<string, string>>,
  change: Partial<Terminal> = {},
): Promise<Scratch> {
  const home = await mkdtemp(join(tmpdir(), "understudy-scratch-"))
  const project = join(home, "project")
  const path = (name: string): string =>
    name.startsWith("~/") ? join(home, name.slice(2)) : join(home, ".config/opencode", name)
  await mkdir(project)
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(path(name)), { recursive: true })
    await writeFile(path(name), text)
  }
  let said = ""
  const terminal: Terminal = {
    env: {},
    directory: project,
    home,
    platform: "linux",
    now: () => 0,
    write: (text) => void (said += text),
    note: (text) => void (said += `${text}\n`),
    colors: picocolors.createColors(false),
    columns: undefined,
    isInteractive: false,
    confirm: () => Promise.resolve(false),
    ...change,
  }
  return {
    home,
    project,
    terminal,
    path,
    text: (name) => Bun.file(path(name)).text(),
    run: async (...args) => {
      said = ""
      try {
        const exitCode = await createProgram(terminal).run(args)
        return { exitCode, said }
      } catch (error) {
        if (error instanceof CommandError) return { exitCode: error.exitCode, said: said + error.message }
        throw error
      }
    },
    [Symbol.asyncDispose]: () => rm(home, { recursive: true }),
  }
}
