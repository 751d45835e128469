import { Simulator } from "../../test/simulator/index.ts"
import { type Agent, startSimulatedOpenCode, type SimulatedOpenCode } from "../simulated-opencode.ts"
import type { Pair } from "./in-pairs.ts"
import { type InstalledPlugin, installedUnderstudy, noPlugin, refuseMissing } from "./installed-plugin.ts"

/** A real OpenCode with a provider of its own. */
export type Side = { readonly simulator: Simulator; readonly opencode: SimulatedOpenCode }

export type SideBySide = Pair<Side> & AsyncDisposable

/** OpenCode alone and OpenCode with the plugin; both are up for as long as this lives, and get their work in turn. */
export async function startSideBySide(setup: {
  readonly agents: Readonly<Record<string, Agent>>
  readonly version: 1 | 2
}): Promise<SideBySide> {
  await using cleanup = new AsyncDisposableStack()
  const start = async (plugin: InstalledPlugin): Promise<Side> => {
    const simulator = cleanup.use(await Simulator.start())
    const opencode = cleanup.use(
      await startSimulatedOpenCode({ ...setup, origin: simulator.origin, ...plugin }),
    )
    return { simulator, opencode }
  }
  const [alone, withUs] = [await start(noPlugin), await start(await installedUnderstudy(setup.version))]
  await refuseMissing(withUs.opencode)
  const kept = cleanup.move()
  return { alone, withUs, [Symbol.asyncDispose]: () => kept.disposeAsync() }
}

/** What was recorded of the work so far would fill the memory of this process, and slow both sides down. */
export function forgetRecords({ simulator, opencode }: Side): void {
  simulator.forgetRequests()
  opencode.events.all.length = 0
}
