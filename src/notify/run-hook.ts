export type RunHook = (task: {
  readonly command: readonly [string, ...string[]]
  /** Goes to standard input, which is then closed. */
  readonly input: string
  /** After this many milliseconds the program and what it started are killed. */
  readonly longestMs: number
}) => Promise<string | undefined>

/**
 * Runs a program without a shell reading any of it, and throws its output away.
 *
 * @returns what went wrong, in words that follow the program's name; never rejects
 */
export const runHook: RunHook = async ({ command, input, longestMs }) => {
  const { spawn } = await import("node:child_process")
  return new Promise((resolve) => {
    // In a group of its own, so that it can be killed with what it has started, and outlives `opencode run`.
    const hasGroup = process.platform !== "win32"
    const [program, ...args] = hasGroup ? watched(command, longestMs) : command
    const child = spawn(program, args, {
      stdio: ["pipe", "ignore", "ignore"],
      detached: hasGroup,
      windowsHide: true,
    })
    const timer = setTimeout(() => {
      kill(hasGroup ? child.pid : undefined, () => child.kill("SIGKILL"))
      resolve(`took longer than ${longestMs / 1_000} s and was killed`)
    }, longestMs)
    timer.unref()
    child.unref()
    child.once("error", (error) => {
      clearTimeout(timer)
      resolve(`could not be started: ${error.message}`)
    })
    child.once("exit", (code, signal) => {
      clearTimeout(timer)
      resolve(code === 0 ? undefined : howItEnded(code, signal))
    })
    // A program that does not read its input is no failure.
    child.stdin.on("error", () => undefined)
    child.stdin.end(input)
  })
}

/**
 * Looks each second whether the leader of its group, which it becomes the program, is still there, and kills the
 * group when its time is over. `$1` are the seconds, the rest is the program with its arguments.
 */
const watch =
  '(n=$1; while [ "$n" -gt 0 ]; do sleep 1; kill -0 $$ || exit; n=$((n - 1)); done; kill -s KILL -- -$$)' +
  ' </dev/null >/dev/null 2>&1 & shift; exec "$@"'

/** The same program beside a watch of its own: our timer ends with OpenCode, which need not be there so long. */
function watched(command: readonly string[], longestMs: number): [string, ...string[]] {
  // A second later than our timer, which can say in the log what has become of the program.
  const seconds = Math.ceil(longestMs / 1_000) + 1
  return ["/bin/sh", "-c", watch, "sh", String(seconds), ...command]
}

/** What a shell says of a program that is not there or may not be run. */
const notRun: ReadonlySet<number | null> = new Set([126, 127])

function howItEnded(code: number | null, signal: string | null): string {
  const how = code === null ? String(signal) : `exit code ${code}`
  return notRun.has(code) ? `could not be started, or not all that it runs (${how})` : `ended with ${how}`
}

/** The group's number is that of its first process. */
function kill(group: number | undefined, otherwise: () => void): void {
  try {
    if (group === undefined) otherwise()
    else process.kill(-group, "SIGKILL")
  } catch {
    // It has ended in the meantime.
  }
}
