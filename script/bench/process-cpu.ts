/** Of Linux; other systems have no `/proc`. */
const ticksPerSecond = 100

/** The processor's time that a process has used so far, its own and the system's for it. Milliseconds, in steps of 10. */
export async function cpuMsOf(pid: number): Promise<number> {
  const stat = await Bun.file(`/proc/${pid}/stat`).text()
  // Behind the program's name, which may hold blanks: user and system time are the 12th and 13th fields.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond
}
