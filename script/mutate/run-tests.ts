import { constants, setPriority } from "node:os"

export type TestRun = {
  readonly result: "passed" | "failed" | "timed-out"
  readonly durationMs: number
  /** What the runner has written. */
  readonly report: string
}

export type TestLimits = {
  /** For each single test, milliseconds. */
  readonly testMs: number
  /** For all of them together: a mutant may loop without ever giving the runner a turn. Milliseconds. */
  readonly allMs: number
}

/** Runs test files of a copy of the project, up to the first failure, and lets everybody else go first. */
export async function runTests(
  copy: string,
  tests: readonly string[],
  { testMs, allMs }: TestLimits,
  more: readonly string[] = [],
): Promise<TestRun> {
  const startedAt = performance.now()
  const command = [process.execPath, "test", "--isolate", "--bail", "--timeout", String(Math.ceil(testMs))]
  const child = Bun.spawn([...command, ...more, ...tests.map((test) => `./${test}`)], {
    cwd: copy,
    stdout: "ignore",
    stderr: "pipe",
    killSignal: "SIGKILL",
    timeout: Math.ceil(allMs),
    // A group of its own, see `killGroup`.
    detached: true,
  })
  setPriority(child.pid, constants.priority.PRIORITY_BELOW_NORMAL)
  const reading = new Response(child.stderr).text()
  const isGood = (await child.exited) === 0
  const durationMs = performance.now() - startedAt
  killGroup(child.pid)
  const report = await reading
  const wasSlow = child.signalCode === "SIGKILL" || /this test timed out after \d+ms/.test(report)
  return { result: isGood ? "passed" : wasSlow ? "timed-out" : "failed", durationMs, report }
}

/** With `--bail` nothing is cleaned up: a server that a test has started would live on, and hold its report open. */
function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL")
  } catch {
    // All have ended.
  }
}
