export type TellProgram = (task: {
  readonly command: readonly [string, ...string[]]
  /** Goes to standard input, which is then closed. */
  readonly input: string
  /** After this many milliseconds the program and what it started are killed. */
  readonly longestMs: number
}) => Promise<string | undefined>

/**
 * Runs a program without a shell and throws its output away.
 *
 * @returns what went wrong, in words that follow the program's name; never rejects
 */
export const tellProgram: TellProgram = async ({ command: [program, ...args], input, longestMs }) => {
  const { spawn } = await import("node:child_process")
  return new Promise((resolve) => {
    // In a group of its own, so that it can be killed with what it has started, and outlives `opencode run`.
    const hasGroup = process.platform !== "win32"
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
      resolve(code === 0 ? undefined : `ended with ${code === null ? String(signal) : `exit code ${code}`}`)
    })
    // A program that does not read its input is no failure.
    child.stdin.on("error", () => undefined)
    child.stdin.end(input)
  })
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
