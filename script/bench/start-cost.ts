import { join } from "node:path"
import { opencodeBinary, REPOSITORY } from "../../test/e2e/harness/opencode-binary.ts"
import { Simulator } from "../../test/simulator/index.ts"
import { startSimulatedOpenCode } from "../simulated-opencode.ts"
import { inPairs, type Pair } from "./in-pairs.ts"
import { installedPlugin, installedUnderstudy, noPlugin, refuseMissing } from "./installed-plugin.ts"
import type { LoadCosts } from "./load-plugin.ts"
import { type Cost, cpuMsOf } from "./process-cpu.ts"

/**
 * OpenCode from the start of its process until its first project is up, each time in a new home, with the plugin
 * installed by its name. What it is compared with has no plugin, or one that does nothing, installed as well: OpenCode 2
 * loads its half of the plugin interface for the first of them.
 */
export async function measureStarts(
  count: number,
  version: 1 | 2,
  beside: "no plugin" | "an empty plugin",
): Promise<readonly Pair<Cost>[]> {
  await using simulator = await Simulator.start()
  const plugins = {
    alone:
      beside === "no plugin"
        ? noPlugin
        : await installedPlugin(join(import.meta.dir, "empty-plugin"), version),
    withUs: await installedUnderstudy(version),
  }
  const start = async (which: keyof Pair<Cost>): Promise<Cost> => {
    await using opencode = await startSimulatedOpenCode({
      origin: simulator.origin,
      ...plugins[which],
      agents: { build: { model: "local/one", fallbackModels: ["local/two"] } },
      version,
    })
    const cost = { wallMs: opencode.startMs, cpuMs: await cpuMsOf(opencode.pid) }
    if (which === "withUs") await refuseMissing(opencode)
    return cost
  }
  // The first pair fills the caches of the file system.
  const [, ...pairs] = await inPairs(count + 1, start)
  return pairs
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
