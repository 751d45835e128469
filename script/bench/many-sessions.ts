/**
 * `node script/bun.mjs script/bench/many-sessions.ts [-- counts] [-- pairs]`: many sessions that ask at once, in pairs
 * of OpenCode alone and OpenCode with the plugin. Prints each pair's ratio, of the clock and of the processor:
 * on a busy machine only the second says something.
 */
import { cpuMsOf } from "./process-cpu.ts"
import { startSimulatedOpenCode, thisPlugin } from "../simulated-opencode.ts"
import { Simulator } from "../../test/simulator/index.ts"
import { median } from "./statistics.ts"

type Cost = { readonly wallMs: number; readonly cpuMs: number }

const [counts = "10,60", pairs = "3"] = process.argv.slice(2)
async function measure(plugins: readonly string[], sessions: number): Promise<Cost> {
  await using simulator = await Simulator.start()
  await using opencode = await startSimulatedOpenCode({
    origin: simulator.origin,
    plugins,
    agents: { build: { model: "local/one", fallbackModels: ["local/two"] } },
  })
  const all = await Promise.all(Array.from({ length: sessions }, () => opencode.session()))
  // The first turn loads what is loaded once.
  await (await opencode.session()).prompt("hello", { agent: "build" })
  const [startedAt, before] = [performance.now(), await cpuMsOf(opencode.pid)]
  await Promise.all(all.map((session) => session.prompt("hello", { agent: "build" })))
  return { wallMs: performance.now() - startedAt, cpuMs: (await cpuMsOf(opencode.pid)) - before }
}

for (const sessions of counts.split(",").map(Number)) {
  const ratios: Cost[] = []
  for (let pair = 0; pair < Number(pairs); pair += 1) {
    // In turn, the first of a pair once this and once that: what warms up must not favour one.
    const first = await measure(pair % 2 === 0 ? [] : [thisPlugin], sessions)
    const second = await measure(pair % 2 === 0 ? [thisPlugin] : [], sessions)
    const [alone, withUs] = pair % 2 === 0 ? [first, second] : [second, first]
    ratios.push({ wallMs: withUs.wallMs / alone.wallMs, cpuMs: withUs.cpuMs / alone.cpuMs })
  }
  for (const [what, key] of [
    ["clock", "wallMs"],
    ["CPU", "cpuMs"],
  ] as const) {
    const values = ratios.map((ratio) => ratio[key])
    console.log(
      `${sessions} sessions at once, ${what}: median ${median(values).toFixed(2)} (${values.map((value) => value.toFixed(2)).join(", ")})`,
    )
  }
}
