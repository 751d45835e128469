import { startChild } from "../child-process.ts"
import type { Home } from "../home.ts"
import { finished, type RunOptions, type RunResult, runFlags } from "../run.ts"
import { binary2 } from "./find-binary.ts"

/**
 * One `opencode run` of OpenCode 2, from start to exit. With a server of its own: the background service that
 * `run` starts otherwise outlives it.
 */
export async function runOpenCode2(
  home: Home,
  message: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> {
  const command = [await binary2(), "run", "--standalone", ...runFlags(options), ...message]
  await using child = startChild(command, { cwd: home.project, environment: home.environment })
  return await finished(child, options.timeoutMs)
}
