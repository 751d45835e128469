import { join } from "node:path"
import { Simulator } from "../../test/simulator/index.ts"
import { opencodeBinary, REPOSITORY } from "../../test/e2e/harness/opencode-binary.ts"
import { cpuMsOf } from "./process-cpu.ts"
import type { LoadCosts } from "./load-plugin.ts"
import { startSimulatedOpenCode, thisPlugin } from "../simulated-opencode.ts"

/** From the start of the process until its first project is up, by the clock and by the processor; milliseconds. */
export type Start = { readonly wallMs: number; readonly cpuMs: number }
/** One value for each start; the n-th of both were made one after the other. */
export type Starts = { readonly plain: readonly Start[]; readonly withPlugin: readonly Start[] }

/** Starts OpenCode in turn without and with the plugin, each time in a new home. */
export async function measureStarts(count: number, version: 1 | 2): Promise<Starts> {
  await using simulator = await Simulator.start()
  const start = async (plugins: readonly string[]): Promise<Start> => {
    await using opencode = await startSimulatedOpenCode({
      origin: simulator.origin,
      plugins,
      agents: { build: { model: "local/one", fallbackModels: ["local/two"] } },
      version,
    })
    return { wallMs: opencode.startMs, cpuMs: await cpuMsOf(opencode.pid) }
  }
  const starts = { plain: [] as Start[], withPlugin: [] as Start[] }
  for (let round = -1; round < count; round += 1) {
    // In turn, the first of a pair once this and once that: what warms up must not favour one.
    const first = await start(round % 2 === 0 ? [] : [thisPlugin])
    const second = await start(round % 2 === 0 ? [thisPlugin] : [])
    // The first round fills the caches of the file system.
    if (round < 0) continue
    starts.plain.push(round % 2 === 0 ? first : second)
    starts.withPlugin.push(round % 2 === 0 ? second : first)
  }
  return starts
}

/** What the plugin costs in a fresh process of OpenCode's own Bun, one value for each. */
export async function measureLoads(count: number): Promise<readonly LoadCosts[]> {
  const command = [opencodeBinary(), join(import.meta.dir, "load-plugin.ts")]
  const costs: LoadCosts[] = []
  for (let round = 0; round < count; round += 1) {
    const child = Bun.spawn(command, { env: { ...process.env, BUN_BE_BUN: "1" }, stdout: "pipe" })
    costs.push(JSON.parse(await new Response(child.stdout).text()) as LoadCosts)
  }
  return costs
}

/** KiB of the entry that OpenCode's server loads together with everything that it imports at once. */
export async function bundleKiB(): Promise<number> {
  const folder = join(REPOSITORY, "dist")
  const names = new Set(["index.js"])
  let bytes = 0
  for (const name of names) {
    const code = await Bun.file(join(folder, name)).text()
    bytes += Buffer.byteLength(code)
    for (const [, imported] of code.matchAll(/\b(?:from|import)\s*"\.\/([^"]+)"/g))
      if (imported !== undefined) names.add(imported)
  }
  return bytes / 1024
}
