import { readdir } from "node:fs/promises"
import { join } from "node:path"
import { closedPort, type ProtocolName, Simulator } from "../../simulator/index.ts"
import { type Chain, ChainPool, makeChains } from "./chains.ts"
import { type Home, makeHome } from "./home.ts"
import { writeConfig } from "./host-config.ts"
import type { HostOptions } from "./host-options.ts"
import { FAMILY, POOL_SIZE } from "./providers.ts"
import { runOpencode, type RunOptions, type RunResult } from "./run.ts"

/** A home, a simulator and a config that brings the two together; no OpenCode runs yet. */
export interface Workplace extends AsyncDisposable {
  readonly home: Home
  readonly simulator: Simulator
  /** An agent whose chain has these protocols; no other scenario gets its models. */
  chain(...protocols: readonly ProtocolName[]): Chain
  /** Models that no other scenario gets, without an agent or a chain; protocols in turn. */
  models(count: number, protocols?: readonly ProtocolName[]): readonly string[]
  /** `opencode run …message` in this home. */
  run(message: readonly string[], options?: RunOptions): Promise<RunResult>
  /** OpenCode's log files. */
  logs(): Promise<string>
}

export async function makeWorkplace(options: HostOptions = {}): Promise<Workplace> {
  await using cleanup = new AsyncDisposableStack()
  const simulator = cleanup.use(await Simulator.start())
  const home = cleanup.use(await makeHome(options.environment))
  const chains = makeChains(options)
  const closed = `http://127.0.0.1:${await closedPort()}`
  await writeConfig(home, options, chains, { live: simulator.origin, closed })
  const pool = new ChainPool(chains)
  const kept = cleanup.move()
  return {
    home,
    simulator,
    chain: (...protocols) => pool.take(protocols),
    models: modelPool(),
    run: (message, runOptions) => runOpencode(home, message, runOptions),
    logs: () => readLogs(home),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

function modelPool(): Workplace["models"] {
  const taken = new Map<ProtocolName, number>()
  return (count, protocols = ["chat"]) =>
    Array.from({ length: count }, (_, index) => {
      const protocol = protocols[index % protocols.length] ?? "chat"
      const number = (taken.get(protocol) ?? 0) + 1
      if (number > POOL_SIZE) throw new Error(`All ${POOL_SIZE} pool models of ${protocol} are taken`)
      taken.set(protocol, number)
      return `${FAMILY[protocol]}/m${number}`
    })
}

async function readLogs(home: Home): Promise<string> {
  const folder = join(home.data, "log")
  const names = await readdir(folder).catch(() => [])
  const files = await Promise.all(names.map((name) => Bun.file(join(folder, name)).text()))
  return files.join("\n")
}
