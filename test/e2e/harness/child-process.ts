import { type ChildProcess, spawn } from "node:child_process"
import { afterOurEnd } from "./after-our-end.ts"

/** A process in a process group of its own, so that nothing it started outlives it. */
export interface Child extends AsyncDisposable {
  readonly pid: number
  readonly process: ChildProcess
  stdout(): string
  stderr(): string
  /** Exit code; 128 + signal number if a signal ended it. */
  readonly exited: Promise<number>
  /** Signals the whole group. */
  kill(signal: "SIGTERM" | "SIGKILL"): void
}

/** Ends the group with this process at the latest; returns the function that ends it now. Both may find it gone. */
export function ownGroup(pid: number): () => void {
  const callOff = afterOurEnd('kill -KILL "-$0"', String(pid))
  return () => {
    killGroup(pid, "SIGKILL")
    callOff()
  }
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 }

/** ESRCH is the aim reached: the group is gone already. */
function killGroup(pid: number, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    process.kill(-pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error
  }
}

export interface ChildOptions {
  readonly cwd: string
  readonly environment: Readonly<Record<string, string>>
}

export function startChild(command: readonly string[], options: ChildOptions): Child {
  const [file = "", ...args] = command
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  })
  const pid = child.pid
  if (pid === undefined) throw new Error(`Cannot start ${file}`)
  const endGroup = ownGroup(pid)
  const output = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (piece: string) => {
      output[name] += piece
    })
  }
  const exited = new Promise<number>((resolve) => {
    // `close`, not `exit`: the pipes are drained by then.
    child.on("close", (code, signal) => {
      resolve(code ?? 128 + (SIGNAL_NUMBERS[signal ?? ""] ?? 0))
    })
  })
  return {
    pid,
    process: child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exited,
    kill: (signal) => killGroup(pid, signal),
    [Symbol.asyncDispose]: () => stop(pid, exited, endGroup),
  }
}

/** SIGTERM, and after a second SIGKILL; what is left of the group goes with it. */
async function stop(pid: number, exited: Promise<unknown>, endGroup: () => void): Promise<void> {
  killGroup(pid, "SIGTERM")
  const hard = setTimeout(endGroup, 1_000)
  await exited
  clearTimeout(hard)
  endGroup()
}
