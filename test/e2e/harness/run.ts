import { type Child, startChild } from "./child-process.ts"
import type { Home } from "./home.ts"
import { opencodeBinary } from "./opencode-binary.ts"

export interface RunOptions {
  readonly model?: string
  readonly agent?: string
  readonly format?: "default" | "json"
  /** Further arguments of `opencode run`, such as `["--session", id]`. */
  readonly args?: readonly string[]
  /** The process group is killed after this time; default 120,000. */
  readonly timeoutMs?: number
}

export interface RunResult {
  readonly stdout: string
  readonly stderr: string
  /** 137 after a kill. */
  readonly exitCode: number
  readonly durationMs: number
  readonly timedOut: boolean
}

/** One `opencode run`, from start to exit. */
export async function runOpencode(
  home: Home,
  message: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const command = [opencodeBinary(), "run", ...runFlags(options), ...message]
  await using child = startChild(command, { cwd: home.project, environment: home.environment })
  return await finished(child, options.timeoutMs)
}

/** What `opencode export` of OpenCode 1 prints. */
export async function exportSession(home: Home, id: string): Promise<unknown> {
  const options = { cwd: home.project, environment: home.environment }
  await using child = startChild([opencodeBinary(), "export", id], options)
  return JSON.parse((await finished(child)).stdout)
}

export function runFlags(options: RunOptions): readonly string[] {
  const flags = (["model", "agent", "format"] as const).flatMap((name) => {
    const value = options[name]
    return value === undefined ? [] : [`--${name}`, value]
  })
  return [...flags, ...(options.args ?? [])]
}

/** Waits for the end of a run, which comes by force after `timeoutMs`. */
export async function finished(child: Child, timeoutMs = 120_000): Promise<RunResult> {
  const startedMs = performance.now()
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    child.kill("SIGKILL")
  }, timeoutMs)
  const exitCode = await child.exited
  clearTimeout(timer)
  const durationMs = performance.now() - startedMs
  return { stdout: child.stdout(), stderr: child.stderr(), exitCode, durationMs, timedOut }
}
