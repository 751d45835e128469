import { readdir, stat } from "node:fs/promises"
import { join } from "node:path"
import { Simulator } from "../../test/simulator/index.ts"
import { REPOSITORY } from "../../test/e2e/harness/opencode-binary.ts"
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
    return opencode.startMs.ready
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

/** KiB of the entry that OpenCode's server loads, and of all files of `dist` that are JavaScript. */
export async function bundleKiB(): Promise<{ readonly entry: number; readonly all: number }> {
  const folder = join(REPOSITORY, "dist")
  const names = (await readdir(folder)).filter((name) => name.endsWith(".js"))
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size / 1024))
  const entry = sizes[names.indexOf("index.js")] ?? Number.NaN
  return { entry, all: sizes.reduce((sum, size) => sum + size, 0) }
}
