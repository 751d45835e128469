import { startChild } from "./child-process.ts"
import type { Home } from "./home.ts"
import { opencodeBinary } from "./opencode-binary.ts"

export interface RunOptions {
  readonly model?: string
  readonly agent?: string
  readonly format?: "default" | "json"
  /** Further arguments of `opencode run`, such as `["--session", id]`. */
  readonly args?: readonly string[]
  /** The process group is killed after this time; default 30,000. */
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
  const flags = (["model", "agent", "format"] as const).flatMap((name) => {
    const value = options[name]
    return value === undefined ? [] : [`--${name}`, value]
  })
  const startedMs = performance.now()
  const command = [opencodeBinary(), "run", ...flags, ...(options.args ?? []), ...message]
  await using child = startChild(command, { cwd: home.project, environment: home.environment })
  let timedOut = false
  const timer = setTimeout(() => {
    timedOut = true
    child.kill("SIGKILL")
  }, options.timeoutMs ?? 30_000)
  const exitCode = await child.exited
  clearTimeout(timer)
  const durationMs = performance.now() - startedMs
  return { stdout: child.stdout(), stderr: child.stderr(), exitCode, durationMs, timedOut }
}
