import { cpus, loadavg, totalmem } from "node:os"
import opencodePackage from "opencode-ai/package.json" with { type: "json" }
import { number } from "./print-row.ts"

/** Where and when a run was made: without that its figures say nothing. */
export function printMachine(): void {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 2 ** 30)
  console.log(`${new Date().toISOString().slice(0, 10)}, ${process.platform} ${process.arch}`)
  console.log(
    `${cpus().length} × ${cpu?.model ?? "unknown"}, ${memory} GiB; OpenCode ${opencodePackage.version}`,
  )
  const load = loadavg()[0] ?? 0
  const busy = load > cpus().length / 2 ? "; busy with other work: wall-clock figures below are too high" : ""
  console.log(`load at the start ${number(load)}${busy}`)
}
