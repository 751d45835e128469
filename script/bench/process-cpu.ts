/** By the clock and by the processor; milliseconds. */
export type Cost = { readonly wallMs: number; readonly cpuMs: number }

/** Of Linux; other systems have no `/proc`. */
const ticksPerSecond = 100

/** The processor's time that a process has used so far, its own and the system's for it. Milliseconds, in steps of 10. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await Bun.file(`/proc/${pid}/stat`).text()
  // Behind the program's name, which may hold blanks: user and system time are the 12th and 13th fields.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond
}

/** For how long what a process does behind an answer still counts, milliseconds. */
const afterwardsMs = 300

/** What a process spends on `run`, and in the moment behind it. */
export async function costOf(pid: number, run: () => Promise<unknown>): Promise<Cost> {
  const [startedAt, before] = [performance.now(), await cpuMsOf(pid)]
  await run()
  const wallMs = performance.now() - startedAt
  await Bun.sleep(afterwardsMs)
  return { wallMs, cpuMs: (await cpuMsOf(pid)) - before }
}

/** Memory of a process that is not swapped out, MiB. */
export async function memoryMiBOf(pid: number): Promise<number> {
  const status = await Bun.file(`/proc/${pid}/status`).text()
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024
}
