import { spawnSync } from "node:child_process"

export type MemoryCurve = {
  /** Resident memory of the process in MB, sampled twice a second. */
  readonly samplesMb: readonly number[]
}

/** Watches the resident memory of a process until `end` is called. */
export function memoryOf(pid: number): { readonly end: () => MemoryCurve } {
  const samplesMb: number[] = []
  const timer = setInterval(() => {
    const { stdout } = spawnSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" })
    const kilobytes = Number(stdout.trim())
    if (kilobytes > 0) samplesMb.push(Math.round(kilobytes / 1_024))
  }, 500)
  return {
    end: () => {
      clearInterval(timer)
      return { samplesMb }
    },
  }
}

/**
 * Growth in MB from the second quarter to the last: the first is the start of the process, and the lowest value of
 * each is what is left when the garbage has been collected.
 */
export function growthMb({ samplesMb }: MemoryCurve): number {
  const quarter = Math.floor(samplesMb.length / 4)
  const lowest = (from: number): number => Math.min(...samplesMb.slice(from, from + quarter))
  return quarter === 0 ? 0 : lowest(quarter * 3) - lowest(quarter)
}
