import { mkdir, symlink, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { type Child, startChild } from "../harness/child-process.ts"
import type { Home } from "../harness/home.ts"
import { opencodeBinary, REPOSITORY } from "../harness/opencode-binary.ts"

export const CLI = join(REPOSITORY, "dist/cli.js")

/** What can run the built file: Node, Bun, and the Bun inside OpenCode. */
export const runtimes = ["node", "bun", "opencode"] as const
export type Runtime = (typeof runtimes)[number]

const node = Bun.which("node") ?? "node"

const commandOf = (runtime: Runtime): readonly string[] =>
  ({ node: [node], bun: [process.execPath], opencode: [opencodeBinary()] })[runtime]

export type CliResult = { readonly exitCode: number; readonly stdout: string; readonly stderr: string }

/** What is on the PATH: OpenCode, one that keeps its answers (the home must stay as it is between them), or none. */
type OnPath = "opencode" | "asked once" | "nothing"

/** The environment of a user who has OpenCode and Node on the PATH, and no Bun. */
export async function userEnvironment(
  home: Home,
  onPath: OnPath = "opencode",
): Promise<Readonly<Record<string, string>>> {
  const folder = join(home.path, `bin-with-${onPath.replace(" ", "-")}`)
  await mkdir(folder, { recursive: true })
  await link(node, join(folder, "node"))
  const program = join(folder, "opencode")
  if (onPath !== "nothing") await writeFile(program, keeping(onPath, folder), { mode: 0o755 })
  return { ...home.environment, PATH: `${folder}:/usr/bin:/bin` }
}

/** A start costs OpenCode a second of the processor and more, that for its version's name two thirds of one. */
function keeping(onPath: OnPath, folder: string): string {
  const kept = `'${folder}'/"kept$1"`
  return `#!/bin/sh
case "$1" in
--version${onPath === "asked once" ? "|models|--pure|agent" : ""})
  test -e ${kept} || '${opencodeBinary()}' "$@" > ${kept} || { rm ${kept}; exit 1; }
  exec cat ${kept} ;;
*) exec '${opencodeBinary()}' "$@" ;;
esac
`
}

async function link(target: string, path: string): Promise<void> {
  await symlink(target, path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
  })
}

function startCli(
  runtime: Runtime,
  args: readonly string[],
  options: { readonly cwd: string; readonly environment: Readonly<Record<string, string>> },
): Child {
  const environment =
    runtime === "opencode" ? { ...options.environment, BUN_BE_BUN: "1" } : options.environment
  return startChild([...commandOf(runtime), CLI, ...args], { cwd: options.cwd, environment })
}

/** Runs the built command line in a home of its own, with pipes in the place of a terminal. */
export async function runCli(
  runtime: Runtime,
  home: Home,
  args: readonly string[],
  environment?: Readonly<Record<string, string>>,
): Promise<CliResult> {
  const env = environment ?? (await userEnvironment(home))
  await using child = startCli(runtime, args, { cwd: home.project, environment: env })
  const exitCode = await child.exited
  return { exitCode, stdout: child.stdout(), stderr: child.stderr() }
}

/** Writes files below the config folder: path → text. */
export async function configure(home: Home, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(home.config, path)
    await mkdir(dirname(file), { recursive: true })
    await Bun.write(file, text)
  }
}

/** Two providers that nobody can reach: enough to be connected. */
export const providers = `"enabled_providers": ["alpha", "beta"],
  "provider": {
    "alpha": { "npm": "@ai-sdk/openai-compatible", "options": { "baseURL": "http://127.0.0.1:9/v1", "apiKey": "k" },
      "models": { "one": { "tool_call": true }, "two": { "tool_call": true } } },
    "beta": { "npm": "@ai-sdk/openai-compatible", "options": { "baseURL": "http://127.0.0.1:9/v1", "apiKey": "k" },
      "models": { "two": { "tool_call": true } } }
  }`
