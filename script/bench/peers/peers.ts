/** `npm run bench -- --peers`: the same failures met by OpenCode alone, by us and by other plugins. Some ten minutes. */
import opencodePackage from "opencode-ai/package.json" with { type: "json" }
import { findOpenCode2, release2 } from "../../../test/e2e/harness/opencode2/find-binary.ts"
import { contestants } from "./contestants.ts"
import { type Outcome, play } from "./play.ts"
import { situations } from "./situations.ts"

export async function printPeers(): Promise<void> {
  const opencode2 = await findOpenCode2()
  const all = await contestants()
  for (const host of [1, 2] as const) {
    console.log(`\nOpenCode ${host === 1 ? opencodePackage.version : release2.version}`)
    if (host === 2 && !opencode2.found) {
      console.log(`  left out: ${opencode2.why}`)
      continue
    }
    for (const situation of situations) {
      console.log(`  ${situation.title}`)
      for (const contestant of all.filter(({ hosts }) => hosts.includes(host)))
        console.log(`    ${contestant.name.padEnd(28)}${factsOf(await play(contestant, host, situation))}`)
    }
  }
}

function factsOf({ switchMs, caller, prompts, toolRuns, toOwn }: Outcome): string {
  return [
    `caller: ${caller}`.padEnd(21),
    (switchMs === undefined ? "no other model" : `next model ${Math.round(switchMs)} ms`).padEnd(20),
    `own model asked ${toOwn}×`,
    ...(prompts === 1 ? [] : [`${prompts} prompts in the history`]),
    ...(toolRuns === 0 ? [] : [`tool ran ${toolRuns}×`]),
  ].join("  ")
}
