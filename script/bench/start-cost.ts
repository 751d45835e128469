import { join } from "node:path"
import { Simulator } from "../../test/simulator/index.ts"
import { opencodeBinary, REPOSITORY } from "../../test/e2e/harness/opencode-binary.ts"
import type { LoadCosts } from "./load-plugin.ts"
import { startSimulatedOpenCode, thisPlugin } from "../simulated-opencode.ts"

/** Milliseconds from the start of the process to its first project instance, one value for each start. */
export type StartTimes = { readonly plain: readonly number[]; readonly withPlugin: readonly number[] }

/** Starts OpenCode in turn without and with the plugin, each time in a new home. */
export async function measureStarts(count: number): Promise<StartTimes> {
  await using simulator = await Simulator.start()
  const start = async (plugins: readonly string[]): Promise<number> => {
    await using opencode = await startSimulatedOpenCode({
      origin: simulator.origin,
      plugins,
      agents: { build: { model: "local/one", fallbackModels: ["local/two"] } },
    })
    return opencode.startMs
  }
  const times = { plain: [] as number[], withPlugin: [] as number[] }
  for (let round = -1; round < count; round += 1) {
    const [plain, withPlugin] = [await start([]), await start([thisPlugin])]
    // The first round fills the caches of the file system.
    if (round < 0) continue
    times.plain.push(plain)
    times.withPlugin.push(withPlugin)
  }
  return times
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
