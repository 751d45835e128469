/** `npm run bench -- --peers`: the same failures met by OpenCode alone, by us and by other plugins. */
import Table from "cli-table3"
import opencodePackage from "opencode-ai/package.json" with { type: "json" }
import { findOpenCode2, release2 } from "../../../test/e2e/harness/opencode2/find-binary.ts"
import { contestants } from "./contestants.ts"
import { type Outcome, play } from "./play.ts"
import { situations } from "./situations.ts"

export async function printPeers(): Promise<void> {
  const opencode2 = await findOpenCode2()
  const all = await contestants()
  for (const host of [1, 2] as const) {
    const name = `OpenCode ${host === 1 ? opencodePackage.version : release2.version}`
    if (host === 2 && !opencode2.found) {
      console.log(`\n${name}: left out: ${opencode2.why}`)
      continue
    }
    const here = all.filter(({ hosts }) => hosts.includes(host))
    const table = new Table({ head: [name, ...here.map((one) => one.name)], style: { head: [], border: [] } })
    for (const situation of situations) {
      const cells: string[] = []
      for (const contestant of here) cells.push(cell(await play(contestant, host, situation)))
      table.push([situation.title, ...cells])
    }
    console.log(`\n${table.toString()}`)
  }
}

function cell({ switchMs, caller, prompts, toolRuns, toOwn }: Outcome): string {
  const facts = [
    ...(switchMs === undefined ? [] : [`next model after ${Math.round(switchMs)} ms`]),
    `caller: ${caller}`,
    ...(prompts === 1 ? [] : [`prompts in the history: ${prompts}`]),
    ...(toolRuns === 0 ? [] : [`tool ran ${toolRuns}×`]),
    `own model asked ${toOwn}×`,
  ]
  return facts.join("\n")
}
